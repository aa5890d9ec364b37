import assert from "node:assert/strict";
import { test } from "node:test";
import { RecoveryMachine, SAMPLE_MS } from "../../static/js/rtc/recovery.js";

/** Feeds samples every 500 ms and notes what the machine asks for, with the time since the media stopped. */
class Line {
  now = 0;
  bytes = 0;
  asked = [];
  #stoppedAt = 0;

  constructor({ polite = false } = {}) {
    this.machine = new RecoveryMachine({ polite, now: 0 });
  }

  flow(ms, sample = {}) {
    for (let passed = 0; passed < ms; passed += SAMPLE_MS) {
      this.bytes += 1000;
      this.#step(sample);
    }
    this.#stoppedAt = this.now;
    return this;
  }

  silence(ms, sample = {}) {
    for (let passed = 0; passed < ms; passed += SAMPLE_MS) this.#step(sample);
    return this;
  }

  #step(sample) {
    this.now += SAMPLE_MS;
    const action = this.machine.step({
      now: this.now, bytes: this.bytes, connection: "connected", expectsMedia: true, canSignal: true, peerAway: false, ...sample,
    });
    if (action) this.asked.push([action, this.now - this.#stoppedAt]);
  }
}

test("flowing media asks for nothing", () => {
  const line = new Line().flow(60_000);
  assert.equal(line.machine.state, "flowing");
  assert.deepEqual(line.asked, []);
});

test("the steps come at 1, 2 and 6 s, then at 10 s and every 6 s", () => {
  const line = new Line().flow(2000).silence(23_000);
  assert.deepEqual(line.asked, [["probe", 1000], ["restart", 2000], ["restart", 6000], ["rebuild", 10_000], ["rebuild", 16_000], ["rebuild", 22_000]]);
  assert.equal(line.machine.state, "hold");
});

test("15 s without media is a hold", () => {
  const line = new Line().flow(2000).silence(14_500);
  assert.equal(line.machine.state, "rebuilding");
  line.silence(500);
  assert.equal(line.machine.state, "hold");
});

test("media that comes back ends it at once, and the next gap starts anew", () => {
  const line = new Line().flow(2000).silence(3000).flow(500);
  assert.equal(line.machine.state, "flowing");
  assert.equal(line.machine.attempts, 0);
  line.asked = [];
  line.flow(1000).silence(2000);
  assert.deepEqual(line.asked, [["probe", 1000], ["restart", 2000]]);
});

test("a short gap is only suspected", () => {
  const line = new Line().flow(2000).silence(1500).flow(2000);
  assert.deepEqual(line.asked, [["probe", 1000]]);
});

test("no offer is made while the socket is in doubt; it follows as soon as that is settled", () => {
  const line = new Line().flow(2000).silence(5000, { canSignal: false });
  assert.deepEqual(line.asked, [["probe", 1000]]);
  line.silence(500);
  assert.deepEqual(line.asked.at(-1), ["restart", 5500]);
});

test("no offer is made to a peer that is away", () => {
  const line = new Line().flow(2000).silence(12_000, { peerAway: true });
  assert.deepEqual(line.asked, [["probe", 1000]]);
});

test("`failed` restarts at once", () => {
  const line = new Line().flow(2000).silence(500, { connection: "failed" });
  assert.deepEqual(line.asked, [["restart", 500]]);
});

test("an own change of network skips the doubt", () => {
  const line = new Line().flow(2000);
  line.machine.networkChanged();
  line.silence(500);
  assert.deepEqual(line.asked, [["restart", 500]]);
});

test("the polite side lets the other one begin", () => {
  const line = new Line({ polite: true }).flow(2000).silence(4000);
  assert.deepEqual(line.asked, [["probe", 1000], ["restart", 2500]]);
});

test("where no media is expected, silence is no fault", () => {
  const line = new Line().flow(2000).silence(20_000, { expectsMedia: false });
  assert.deepEqual(line.asked, []);
});

test("a page that slept gets a fresh second before it doubts", () => {
  const line = new Line().flow(2000);
  line.now += 40_000;
  line.silence(500);
  assert.deepEqual(line.asked, []);
});

test("a call that never came up is rebuilt after 10 s", () => {
  const line = new Line().silence(17_000, { connection: "connecting" });
  assert.deepEqual(line.asked, [["rebuild", 10_000], ["rebuild", 16_000]]);
  assert.equal(line.machine.state, "setup");
});
