import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageRecorder, typeFor } from "../../static/js/app/customer/message/recorder.js";
import "./texts.js";

const settled = (ms = 5) => new Promise((resolve) => setTimeout(resolve, ms));

class Recorder {
  /** @type {Recorder[]} */
  static all = [];
  static known = ["audio/mp4", "video/mp4"];
  static isTypeSupported(type) {
    return Recorder.known.includes(type);
  }
  state = "inactive";
  constructor(_stream, { mimeType }) {
    this.mimeType = mimeType;
    Recorder.all.push(this);
  }
  start() {
    this.state = "recording";
  }
  stop() {
    this.state = "inactive";
    queueMicrotask(() => this.onstop());
  }
  say(text) {
    this.ondataavailable({ data: new Blob([text]) });
  }
}

/** A page with a recorder: its clock stands still until it is moved. */
function page({ got = {}, secs = 120, bytes = 1e6 } = {}) {
  const here = { released: 0, made: [], gone: [], at: 0, asked: [] };
  Recorder.all = [];
  const stream = { getVideoTracks: () => [], getTracks: () => [] };
  const recorder = new MessageRecorder({
    acquire: async (media) => {
      here.asked.push(media);
      return { stream, media, problem: null, ...got };
    },
    release: () => {
      here.released += 1;
    },
    secs,
    bytes,
    name: (kind, seconds) => `${kind} ${Math.round(seconds)}`,
    made: (file, kind) => here.made.push([file.name, file.type, kind]),
    gone: (file) => here.gone.push(file.name),
    Recorder,
    Meter: class {
      level = 0.5;
      stop() {}
    },
    now: () => here.at,
  });
  return Object.assign(here, { recorder });
}

test("the first type that a browser knows is recorded, and what knows none offers none", () => {
  assert.equal(typeFor("voice", Recorder), "audio/mp4");
  assert.equal(typeFor("video", Recorder), "video/mp4");
  assert.equal(typeFor("voice", { isTypeSupported: () => true }), "audio/webm;codecs=opus");
  assert.equal(typeFor("voice", undefined), "");
});

test("what was said is kept with how long it is, and the devices are given back", async () => {
  const here = page();
  await here.recorder.record("voice");
  assert.equal(here.recorder.state.phase, "recording");
  Recorder.all[0].say("hallo");
  here.at = 7000;
  await settled(150);
  assert.deepEqual([here.recorder.state.seconds, here.recorder.state.level], [7, 0.5]);
  here.recorder.stop();
  await settled();
  assert.equal(here.recorder.state.phase, "kept");
  assert.deepEqual(here.made, [["voice 7", "audio/mp4", "voice"]]);
  assert.equal(here.released, 1);
});

for (const [what, at, said] of [
  ["the time is up", 121_000, "x"],
  ["it is as large as it may be", 1000, "x".repeat(2000)],
])
  test(`it ends by itself when ${what}`, async () => {
    const here = page({ bytes: 1000 });
    await here.recorder.record("voice");
    Recorder.all[0].say(said);
    here.at = at;
    await settled(150);
    assert.deepEqual([here.recorder.state.phase, here.recorder.state.full], ["kept", true]);
    assert.ok(here.recorder.state.seconds <= 120);
  });

test("what is given up is kept nowhere, whenever that is", async () => {
  const here = page();
  const asking = here.recorder.record("voice");
  here.recorder.cancel();
  await asking;
  assert.equal(here.released, 1, "devices that opened too late");
  await here.recorder.record("voice");
  Recorder.all[0].say("hallo");
  here.recorder.cancel();
  await settled();
  assert.equal(here.recorder.state.phase, "off");
  assert.deepEqual([here.made, here.released], [[], 2]);
});

test("another try takes the place of the first", async () => {
  const here = page();
  for (const kind of ["voice", "video"]) {
    await here.recorder.record(kind);
    Recorder.all.at(-1).say("hallo");
    here.recorder.stop();
    await settled();
  }
  assert.deepEqual(here.gone, ["voice 0"]);
  assert.deepEqual(here.asked, ["audio", "video"]);
  assert.equal(here.recorder.state.kind, "video");
});

test("who leaves the form keeps what was said, and gives the devices back", async () => {
  const here = page();
  here.recorder.leave();
  await here.recorder.record("video");
  Recorder.all[0].say("hallo");
  here.recorder.leave();
  await settled();
  assert.deepEqual([here.recorder.state.phase, here.released, here.gone], ["kept", 1, []]);
  here.recorder.leave();
  assert.equal(here.recorder.state.phase, "kept");
});

test("who leaves the form while the browser asks for a permission is not recorded when it comes", async () => {
  const here = page();
  const asked = here.recorder.record("voice");
  here.recorder.leave();
  await asked;
  assert.deepEqual([here.recorder.state.phase, Recorder.all.length, here.released], ["off", 0, 1]);
});

for (const [what, got] of [
  ["no microphone opens", { stream: null, media: "chat", problem: { device: "microphone", code: "denied" } }],
  ["only sound comes for a video", { media: "audio", problem: { device: "camera", code: "missing" } }],
])
  test(`why it does not begin is said where ${what}`, async () => {
    const here = page({ got });
    await here.recorder.record("video");
    assert.deepEqual(here.recorder.state.problem, got.problem);
    assert.equal(here.recorder.state.phase, "off");
    assert.equal(Recorder.all.length, 0);
    assert.equal(here.released, 1);
  });

test("a recorder that gives nothing says so", async () => {
  const here = page();
  await here.recorder.record("voice");
  here.recorder.stop();
  await settled();
  assert.deepEqual([here.recorder.state.phase, here.recorder.state.problem?.code], ["off", "busy"]);
  assert.deepEqual(here.made, []);
});
