import assert from "node:assert/strict";
import { test } from "node:test";
import { linePath, roundTop, Series } from "../../static/js/ui/shared/call/line-chart.js";

const BOX = { width: 100, height: 50, from: 0, to: 1000, top: 10 };

test("a line goes from left to right, its top is the upper edge", () => {
  assert.equal(
    linePath(
      [
        { at: 0, value: 0 },
        { at: 500, value: 5 },
        { at: 1000, value: 10 },
      ],
      BOX,
    ),
    "M0 50L50 25L100 0",
  );
  assert.equal(linePath([{ at: 1000, value: 99 }], BOX), "M100 0", "never above the box");
});

test("what was not measured is a gap", () => {
  const points = [
    { at: 0, value: 10 },
    { at: 250, value: null },
    { at: 500, value: 10 },
    { at: 750, value: 10 },
  ];
  assert.equal(linePath(points, BOX), "M0 0M50 0L75 0");
});

test("a series remembers its span only", () => {
  const series = new Series(1000);
  for (let at = 0; at <= 3000; at += 500) series.push(at, at);
  assert.deepEqual(
    series.points.map(({ at }) => at),
    [2000, 2500, 3000],
  );
  assert.equal(series.max, 3000);
});

test("the scale ends at a round number", () => {
  assert.deepEqual(
    [3, 100, 101, 480, 510].map((value) => roundTop(value, 100)),
    [100, 100, 200, 500, 1000],
  );
});
