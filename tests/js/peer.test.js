import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { Peer } from "../../static/js/rtc/negotiation/peer.js";
import { FakeConnection, read } from "./fakes/peer-connection.js";

/** Numbers that look random and are the same each time: a failing round can be run again by its seed. */
function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Two peers over a channel that keeps the order of each direction, as the mailbox does. */
class Pair {
  frames = [];
  underWay = 0;
  errors = [];
  #open = [];

  constructor({ random = () => 0, impolite = {}, polite = {} } = {}) {
    this.random = random;
    this.impolite = this.make("impolite", { polite: false, initiate: true, ...impolite });
    this.polite = this.make("polite", { polite: true, initiate: false, ...polite });
  }

  make(name, options) {
    let line = Promise.resolve();
    const peer = new Peer({
      gen: 0,
      kinds: ["audio", "video"],
      iceServers: [],
      createConnection: (configuration) => new FakeConnection(configuration),
      signal: (type, fields) => {
        this.frames.push({ from: name, type, ...fields });
        const frame = structuredClone(fields);
        // A frame goes to whoever is the other side when it arrives: pages are reloaded.
        this.underWay += 1;
        line = line
          .then(() => wait(this.random() * 3))
          .then(() => {
            this.underWay -= 1;
            const receiver = name === "polite" ? this.impolite : this.polite;
            if (type === "rtc:description") receiver.receiveDescription(frame);
            else receiver.receiveCandidate(frame);
          });
      },
      ...options,
    });
    peer.on("error", (error) => this.errors.push(error));
    this.#open.push(peer);
    return peer;
  }

  start() {
    this.impolite.start();
    this.polite.start();
    return this;
  }

  get descriptions() {
    return this.frames.filter((frame) => frame.type === "rtc:description");
  }

  /** Until nothing is said any more, nothing is under way and no operation is open: counted, not timed. */
  async quiet() {
    for (let calm = 0; calm < 3; ) {
      const before = this.frames.length;
      await wait(1);
      const still = before === this.frames.length && this.underWay === 0 && FakeConnection.pending === 0;
      calm = still ? calm + 1 : 0;
    }
    return this;
  }

  async converges(message) {
    await this.quiet();
    return this.assertConverged(message);
  }

  assertConverged(message) {
    const [a, b] = [this.impolite.connection, this.polite.connection];
    assert.deepEqual(this.errors, [], message);
    assert.equal(a.signalingState, "stable", message);
    assert.equal(b.signalingState, "stable", message);
    assert.equal(read(a.remoteDescription.sdp).ufrag, b.ufrag, message);
    assert.equal(read(b.remoteDescription.sdp).ufrag, a.ufrag, message);
    assert.equal(this.impolite.gen, this.polite.gen, message);
    assert.deepEqual([a.encryptedWith, b.encryptedWith], [b.session, a.session], message);
    assert.ok(
      a.candidates.some((init) => init.usernameFragment === b.ufrag),
      message,
    );
    assert.ok(
      b.candidates.some((init) => init.usernameFragment === a.ufrag),
      message,
    );
    for (const end of [a, b])
      assert.deepEqual(
        end.getTransceivers().map((t) => t.receiver.track.kind),
        ["audio", "video"],
        message,
      );
  }

