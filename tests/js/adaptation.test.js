import assert from "node:assert/strict";
import { test } from "node:test";
import { Ladder, RUNGS, videoEncoding, wanted } from "../../static/js/rtc/adaptation.js";

const GOOD = { available_kbps: 3000, loss_pct: 0, uplink_loss_pct: 0, concealed_pct: 0, rtt_ms: 50 };

/** @param {Ladder} ladder @param {number} seconds @param {object} [conditions] @returns {number[]} rungs entered, with the second */
function feed(ladder, seconds, conditions = {}) {
  const moves = [];
  for (let second = 1; second <= seconds; second++) {
    if (ladder.step({ ...GOOD, ...conditions })) moves.push([second, ladder.rung, ladder.reason]);
  }
  return moves;
}

test("conditions call for a rung, with the reason", () => {
  assert.deepEqual(wanted(GOOD), { rung: 0, reason: null });
  assert.deepEqual(wanted({ ...GOOD, available_kbps: 900 }), { rung: 1, reason: "bandwidth" });
  assert.deepEqual(wanted({ ...GOOD, uplink_loss_pct: 10 }), { rung: 2, reason: "loss" });
  assert.deepEqual(wanted({ ...GOOD, available_kbps: 200 }), { rung: 3, reason: "bandwidth" });
  assert.deepEqual(wanted({ ...GOOD, concealed_pct: 6 }), { rung: 4, reason: "concealment" });
  assert.deepEqual(wanted({ ...GOOD, rtt_ms: 700 }), { rung: 4, reason: "delay" });
  assert.deepEqual(wanted({ ...GOOD, available_kbps: 30 }), { rung: 6, reason: "bandwidth" });
  assert.deepEqual(
    wanted({ available_kbps: null, loss_pct: null, uplink_loss_pct: null, concealed_pct: null, rtt_ms: null }),
    { rung: 0, reason: null },
  );
});

test("down after three bad seconds of five, not after two", () => {
  const ladder = new Ladder();
  feed(ladder, 10);
  assert.deepEqual(feed(ladder, 2, { available_kbps: 400 }), []);
  feed(ladder, 5);
  assert.deepEqual(feed(ladder, 3, { available_kbps: 400 }), [[3, 2, "bandwidth"]]);
});

test("up one rung at a time, each after 15 clean seconds", () => {
  const ladder = new Ladder();
  feed(ladder, 10);
  feed(ladder, 3, { available_kbps: 200 });
  assert.equal(ladder.rung, 3);
  assert.deepEqual(feed(ladder, 45), [
    [15, 2, "recovered"],
    [30, 1, "recovered"],
    [45, 0, "recovered"],
  ]);
});

test("a bad second in between starts the count again", () => {
  const ladder = new Ladder();
  feed(ladder, 10);
  feed(ladder, 3, { uplink_loss_pct: 4 });
  feed(ladder, 14);
  feed(ladder, 1, { uplink_loss_pct: 4 });
  assert.deepEqual(feed(ladder, 14), []);
  assert.deepEqual(feed(ladder, 1), [[1, 0, "recovered"]]);
});

test("the estimate that still climbs at the start of a call is not believed", () => {
  assert.deepEqual(feed(new Ladder(), 8, { available_kbps: 300 }), []);
});

test("the margin keeps a rung at its border", () => {
  const ladder = new Ladder();
  feed(ladder, 10);
  feed(ladder, 3, { available_kbps: 900 });
  assert.deepEqual(feed(ladder, 40, { available_kbps: 1050 }), []);
  assert.deepEqual(feed(ladder, 15, { available_kbps: 1200 }), [[15, 0, "recovered"]]);
});

test("from audio only the way up does not wait for an estimate that nothing feeds", () => {
  const ladder = new Ladder();
  feed(ladder, 10);
  feed(ladder, 3, { concealed_pct: 9 });
  assert.equal(ladder.rung, 4);
  const moves = feed(ladder, 15, { available_kbps: 90 });
  assert.deepEqual(moves, [[15, 3, "recovered"]]);
});

