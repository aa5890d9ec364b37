import assert from "node:assert/strict";
import { test } from "node:test";
import { Preflight } from "../../static/js/rtc/preflight.js";
import { orderServers, regionOf, turnPaths } from "../../static/js/rtc/regions.js";

const SERVERS = [
  { urls: ["stun:ist.example:3478"], region: "istanbul" },
  {
    urls: ["turn:ist.example:3478?transport=udp", "turns:ist.example:5349?transport=tcp"],
    username: "u",
    credential: "c",
    region: "istanbul",
  },
  { urls: "turn:fra.example:3478", username: "u", credential: "c", region: "frankfurt" },
];

const stream = () => ({
  getVideoTracks: () => [{ getSettings: () => ({ width: 1280, height: 720 }) }],
  getAudioTracks: () => [{}],
});

/** A preflight whose outside world is the test's. */
function preflight(parts = {}) {
  const released = [];
  const made = new Preflight({
    acquire: async (media) => ({ stream: stream(), media, problem: null }),
    release: (given) => void released.push(given),
    iceServers: async () => SERVERS,
    socketRtt: async () => 12,
    probe: async ({ region, transport }) => (region === "frankfurt" ? null : transport === "udp" ? 20 : 31),
    meter: () => ({ level: 0.4, stop: () => {} }),
    listenMs: 150,
    ...parts,
  });
  return { made, released };
}

test("every check gives its result, and the devices are let go", async () => {
  const { made, released } = preflight();
  const results = await made.start("video");
  assert.equal(results.running, false);
  assert.deepEqual(results.microphone, { state: "ok", level: 0.4, heard: true, problem: null });
  assert.deepEqual(results.camera, { state: "ok", problem: null, width: 1280, height: 720 });
  assert.deepEqual(results.socket, { state: "ok", rtt_ms: 12 });
  assert.equal(results.network.state, "ok");
  assert.equal(released.length, 1);
  const report = made.report();
  assert.deepEqual([report.microphone, report.camera], ["ok", "ok"]);
  assert.deepEqual(
    report.turn.find(({ region }) => region === "frankfurt"),
    { region: "frankfurt", transport: "udp", ok: false, rtt_ms: null },
  );
});

test("a silent microphone is a warning, a refused one a failure with its reason", async () => {
  const silent = preflight({ meter: () => ({ level: 0, stop: () => {} }) });
  assert.equal((await silent.made.start("audio")).microphone.state, "warning");
  assert.equal(silent.made.report().microphone, "quiet");
  const refused = preflight({
    acquire: async () => ({ stream: null, media: "chat", problem: { device: "microphone", code: "denied" } }),
  });
  const results = await refused.made.start("audio");
  assert.equal(results.microphone.state, "failed");
  assert.deepEqual([refused.made.report().microphone, refused.made.report().camera], ["denied", "skipped"]);
});

test("what keeps the microphone shut is said of the camera where it holds for both, and the camera is not blamed else", async () => {
  const cases = { denied: "denied", none: "none", insecure: "insecure", missing: "skipped", busy: "skipped" };
  for (const [code, camera] of Object.entries(cases)) {
    const { made } = preflight({
      acquire: async () => ({ stream: null, media: "chat", problem: { device: "microphone", code } }),
    });
    await made.start("video");
    assert.deepEqual([made.report().microphone, made.report().camera], [code, camera]);
  }
});

test("no relay by UDP is a warning, none at all a failure, none configured nothing", async () => {
  const state = async (parts) => (await preflight(parts).made.start("audio")).network.state;
  assert.equal(await state({ probe: async ({ transport }) => (transport === "tls" ? 40 : null) }), "warning");
  assert.equal(await state({ probe: async () => null }), "failed");
  assert.equal(await state({ iceServers: async () => [] }), "skipped");
});

test("stopped in the middle it lets the devices go and says no more", async () => {
  const { made, released } = preflight({ listenMs: 60_000, meter: () => ({ level: 0, stop: () => {} }) });
  const running = made.start("video");
  await new Promise((resolve) => setTimeout(resolve, 20));
  made.stop();
  let changes = 0;
  made.on("change", () => changes++);
  await running;
  assert.deepEqual([released.length, changes, made.results.running], [1, 0, false]);
});

test("relays are told apart by region and transport", () => {
  assert.deepEqual(
    turnPaths(SERVERS).map(({ region, transport }) => `${region} ${transport}`),
    ["istanbul udp", "istanbul tls", "frankfurt udp"],
  );
  assert.equal(regionOf("turns:ist.example:5349?transport=tcp", SERVERS), "istanbul");
  assert.equal(
    regionOf("turn:127.0.0.1:2?transport=udp", [
      { urls: "turn:127.0.0.1:1", region: "a" },
      { urls: "turn:127.0.0.1:2", region: "b" },
    ]),
    "b",
  );
});

test("measured regions come first by round trip, failed ones last, priority settles the rest", () => {
  const of = (...measured) => orderServers(SERVERS, measured).map(({ region }) => region);
  const result = (region, rtt_ms) => ({ region, transport: "udp", ok: rtt_ms !== null, rtt_ms });
  assert.deepEqual(of(), ["istanbul", "istanbul", "frankfurt"]);
  assert.deepEqual(of(result("frankfurt", 10), result("istanbul", 40)), ["frankfurt", "istanbul", "istanbul"]);
  assert.deepEqual(of(result("istanbul", null)), ["frankfurt", "istanbul", "istanbul"]);
});
