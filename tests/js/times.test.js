import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { offer } from "../../static/js/ui/customer/times-device.js";

/** A part of the page, as much of it as the module needs. */
class Part {
  constructor(when) {
    this.dataset = { when };
    this.hidden = false;
  }
}

let section;
let said;
let here;

beforeEach(() => {
  said = [];
  const parts = ["off", "on", "failed"].map((when) => new Part(when));
  section = { hidden: true, dataset: {}, parts, querySelectorAll: () => parts };
  here = {
    standing: () => "ask",
    allow: async () => true,
    subscribe: async () => ({ endpoint: "https://push/1", keys: {} }),
  };
});

const shown = () => section.parts.filter((part) => !part.hidden).map((part) => part.dataset.when);
const keep = async (subscription) => {
  said.push(subscription?.endpoint ?? null);
};

test("a browser that can be told is offered, told of, and taken back", async () => {
  const press = offer(section, here, keep);
  assert.deepEqual([section.hidden, shown()], [false, ["off"]]);
  await press(true);
  assert.deepEqual([said, shown()], [["https://push/1"], ["on"]]);
  await press(false);
  assert.deepEqual([said, shown()], [["https://push/1", null], ["off"]]);
});

test("one that was chosen before says so", () => {
  section.dataset.on = "";
  offer(section, here, keep);
  assert.deepEqual(shown(), ["on"]);
});

test("one that cannot be told is offered nothing", () => {
  here.standing = () => "unsupported";
  assert.equal(offer(section, here, keep), undefined);
  assert.equal(section.hidden, true);
});

test("a refusal, of the person or the server, says that the e-mail comes", async () => {
  here.allow = async () => false;
  await offer(section, here, keep)(true);
  assert.deepEqual([said, shown()], [[], ["off", "failed"]]);
  here.allow = async () => true;
  const press = offer(section, here, async () => {
    throw new Error("answered 422");
  });
  await press(true);
  assert.deepEqual(shown(), ["off", "failed"]);
});
