import assert from "node:assert/strict";
import { test } from "node:test";
import { answersOf } from "../../static/js/ui/console/board/answers.js";
import { readBoard } from "../../static/js/ui/console/board/board-model.js";

test("whatever a frame brings, only answers are shown, and not without end", () => {
  const order = { key: "order", kind: "text", value: "A-1", label: "Order" };
  for (const none of [undefined, null, 7, "x", {}, [null, 7, "x", [], { key: 5 }]])
    assert.deepEqual(answersOf(none), []);
  assert.deepEqual(answersOf([order, null]), [order]);
  assert.equal(answersOf(Array.from({ length: 500 }, () => order)).length, 20);
  const board = readBoard({ waiting: [{ conversation: "c1", answers: [order] }, { conversation: "c2" }] }, 0);
  assert.deepEqual(
    board.waiting.map(({ answers }) => answers),
    [[order], []],
  );
});