test("a line that is crowded has no room for redundancy, nor soon for short packets; losses alone keep both", () => {
  const ladder = new Ladder();
  feed(ladder, 10);
  assert.deepEqual(feed(ladder, 9, { rtt_ms: 700 }), [
    [3, 5, "delay"],
    [6, 6, "delay"],
  ]);
  assert.deepEqual(feed(ladder, 5, { rtt_ms: 700 }), [], "there is nothing below");
  const choked = new Ladder();
  feed(choked, 10);
  assert.deepEqual(feed(choked, 9, { concealed_pct: 40 }), [
    [3, 4, "concealment"],
    [6, 5, "concealment"],
    [9, 6, "concealment"],
  ]);
  const far = new Ladder();
  assert.deepEqual(feed(far, 12, { rtt_ms: 700 }), [[3, 4, "delay"]], "a long way is no queue");
  const lossy = new Ladder();
  feed(lossy, 10);
  assert.deepEqual(feed(lossy, 20, { concealed_pct: 9, uplink_loss_pct: 30 }), [[3, 4, "concealment"]]);
});

test("a rung that could not be held is tried again later and later", () => {
  const ladder = new Ladder();
  feed(ladder, 10);
  feed(ladder, 3, { available_kbps: 900 });
  const tries = [];
  for (let round = 0; round < 3; round++) {
    tries.push(feed(ladder, 200).at(0)?.[0]);
    feed(ladder, 3, { available_kbps: 900 });
  }
  assert.deepEqual(tries, [15, 15, 15], "it was held for minutes each time");
  const falls = () => feed(ladder, 3, { available_kbps: 900 });
  assert.deepEqual(feed(ladder, 15), [[15, 0, "recovered"]]);
  falls();
  assert.deepEqual(feed(ladder, 30), [[30, 0, "recovered"]]);
  falls();
  assert.deepEqual(feed(ladder, 60), [[60, 0, "recovered"]]);
});

test("a try that is heard ends at its first bad sample, where it came from; one that is not has its three", () => {
  const ladder = new Ladder();
  feed(ladder, 10);
  feed(ladder, 6, { rtt_ms: 700 });
  feed(ladder, 30);
  assert.deepEqual(feed(ladder, 1, { rtt_ms: 700 }), [[1, 6, "delay"]]);
  assert.deepEqual(feed(ladder, 60), [[60, 5, "recovered"]]);
  feed(ladder, 11);
  assert.deepEqual(feed(ladder, 3, { rtt_ms: 700 }), [[3, 6, "delay"]], "held, it is none any more");
  const seen = new Ladder();
  feed(seen, 10);
  feed(seen, 3, { available_kbps: 900 });
  feed(seen, 15);
  assert.deepEqual(feed(seen, 3, { available_kbps: 900 }), [[3, 1, "bandwidth"]]);
});

test("a thin line on which nothing arrives any more goes to the last rung at once, a good one stays", () => {
  const ladder = new Ladder();
  feed(ladder, 10);
  assert.equal(ladder.choke(), false);
  feed(ladder, 3, { concealed_pct: 9 });
  assert.equal(ladder.choke(), false, "packets are lost, but none queues");
  feed(ladder, 1, { concealed_pct: 9, rtt_ms: 250 });
  assert.equal(ladder.choke(), true);
  assert.deepEqual([ladder.rung, ladder.reason], [6, "delay"]);
});

test("where packets queue a little already, more sound is tried later", () => {
  const ladder = new Ladder();
  feed(ladder, 10);
  feed(ladder, 6, { rtt_ms: 700 });
  assert.deepEqual(feed(ladder, 60, { rtt_ms: 150 }), [[60, 5, "recovered"]]);
});

test("an estimate that only the sound feeds holds nobody down, and a new picture gives it time to climb", () => {
  const ladder = new Ladder();
  feed(ladder, 10);
  feed(ladder, 6, { rtt_ms: 700 });
  assert.equal(ladder.rung, 6);
  const moves = feed(ladder, 83, { available_kbps: 40 });
  assert.deepEqual(moves, [
    [30, 5, "recovered"],
    [60, 4, "recovered"],
    [75, 3, "recovered"],
  ]);
  assert.deepEqual(feed(ladder, 3, { available_kbps: 40 }), [[3, 5, "bandwidth"]]);
});

test("a rung as encoding parameters, never scaled up", () => {
  assert.deepEqual(videoEncoding(RUNGS[2], 720), {
    active: true,
    maxBitrate: 350_000,
    maxFramerate: 15,
    scaleResolutionDownBy: 2,
  });
  assert.equal(videoEncoding(RUNGS[0], 480).scaleResolutionDownBy, 1);
  assert.deepEqual(videoEncoding(RUNGS[4], 720), { active: false });
});
