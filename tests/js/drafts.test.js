import assert from "node:assert/strict";
import { test } from "node:test";
import { Drafts } from "../../static/js/core/drafts.js";
import { memoryStore } from "../../static/js/core/storage.js";

test("a draft survives a reload, and is gone once the line is sent", () => {
  const store = memoryStore();
  new Drafts(store).keep("c1", "yarım kal");
  assert.equal(new Drafts(store).of("c1"), "yarım kal");
  new Drafts(store).keep("c1", "");
  assert.equal(new Drafts(store).of("c1"), "");
  assert.equal(store.get("draft"), null);
});

test("no other conversation gets it, and it does not come back after one", () => {
  const store = memoryStore();
  const drafts = new Drafts(store);
  drafts.keep("c1", "yalnız size");
  assert.equal(drafts.of("c2"), "");
  assert.equal(drafts.of("c1"), "");
});

test("what stands in the storage is not believed", () => {
  for (const junk of ["", "{", "null", "5", "[]", '["c1"]', '["c1",5]', '[null,"x"]', '{"0":"c1","1":"x"}']) {
    const store = memoryStore();
    store.set("draft", junk);
    assert.equal(new Drafts(store).of("c1"), "", junk);
  }
});

test("a paste without end is cut, and a full storage harms nothing", () => {
  const store = memoryStore();
  new Drafts(store).keep("c1", "x".repeat(1e6));
  assert.equal(new Drafts(store).of("c1").length, 20_000);
  const full = {
    ...memoryStore(),
    set: () => {
      throw new DOMException("full", "QuotaExceededError");
    },
  };
  new Drafts(full).keep("c1", "x");
});
