import assert from "node:assert/strict";
import { test } from "node:test";
import { followFloor } from "../../static/js/app/floor/follow.js";

function floor_() {
  /** @type {(() => void)[]} */
  const waiting = [];
  const seen = { now: true };
  /** @type {(string|null)[]} */
  const answers = [];
  /** @type {(string|boolean)[]} */
  const did = [];
  followFloor({
    ask: async () => answers.shift() ?? null,
    draw: (rows) => did.push(rows),
    tell: (isLate) => did.push(isLate),
    isSeen: () => seen.now,
    wait: (then) => waiting.push(then),
  });
  const pass = async () => {
    waiting.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { waiting, seen, answers, did, pass };
}

test("the floor is drawn again and again, one question at a time", async () => {
  const { waiting, answers, did, pass } = floor_();
  answers.push("first", "second");
  await pass();
  await pass();
  assert.deepEqual(did, ["first", false, "second", false]);
  assert.equal(waiting.length, 1);
});

test("a page that hears nothing says so, until it hears again", async () => {
  const { answers, did, pass } = floor_();
  for (let n = 0; n < 3; n++) await pass();
  assert.deepEqual(did, [false, false, true]);
  answers.push("rows");
  await pass();
  assert.deepEqual(did.slice(3), ["rows", false]);
});

test("a page that nobody sees asks nothing", async () => {
  const { seen, did, pass, waiting } = floor_();
  seen.now = false;
  await pass();
  assert.deepEqual([did, waiting.length], [[], 1]);
});
