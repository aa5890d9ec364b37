import assert from "node:assert/strict";
import { test } from "node:test";

import {
  judgeCheck,
  longestWait,
  MAX_ROWS,
  parseMoment,
  planKeys,
  readBoard,
  talkedSeconds,
  urgency,
  waitedSeconds,
} from "../../static/js/ui/console/board/board-model.js";

const frame = {
  waiting: [
    { conversation: "a", name: "Ayşe", topic: "İade", media: "video", site: "Mağaza", position: 1, waited_s: 100 },
    { conversation: "b", name: "Bora", position: 2, waited_s: 20, device_check: { microphone: false } },
  ],
  active: [{ conversation: "c", operator: "Deniz", customer: "Can", since: 1_700_000_000_000 }],
  waiting_total: 7,
};

test("waiting times run on from what the server said", () => {
  const board = readBoard(frame, 50_000);
  assert.equal(waitedSeconds(board.waiting[0], 53_000), 103);
  assert.equal(longestWait(board, 60_000), 110);
  assert.equal(talkedSeconds(board.active[0], 1_700_000_005_000, 2000), 7);
  assert.deepEqual(
    board.waiting.map(({ site }) => site),
    ["Mağaza", ""],
  );
});

test("a row says the department before the site, and the board which departments there are", () => {
  const board = readBoard(
    {
      waiting: [
        { conversation: "a", line: "Satış", site: "Mağaza" },
        { conversation: "b", line: "Satış" },
      ],
      lines: [{ key: "sales", name: "Satış" }, { key: "tech" }, { name: "no key" }, null],
    },
    0,
  );
  assert.deepEqual(
    board.waiting.map(({ site }) => site),
    ["Satış · Mağaza", "Satış"],
  );
  assert.deepEqual(board.lines, [
    { key: "sales", name: "Satış" },
    { key: "tech", name: "tech" },
  ]);
  assert.deepEqual(readBoard(frame, 0).lines, []);
});

test("the total counts those whose rows were cut", () => {
  assert.equal(readBoard(frame, 0).waitingTotal, 7);
  assert.equal(readBoard(frame, 0).waitingMine, 7, "without departments all are everybody's");
  assert.equal(readBoard({ ...frame, waiting_mine: 2 }, 0).waitingMine, 2);
  const many = Array.from({ length: 300 }, (_, n) => ({ conversation: `m${n}` }));
  const board = readBoard({ waiting: many, active: [] }, 0);
  assert.equal(board.waiting.length, MAX_ROWS);
  assert.equal(board.waitingTotal, 300);
});

test("one's own conversation is marked by its id, else by the name", () => {
  assert.equal(readBoard(frame, 0, "Deniz", "c").active[0].mine, true);
  assert.equal(readBoard(frame, 0, "Deniz", "x").active[0].mine, false);
  assert.equal(readBoard(frame, 0, "Deniz", null).active[0].mine, true);
  assert.equal(readBoard(frame, 0, "Selin", null).active[0].mine, false);
});

test("a board of nonsense is an empty board", () => {
  for (const bad of [undefined, null, {}, { waiting: "x", active: 3 }, { waiting: [null, 1, {}], active: [[]] }]) {
    const board = readBoard(bad, 0);
    assert.deepEqual([board.waiting.length, board.active.length, board.waitingTotal], [0, 0, 0]);
  }
});

test("the device check is summed up to one mark", () => {
  assert.equal(judgeCheck(undefined), "none");
  assert.equal(judgeCheck({ microphone: true, camera: true, turn: [] }), "ok");
  assert.equal(judgeCheck({ microphone: "denied", camera: "ok" }), "warning");
  assert.equal(judgeCheck({ microphone: "ok", camera: "skipped" }), "ok");
  assert.equal(judgeCheck({ microphone: "quiet", camera: "ok" }), "warning");
  assert.equal(judgeCheck({ microphone: "ok", turn: [{ ok: false }, { ok: true }] }), "ok");
  assert.equal(judgeCheck({ microphone: "ok", turn: [{ ok: false }, { ok: false }] }), "warning");
});

test("moments come as milliseconds, seconds or text", () => {
  assert.equal(parseMoment(1_700_000_000_000), 1_700_000_000_000);
  assert.equal(parseMoment(1_700_000_000), 1_700_000_000_000);
  assert.equal(parseMoment("2026-01-01T00:00:00Z"), Date.UTC(2026, 0, 1));
  assert.equal(parseMoment(null), null);
  assert.equal(parseMoment("soon"), null);
});

test("a wait grows more urgent after two and five minutes", () => {
  assert.deepEqual([0, 119, 120, 299, 300].map(urgency), [0, 0, 1, 1, 2]);
});

/**
 * @param {string[]} present
 * @param {string[]} wanted
 */
function carryOut(present, wanted) {
  const plan = planKeys(present, wanted);
  const order = present.filter((key) => !plan.remove.includes(key));
  for (const { key, after } of plan.place) {
    const old = order.indexOf(key);
    if (old !== -1) order.splice(old, 1);
    order.splice(after === null ? 0 : order.indexOf(after) + 1, 0, key);
  }
  return { order, moves: plan.place.length };
}

test("rows that stay are not touched", () => {
  assert.deepEqual(planKeys(["a", "b", "c"], ["a", "b", "c"]), { remove: [], place: [] });
  assert.deepEqual(planKeys(["a", "b", "c"], ["b", "c"]), { remove: ["a"], place: [] });
  assert.deepEqual(planKeys(["b", "c"], ["b", "c", "d"]), { remove: [], place: [{ key: "d", after: "c" }] });
});

test("any order can be reached from any other", () => {
  let seed = 7;
  const random = (/** @type {number} */ n) => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    return seed % n;
  };
  for (let round = 0; round < 300; round += 1) {
    const draw = () => [...new Set(Array.from({ length: random(9) }, () => String.fromCharCode(97 + random(9))))];
    const [present, wanted] = [draw(), draw()];
    assert.deepEqual(carryOut(present, wanted).order, wanted, `${present} → ${wanted}`);
  }
});