  close() {
    for (const peer of this.#open) peer.close();
  }
}

let pair;
afterEach(() => {
  pair?.close();
  FakeConnection.latency = () => 0;
});

const track = (kind) => ({ kind, stop() {} });

test("the impolite side offers once, the polite one answers with its tracks", async () => {
  pair = new Pair();
  for (const kind of ["audio", "video"]) {
    void pair.impolite.setTrack(kind, track(kind));
    void pair.polite.setTrack(kind, track(kind));
  }
  await pair.start().converges();
  assert.deepEqual(
    pair.descriptions.map((frame) => [frame.from, frame.description.type, frame.gen]),
    [
      ["impolite", "offer", 0],
      ["polite", "answer", 0],
    ],
  );
  for (const end of [pair.impolite, pair.polite]) assert.ok(end.expectsMedia);
});

test("devices that open late join by one more round", async () => {
  pair = new Pair();
  await pair.start().converges();
  assert.equal(pair.impolite.expectsMedia, true, "recvonly is what was asked for");
  await pair.polite.setTrack("audio", track("audio"));
  await pair.converges();
  assert.equal(pair.descriptions.length, 4);
  assert.equal(pair.polite.connection.getTransceivers()[0].direction, "sendrecv");
});

test("devices that are being opened are announced: their tracks need no round of their own", async () => {
  pair = new Pair({ impolite: { soon: ["audio", "video"] }, polite: { soon: ["audio", "video"] } });
  await pair.start().converges();
  for (const peer of [pair.impolite, pair.polite]) {
    assert.deepEqual(
      peer.connection.getTransceivers().map((t) => t.direction),
      ["sendrecv", "sendrecv"],
    );
    await peer.setTrack("audio", track("audio"));
    peer.settleTracks();
  }
  await pair.converges();
  // Each side said once that its camera does not come.
  assert.deepEqual(
    pair.polite.connection.getTransceivers().map((t) => t.direction),
    ["sendrecv", "recvonly"],
  );
  assert.equal(pair.polite.connection.getTransceivers()[0].sender.track.kind, "audio");
});

test("devices that open while the first offer is being taken join what it brings, and nothing of their own", async () => {
  pair = new Pair({ impolite: { soon: ["audio", "video"] }, polite: { soon: ["audio", "video"] } });
  const { connection } = pair.polite;
  const take = connection.setRemoteDescription.bind(connection);
  connection.setRemoteDescription = async (description) => {
    for (const kind of ["audio", "video"]) void pair.polite.setTrack(kind, track(kind));
    await take(description);
  };
  await pair.start().converges();
  assert.deepEqual(
    connection.getTransceivers().map(({ sender }) => sender.track?.kind),
    ["audio", "video"],
  );
  assert.equal(pair.descriptions.length, 2);
});

test("of offers that have piled up only the newest is answered", async () => {
  pair = new Pair();
  await pair.start().converges();
  const { receiveDescription } = pair.polite;
  const asleep = [];
  pair.polite.receiveDescription = (frame) => void asleep.push(frame);
  pair.impolite.restart();
  await pair.quiet();
  for (let round = 0; round < 3; round++) {
    pair.impolite.rebuild();
    await pair.quiet();
  }
  const before = pair.polite.connection;
  let built = 0;
  const { createConnection } = pair.polite;
  pair.polite.createConnection = (configuration) => {
    built += 1;
    return createConnection(configuration);
  };
  pair.polite.receiveDescription = receiveDescription;
  for (const frame of asleep) pair.polite.receiveDescription(frame);
  await pair.converges();
  assert.equal(built, 1);
  assert.equal(pair.descriptions.filter((frame) => frame.from === "polite" && frame.gen > 0).length, 1);
  assert.notEqual(pair.polite.connection, before);
});

test("an offer can be sent again: the peer that knows it already answers once more, and nothing else happens", async () => {
  pair = new Pair();
  await pair.start().converges();
  const { receiveDescription } = pair.impolite;
  pair.impolite.receiveDescription = () => {};
  pair.impolite.restart();
  await pair.quiet();
  pair.impolite.receiveDescription = receiveDescription;
  assert.notEqual(pair.impolite.offeredAt, null);
  pair.impolite.repeatOffer();
  await pair.converges();
  assert.equal(pair.impolite.offeredAt, null);
  assert.equal(pair.impolite.gen, 1);
});

test("how long an offer waits counts from the newest one", async () => {
  let now = 1000;
  pair = new Pair({ impolite: { now: () => now } });
  pair.polite.receiveDescription = () => {};
  pair.start();
  while (pair.impolite.offeredAt === null) await wait(1);
  assert.equal(pair.impolite.offeredAt, 1000);
  now = 9000;
  pair.impolite.restart();
  while (pair.descriptions.length < 2) await wait(1);
  assert.equal(pair.impolite.offeredAt, 9000);
});

test("no candidate overtakes its description, on either end", async () => {
  pair = new Pair();
  await pair.start().converges();
  pair.impolite.restart();
  await pair.converges();
  for (const from of ["impolite", "polite"]) {
    const described = new Set();
    for (const frame of pair.frames.filter((sent) => sent.from === from)) {
      if (frame.type === "rtc:description") described.add(read(frame.description.sdp).ufrag);
      else assert.ok(described.has(frame.candidate.usernameFragment));
    }
  }
  // One of a description to come is kept for it, at the same generation too.
  const ahead = { candidate: "candidate:7", sdpMid: "0", usernameFragment: "later" };
  pair.polite.receiveCandidate({ candidate: ahead, gen: pair.polite.gen });
  await wait(5);
  assert.ok(!pair.polite.connection.candidates.includes(ahead));
});

test("candidates wait for their description, older ones are dropped", async () => {
  pair = new Pair();
  pair.polite.receiveCandidate({ candidate: { candidate: "candidate:1", usernameFragment: "old" }, gen: -1 });
  await pair.start().converges();
  const count = pair.polite.connection.candidates.length;
  pair.polite.receiveCandidate({ candidate: { candidate: "candidate:9", usernameFragment: "x" }, gen: -1 });
  pair.polite.receiveCandidate({ candidate: { candidate: "candidate:9", usernameFragment: "x" }, gen: 5 });
  await wait(5);
  assert.equal(pair.polite.connection.candidates.length, count);
});

test("a restart raises the generation and renews the credentials on both sides", async () => {
  pair = new Pair();
  await pair.start().converges();
  const before = [pair.impolite.connection.ufrag, pair.polite.connection.ufrag];
  pair.impolite.setIceServers([{ urls: "turn:fresh" }]);
  pair.impolite.restart();
  await pair.converges();
  assert.equal(pair.polite.gen, 1);
  assert.notEqual(pair.impolite.connection.ufrag, before[0]);
  assert.notEqual(pair.polite.connection.ufrag, before[1]);
  assert.deepEqual(pair.impolite.connection.configuration.iceServers, [{ urls: "turn:fresh" }]);
});

test("a restart does not wait for an offer that nobody answers", async () => {
  pair = new Pair();
  const { receiveDescription } = pair.polite;
  pair.polite.receiveDescription = () => {};
  await pair.start().quiet();
  assert.equal(pair.impolite.connection.signalingState, "have-local-offer");
  pair.polite.receiveDescription = receiveDescription;
  pair.impolite.restart();
  await pair.converges();
});

test("an old offer and a late answer of an old generation change nothing", async () => {
  pair = new Pair();
  await pair.start().converges();
  const [offer, answer] = pair.descriptions;
  pair.impolite.restart();
  await pair.quiet();
  pair.polite.receiveDescription(offer);
  pair.impolite.receiveDescription(answer);
  await pair.converges();
});

test("a rebuild makes both sides new connections", async () => {
  pair = new Pair();
  await pair.start().converges();
  const before = [pair.impolite.connection, pair.polite.connection];
  pair.polite.rebuild();
  await pair.converges();
  assert.equal(pair.impolite.gen, 1);
  assert.notEqual(pair.impolite.connection, before[0]);
  assert.notEqual(pair.polite.connection, before[1]);
  assert.equal(before[0].connectionState, "closed");
});

test("a reloaded page offers one generation higher, and the other side follows", async () => {
  pair = new Pair();
  await pair.start().converges();
  const old = pair.polite;
  old.close();
  pair.polite = pair.make("polite", { polite: true, initiate: true, gen: old.gen + 1 });
  pair.polite.start();
  await pair.converges();
  assert.equal(pair.impolite.gen, 1);
});

test("a restart that a reloaded page answers becomes a rebuild: the encryption was with the page before", async () => {
  pair = new Pair();
  await pair.start().converges();
  const old = pair.polite;
  old.close();
  // It took so long to load that the other side has begun to look for it.
  pair.impolite.restart();
  pair.impolite.restart();
  await wait(1);
  pair.polite = pair.make("polite", { polite: true, initiate: true, gen: old.gen + 1 });
  pair.polite.start();
  await pair.converges();
});

test("the higher generation wins over politeness", async () => {
  FakeConnection.latency = () => 1;
  pair = new Pair();
  await pair.start().converges();
  // The polite side restarts while the impolite one merely turns its camera on: the restart must not be lost.
  pair.polite.restart();
  void pair.impolite.setTrack("video", track("video"));
  await pair.converges();
  assert.equal(pair.polite.gen, 1);
  assert.equal(pair.impolite.connection.getTransceivers()[1].direction, "sendrecv");
});

test("glare: both restart, 200 times, always converges", async (t) => {
  const random = seeded(20_240_607);
  FakeConnection.latency = () => random() * 3;
  pair = new Pair({ random });
  await pair.start().converges();
  t.diagnostic("seed 20240607");
  for (let round = 1; round <= 200; round++) {
    pair.impolite.restart();
    if (random() < 0.5) await wait(random() * 6);
    pair.polite.restart();
    await pair.converges(`round ${round}`);
  }
});

test("glare of everything: restarts, rebuilds, cameras and reloads at once converge", async (t) => {
  for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
    t.diagnostic(`seed ${seed}`);
    const random = seeded(seed);
    FakeConnection.latency = () => random() * 3;
    pair = new Pair({ random });
    await pair.start().converges();
    for (let round = 1; round <= 12; round++) {
      for (const name of ["impolite", "polite"]) {
        const peer = pair[name];
        const act = Math.floor(random() * 4);
        if (act === 0) peer.restart();
        if (act === 1) peer.rebuild();
        if (act === 2) void peer.setTrack("video", random() < 0.5 ? track("video") : null);
        if (random() < 0.5) await wait(random() * 6);
      }
      await pair.converges(`seed ${seed}, round ${round}`);
    }
    pair.close();
  }
});

test("first offers that cross each other end in one call", async () => {
  const random = seeded(9);
  FakeConnection.latency = () => random() * 3;
  pair = new Pair({ random, polite: { initiate: true } });
  await pair.start().converges();
});
