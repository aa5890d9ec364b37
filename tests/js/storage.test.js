import assert from "node:assert/strict";
import { test } from "node:test";
import { openStore } from "../../static/js/core/storage.js";

test("values live under a prefix", () => {
  const values = new Map();
  const storage = {
    setItem: (k, v) => values.set(k, v),
    getItem: (k) => values.get(k) ?? null,
    removeItem: (k) => values.delete(k),
  };
  const store = openStore("x.", () => storage);
  store.set("token", "t");
  assert.deepEqual([...values], [["x.token", "t"]]);
  assert.equal(store.get("token"), "t");
  assert.ok(store.persistent);
  store.remove("token");
  assert.equal(store.get("token"), null);
});

test("where the browser forbids storage, memory serves and says so", () => {
  const store = openStore("x.", () => {
    throw new DOMException("denied", "SecurityError");
  });
  store.set("token", "t");
  assert.equal(store.get("token"), "t");
  assert.equal(store.persistent, false);
});
