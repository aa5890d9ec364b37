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
      now: this.now,
      bytes: this.bytes,
      connection: "connected",
      expectsMedia: true,
      canSignal: true,
      heardAt: this.now,
      hasRelay: true,
      peerAway: false,
      ...sample,
    });
    if (action) this.asked.push([action, this.now - this.#stoppedAt]);
  }
}

test("flowing media asks for nothing", () => {
  const line = new Line().flow(60_000);
  assert.equal(line.machine.state, "healthy");
  assert.deepEqual(line.asked, []);
});

test("the steps come at 0.5, 2 and 6 s, then rebuilds from 10 s on, each with more time than the one before", () => {
  const line = new Line().flow(2000).silence(40_000);
  assert.deepEqual(line.asked, [
    ["probe", 500],
    ["restart", 2000],
    ["restart-relay", 6000],
    ["rebuild", 10_000],
    ["rebuild", 16_000],
    ["rebuild", 25_000],
    ["rebuild", 38_000],
  ]);
  assert.equal(line.machine.state, "hold");
});

test("15 s without media is a hold", () => {
  const line = new Line().flow(2000).silence(14_500);
  assert.equal(line.machine.state, "rebuild");
  line.silence(500);
  assert.equal(line.machine.state, "hold");
});

test("media that comes back ends it at once, and the next gap starts anew", () => {
  const line = new Line().flow(2000).silence(3000).flow(500);
  assert.equal(line.machine.state, "healthy");
  assert.equal(line.machine.attempts, 0);
  line.asked = [];
  line.flow(1000).silence(2000);
  assert.deepEqual(line.asked, [
    ["probe", 500],
    ["restart", 2000],
  ]);
});

test("a short gap is only suspected", () => {
  const line = new Line().flow(2000).silence(1500).flow(2000);
  assert.deepEqual(line.asked, [["probe", 500]]);
});

test("no offer is made while the socket is silent; a new one is raced each second, and the restart follows its welcome at once", () => {
  const line = new Line().flow(2000).silence(19_500, { heardAt: 0 });
  assert.deepEqual(line.asked.slice(0, 3), [
    ["probe", 500],
    ["resignal", 1500],
    ["resignal", 2500],
  ]);
  assert.ok(line.asked.slice(1).every(([action]) => action === "resignal"));
  assert.equal(line.machine.state, "hold");
  line.silence(500);
  assert.deepEqual(line.asked.at(-1), ["restart", 20_000]);
  line.flow(500);
  assert.equal(line.machine.state, "healthy");
});

test("a socket that goes silent between two attempts is asked again before the next one", () => {
  const line = new Line().flow(2000).silence(2000);
  const heardAt = line.now;
  line.silence(5000, { heardAt });
  assert.deepEqual(line.asked.map(([action]) => action).slice(0, 3), ["probe", "restart", "probe"]);
  assert.ok(!line.asked.some(([action]) => action === "restart-relay"));
});

test("only signaling down: media flows and nothing is tried", () => {
  const line = new Line().flow(30_000, { heardAt: 0, canSignal: false });
  assert.deepEqual(line.asked, []);
});

test("without a relay the second try is a plain restart again", () => {
  const line = new Line().flow(2000).silence(6000, { hasRelay: false });
  assert.deepEqual(line.asked, [
    ["probe", 500],
    ["restart", 2000],
    ["restart", 6000],
  ]);
});

test("after its end nothing is tried", () => {
  const line = new Line().flow(2000);
  line.machine.end();
  assert.deepEqual(line.silence(20_000).asked, []);
});

test("no offer is made to a peer that is away", () => {
  const line = new Line().flow(2000).silence(12_000, { peerAway: true });
  assert.ok(!line.asked.some(([action]) => action.startsWith("re")));
});

test("`failed` restarts as soon as the socket has answered", () => {
  const line = new Line().flow(2000).silence(1000, { connection: "failed" });
  assert.deepEqual(line.asked, [
    ["probe", 500],
    ["restart", 1000],
  ]);
});

test("an own change of network skips the doubt", () => {
  const line = new Line().flow(2000);
  line.machine.networkChanged(line.now);
  line.silence(500, { heardAt: 0 }).silence(500);
  assert.deepEqual(
    line.asked,
    [
      ["resignal", 500],
      ["restart", 1000],
    ],
    "first a new socket, then over it the restart",
  );
});

