import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Typing } from "../../static/js/ui/shared/chat/typing.js";

test("typing is told when it begins, every three seconds while it lasts, and when it is over", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    let now = 0;
    /** @type {[number, boolean][]} */
    const told = [];
    const typing = new Typing(
      (on) => told.push([now, on]),
      () => now,
    );
    const pass = (/** @type {number} */ ms) => {
      now += ms;
      mock.timers.tick(ms);
    };
    typing.set(false);
    assert.deepEqual(told, [], "nothing was told, so nothing is over");
    for (let key = 0; key < 8; key += 1) {
      typing.set(true);
      pass(500);
    }
    assert.deepEqual(told, [
      [0, true],
      [3000, true],
    ]);
    for (let half = 0; half < 6; half += 1) pass(500);
    assert.deepEqual(told.at(-1), [6500, false], "three seconds after the last key");
    typing.set(true);
    typing.set(false);
    typing.set(true);
    assert.deepEqual(
      told.slice(3).map(([, on]) => on),
      [true, false, true],
      "each change at once",
    );
  } finally {
    mock.timers.reset();
  }
});
