import assert from "node:assert/strict";
import { test } from "node:test";
import { score as quality } from "../../static/js/rtc/quality.js";
import { callStats, conditions, selectedPair } from "../../static/js/rtc/stats.js";

const SERVERS = [
  { urls: ["turn:ist.example:3478?transport=udp"], region: "istanbul" },
  { urls: "turn:fra.example:3478", region: "frankfurt" },
];

/** A Chromium report; what a test changes is given as patches by id. */
function report(patches = {}) {
  const stats = [
    { id: "T", type: "transport", selectedCandidatePairId: "P" },
    {
      id: "P",
      type: "candidate-pair",
      localCandidateId: "L",
      remoteCandidateId: "R",
      currentRoundTripTime: 0.05,
      bytesReceived: 1000,
      timestamp: 1000,
    },
    { id: "L", type: "local-candidate", candidateType: "host" },
    { id: "R", type: "remote-candidate", candidateType: "srflx" },
    {
      id: "A",
      type: "inbound-rtp",
      kind: "audio",
      jitter: 0.004,
      packetsLost: 0,
      packetsReceived: 100,
      bytesReceived: 5000,
      codecId: "CA",
    },
    {
      id: "V",
      type: "inbound-rtp",
      kind: "video",
      jitter: 0.02,
      packetsLost: 0,
      packetsReceived: 300,
      bytesReceived: 90_000,
      codecId: "CV",
    },
    { id: "CA", type: "codec", mimeType: "audio/opus" },
    { id: "CV", type: "codec", mimeType: "video/VP9" },
  ];
  return new Map(stats.map((stat) => [stat.id, { ...stat, ...patches[stat.id] }]));
}

test("figures of one report", () => {
  assert.deepEqual(callStats(null, report(), SERVERS), {
    rtt_ms: 50,
    jitter_ms: 4,
    loss_pct: null,
    bitrate_kbps: null,
    region: null,
    candidate_type: "host",
    codec: "opus/VP9",
    quality: 4.41,
  });
});

test("rates come from two reports", () => {
  const later = report({
    P: { bytesReceived: 251_000, timestamp: 3000 },
    A: { packetsLost: 6, packetsReceived: 194 },
    V: { packetsLost: 0, packetsReceived: 400 },
  });
  const stats = callStats(report(), later);
  assert.equal(stats.bitrate_kbps, 1000);
  assert.equal(stats.loss_pct, 3);
});

test("late packets that lower packetsLost are no negative loss", () => {
  const later = report({ A: { packetsLost: -3, packetsReceived: 150 } });
  assert.equal(callStats(report(), later).loss_pct, 0);
});

test("without packets there is no loss to speak of", () => {
  assert.equal(callStats(report(), report()).loss_pct, null);
});

test("a relay names its region, whichever side relays", () => {
  const own = report({ L: { candidateType: "relay", url: "turn:fra.example:3478?transport=udp" } });
  assert.deepEqual(
    [callStats(null, own, SERVERS).region, callStats(null, own, SERVERS).candidate_type],
    ["frankfurt", "relay"],
  );
  const theirs = report({ R: { candidateType: "relay" } });
  assert.deepEqual(
    [callStats(null, theirs, SERVERS).region, callStats(null, theirs, SERVERS).candidate_type],
    [null, "relay"],
  );
});

test("Firefox has no transport stats; its pair is marked", () => {
  const firefox = report({ P: { selected: true } });
  firefox.delete("T");
  assert.equal(selectedPair(firefox)?.id, "P");
});

test("nothing connected, nothing known", () => {
  const stats = callStats(null, new Map());
  assert.deepEqual(Object.values(stats), [null, null, null, null, null, null, null, null]);
});

test("quality falls with delay, jitter and loss, within 1 and 5", () => {
  const score = (rtt_ms, jitter_ms, loss_pct) => quality({ rtt_ms, jitter_ms, loss_pct });
  assert.ok(score(20, 2, 0) > 4.3);
  assert.ok(score(20, 2, 0) > score(300, 2, 0));
  assert.ok(score(50, 2, 0) > score(50, 60, 0));
  assert.ok(score(50, 2, 1) > score(50, 2, 10));
  assert.equal(score(2000, 0, 0), 1);
  assert.equal(score(50, 0, 100), 1);
});

test("loss that RED repaired costs half, concealment counts in full", () => {
  const score = (loss_pct, concealed_pct) => quality({ rtt_ms: 50, jitter_ms: 2, loss_pct, concealed_pct });
  assert.ok(score(10, 0.6) > score(10, null));
  assert.ok(score(10, 8) < score(10, 0.6));
});

test("conditions: the way out by what the peer reports, concealment without its silence", () => {
  const samples = (total, concealed, silent) => ({
    A: { totalSamplesReceived: total, concealedSamples: concealed, silentConcealedSamples: silent },
  });
  const later = report({ ...samples(196_000, 5800, 1000), P: { availableOutgoingBitrate: 512_000 } });
  later.set("RI", { id: "RI", type: "remote-inbound-rtp", kind: "audio", fractionLost: 0.04 });
  assert.deepEqual(conditions(report(samples(100_000, 1000, 1000)), later), {
    available_kbps: 512,
    loss_pct: null,
    uplink_loss_pct: 4,
    concealed_pct: 5,
    rtt_ms: 50,
  });
});