test("a change of network restarts even if media still trickles in", () => {
  const line = new Line().flow(2000);
  line.machine.networkChanged(line.now);
  line.flow(1000);
  assert.deepEqual(
    line.asked.map(([action]) => action),
    ["restart"],
  );
  assert.equal(line.machine.state, "healthy");
});

test("the polite side lets the other one begin", () => {
  const line = new Line({ polite: true }).flow(2000).silence(4000);
  assert.deepEqual(line.asked, [
    ["probe", 500],
    ["restart", 2500],
  ]);
});

test("where no media is expected, silence is no fault", () => {
  const line = new Line().flow(2000).silence(20_000, { expectsMedia: false });
  assert.deepEqual(line.asked, []);
});

test("a page that slept asks its socket at once, and restarts a second later", () => {
  const line = new Line().flow(2000);
  line.now += 40_000;
  line.silence(2000);
  assert.deepEqual(
    line.asked.map(([action]) => action),
    ["probe", "restart"],
  );
  assert.equal(line.machine.reason, "wake");
});

test("a call that never came up is rebuilt after 10 s", () => {
  const line = new Line().silence(17_000, { connection: "connecting" });
  assert.deepEqual(line.asked, [
    ["rebuild", 10_000],
    ["rebuild", 16_000],
  ]);
  assert.equal(line.machine.state, "setup");
});

test("media that flows is healthy whatever the browser's states say: a restart asked for is no gap", () => {
  const line = new Line().flow(2000);
  line.flow(12_000, { connection: "connecting", up: true });
  line.flow(12_000, { connection: "failed", up: true });
  assert.deepEqual(line.asked, []);
  assert.equal(line.machine.state, "healthy");
});

test("bytes of a connection that sets itself up are no media yet", () => {
  const line = new Line().flow(2000).silence(10_500);
  assert.deepEqual(line.asked.at(-1), ["rebuild", 10_000]);
  line.flow(1000, { connection: "connecting", up: false });
  assert.equal(line.machine.state, "rebuild");
});

test("an offer that nobody has answered is waited for", () => {
  const line = new Line().flow(2000).silence(2000);
  line.silence(62_000, { offeredAt: line.now });
  assert.deepEqual(line.asked, [
    ["probe", 500],
    ["restart", 2000],
    ["restart-relay", 62_000],
  ]);
});

test("what both sides agreed on gets its time, however late the answer came", () => {
  const line = new Line().flow(2000).silence(2000);
  line.silence(9000, { offeredAt: line.now });
  line.machine.negotiated(line.now);
  line.silence(3500);
  assert.deepEqual(line.asked.at(-1), ["restart", 2000]);
  line.silence(500);
  assert.deepEqual(line.asked.at(-1), ["restart-relay", 15_000]);
});

test("a socket that comes back lifts every deadline, and the steps begin anew", () => {
  const line = new Line().flow(2000).silence(11_000);
  assert.equal(line.asked.at(-1)[0], "rebuild");
  line.machine.signalingBack(line.now);
  line.silence(500);
  assert.deepEqual(line.asked.at(-1), ["restart", 11_500]);
});

test("a peer that comes back is offered to at once", () => {
  const line = new Line().flow(2000).silence(20_000, { peerAway: true });
  line.machine.signalingBack(line.now);
  line.silence(500);
  assert.deepEqual(
    line.asked.map(([action]) => action),
    ["probe", "restart"],
  );
});

test("a socket that comes back does not disturb paths that were just agreed on", () => {
  const line = new Line().flow(2000).silence(9000);
  line.machine.negotiated(line.now);
  line.machine.signalingBack(line.now + 100);
  const before = line.asked.length;
  line.silence(3500);
  assert.equal(line.asked.length, before);
});

test("the browser's own count of silence is more exact than the samples", () => {
  const line = new Line().flow(2000, { quietMs: 300 });
  line.silence(500, { quietMs: 800 });
  assert.deepEqual(line.asked, [["probe", 500]]);
  line.silence(500, { quietMs: 1300 });
  assert.equal(line.machine.state, "suspect");
});

test("the count of another pair that the browser turns to is no packet", () => {
  const line = new Line().flow(2000).silence(3000, { quietMs: 3000 });
  line.bytes = 500;
  line.silence(500, { quietMs: 9000 });
  assert.notEqual(line.machine.state, "healthy");
  line.silence(4000, { quietMs: 9000 });
  assert.deepEqual(
    line.asked.map(([action]) => action),
    ["probe", "restart", "restart-relay"],
  );
  line.flow(500, { quietMs: 20 });
  assert.equal(line.machine.state, "healthy");
});
