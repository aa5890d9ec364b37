import assert from "node:assert/strict";
import { test } from "node:test";
import { ReconnectPolicy, racePolicy } from "../../static/js/core/backoff.js";

const middle = () => 0.5;

test("delays rise and the last one repeats", () => {
  const policy = new ReconnectPolicy({ delaysMs: [100, 300, 1000], random: middle });
  assert.deepEqual(
    [0, 1, 2, 3, 50].map((attempt) => policy.delay(attempt)),
    [100, 300, 1000, 1000, 1000],
  );
});

test("jitter goes both ways and stays in its share", () => {
  const delays = [0, 0.999].map((value) =>
    new ReconnectPolicy({ delaysMs: [1000], jitter: 0.2, random: () => value }).delay(0),
  );
  assert.deepEqual(delays, [800, 1200]);
});

test("what the server asked for is never undercut, and spread", () => {
  const at = (value) => new ReconnectPolicy({ random: () => value }).delay(0, 10);
  assert.equal(at(0), 10_000);
  assert.equal(at(0.999), 14_995);
});

test("a raced socket is tried at once, then at 0.3, 0.8, 2 and 3 s", () => {
  const policy = racePolicy();
  policy.random = middle;
  assert.deepEqual(
    [0, 1, 2, 3, 4, 9].map((attempt) => policy.delay(attempt)),
    [0, 300, 800, 2000, 3000, 3000],
  );
});
