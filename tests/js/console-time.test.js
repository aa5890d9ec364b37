import assert from "node:assert/strict";
import { mock, test } from "node:test";

import {
  elapsedSeconds,
  formatDuration,
  isoSeconds,
  remainingSeconds,
  Ticker,
} from "../../static/js/ui/console/time.js";

test("a duration is minutes and seconds, with hours only when there are any", () => {
  assert.equal(formatDuration(0), "00:00");
  assert.equal(formatDuration(75.9), "01:15");
  assert.equal(formatDuration(3671), "1:01:11");
  assert.equal(formatDuration(-3), "00:00");
  assert.equal(formatDuration(Number.NaN), "00:00");
  assert.equal(isoSeconds(75.9), "PT1M15S");
});

test("elapsed and remaining time follow the server's clock", () => {
  const offset = 60_000; // the browser is a minute behind
  assert.equal(elapsedSeconds(1_000_000, 950_000, offset), 10);
  assert.equal(remainingSeconds(1_030_000, 950_000, offset), 20);
  assert.equal(remainingSeconds(1_000_000, 950_000, offset), 0);
  assert.equal(elapsedSeconds(null, 950_000, offset), 0);
  assert.equal(elapsedSeconds(2_000_000, 950_000, offset), 0);
});

test("the ticker strikes on the second and rests when nobody listens", () => {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 10_400 });
  const ticker = new Ticker();
  /** @type {number[]} */
  const heard = [];
  const stop = ticker.onSecond((now) => heard.push(now));
  mock.timers.tick(600);
  mock.timers.tick(1000);
  assert.deepEqual(heard, [11_000, 12_000]);
  stop();
  mock.timers.tick(5000);
  assert.equal(heard.length, 2);
  mock.timers.reset();
});
