import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { tellAudioSession } from "../../static/js/app/audio-session.js";
import { grouped, Offers } from "../../static/js/app/device-offers.js";
import { levelWatch } from "../../static/js/app/sound-input.js";
import { markScreen } from "../../static/js/core/screens.js";
import { memoryStore } from "../../static/js/core/storage.js";
import { Inputs, inputsOf } from "../../static/js/rtc/devices/inputs.js";
import { LocalMedia } from "../../static/js/rtc/devices/local-media.js";
import { acquire, acquireTrack, prefer } from "../../static/js/rtc/devices/media.js";

const device = (kind, deviceId, label, groupId = "") => ({ kind, deviceId, label, groupId });
const BUILTIN = device("audioinput", "mic1", "Built-in Microphone");
const HEADSET = device("audioinput", "mic2", "USB Headset", "g1");
const WEBCAM = device("videoinput", "cam1", "Webcam");
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

class Track extends EventTarget {
  enabled = true;
  readyState = "live";
  constructor(kind, deviceId, label = deviceId, extra = {}) {
    super();
    Object.assign(this, { kind, label, settings: { deviceId, ...extra } });
  }
  getSettings() {
    return this.settings;
  }
  stop() {
    this.readyState = "ended";
  }
  unplug() {
    this.readyState = "ended";
    this.dispatchEvent(new Event("ended"));
  }
}

class Stream {
  constructor(tracks = []) {
    this.tracks = [...tracks];
  }
  getTracks() {
    return [...this.tracks];
  }
  getAudioTracks() {
    return this.tracks.filter(({ kind }) => kind === "audio");
  }
  getVideoTracks() {
    return this.tracks.filter(({ kind }) => kind === "video");
  }
  addTrack(track) {
    if (!this.tracks.includes(track)) this.tracks.push(track);
  }
  removeTrack(track) {
    this.tracks = this.tracks.filter((one) => one !== track);
  }
}

/** A browser with these devices; `broken` ones do not open. */
function world({ found = [BUILTIN, HEADSET, WEBCAM], store = memoryStore(), broken = [] } = {}) {
  const listeners = [];
  const devices = {
    found,
    enumerateDevices: async () => devices.found,
    addEventListener: (_, listener) => listeners.push(listener),
    removeEventListener: () => {},
  };
  const heard = [];
  const opened = [];
  const open = async (kind, _devices, exact = null) => {
    opened.push([kind, exact]);
    const one = devices.found.find((known) => known.kind === `${kind}input` && (!exact || known.deviceId === exact));
    if (!one || broken.includes(one.deviceId)) return { track: null, problem: { device: kind, code: "busy" } };
    return { track: new Track(kind, one.deviceId, one.label), problem: null };
  };
  const inputs = new Inputs({ store, devices, open });
  inputs.on("offer", ({ kind, input }) => heard.push(["offer", kind, input.id]));
  inputs.on("lost", ({ kind, label, next }) => heard.push(["lost", kind, label, next]));
  inputs.on("failed", ({ kind }) => heard.push(["failed", kind]));
  inputs.on("chosen", ({ kind, input }) => heard.push(["chosen", kind, input.id]));
  // As the pages do: what is swapped in is what is in use from then on.
  inputs.on("swap", ({ kind, track }) => {
    heard.push(["swap", kind, track.settings.deviceId]);
    inputs.follow(new Stream([track]));
  });
  const change = async (list) => {
    devices.found = list;
    for (const listener of listeners) listener();
    await settled();
  };
  return { inputs, heard, opened, store, change, devices };
}

beforeEach(() => {
  prefer("audio", null);
  prefer("video", null);
});

test("nothing is opened for a choice between calls; it is kept and asked for later", async () => {
  const { inputs, heard, opened, store } = world();
  await inputs.start();
  assert.equal(await inputs.choose("audio", "mic2"), true);
  assert.deepEqual([opened, heard, store.get("microphone")], [[], [["chosen", "audio", "mic2"]], "mic2"]);
  const asked = [];
  await acquire("audio", {
    getUserMedia: async (wish) => {
      asked.push(wish);
      return new Stream();
    },
  });
  assert.deepEqual(asked[0].audio.deviceId, { exact: "mic2" });
  assert.equal(asked[0].audio.echoCancellation, true);
});

test("in a call the chosen device is opened and swapped in", async () => {
  const { inputs, heard, opened } = world();
  await inputs.start();
  inputs.follow(new Stream([new Track("audio", "mic1")]));
  assert.equal(inputs.state.audio.current, "mic1");
  await inputs.choose("audio", "mic2");
  assert.deepEqual(opened, [["audio", "mic2"]]);
  assert.deepEqual(heard, [
    ["swap", "audio", "mic2"],
    ["chosen", "audio", "mic2"],
  ]);
  assert.equal(inputs.state.audio.current, "mic2");
});

test("a device that does not open leaves the earlier one, and is not remembered", async () => {
  const { inputs, heard, store } = world({ broken: ["mic2"] });
  await inputs.start();
  inputs.follow(new Stream([new Track("audio", "mic1")]));
  assert.equal(await inputs.choose("audio", "mic2"), false);
  assert.deepEqual([heard, inputs.state.audio.current, store.get("microphone")], [[["failed", "audio"]], "mic1", null]);
});

test("the choice of the last call is there again; a device that is gone is no obstacle", async () => {
  const store = memoryStore();
  store.set("camera", "cam9");
  const { inputs } = world({ store });
  await inputs.start();
  assert.equal(inputs.state.video.current, "cam1");
  const asked = [];
  await acquireTrack("video", {
    getUserMedia: async (wish) => {
      asked.push(wish.video);
      if (wish.video.deviceId.exact) throw Object.assign(new Error("gone"), { name: "OverconstrainedError" });
      return new Stream([new Track("video", "cam1")]);
    },
  });
  assert.deepEqual(
    asked.map(({ deviceId }) => deviceId),
    [{ exact: "cam9" }, { ideal: "cam9" }],
  );
  assert.equal(asked[0].facingMode, undefined, "a chosen camera may look away");
});

test("a device that is plugged in is only offered", async () => {
  const { inputs, heard, change } = world({ found: [BUILTIN, WEBCAM] });
  await inputs.start();
  await change([BUILTIN, HEADSET, WEBCAM]);
  assert.deepEqual(heard, [["offer", "audio", "mic2"]]);
  await change([BUILTIN, WEBCAM]);
  assert.equal(heard.length, 1);
});

test("names that come with the first permission are not new devices", async () => {
  const nameless = [device("audioinput", "", ""), device("videoinput", "", "")];
  const { inputs, heard, change } = world({ found: nameless });
  await inputs.start();
  assert.deepEqual(inputs.state.audio.list, []);
  await change([BUILTIN, HEADSET, WEBCAM]);
  assert.deepEqual([heard, inputs.state.audio.list.length], [[], 2]);
});

test("an unplugged device is replaced by what is there", async () => {
  const { inputs, heard, devices } = world();
  await inputs.start();
  const track = new Track("audio", "mic2", "USB Headset");
  inputs.follow(new Stream([track]));
  devices.found = [BUILTIN, WEBCAM];
  track.unplug();
  await settled();
  assert.deepEqual(heard, [
    ["swap", "audio", "mic1"],
    ["lost", "audio", "USB Headset", "Built-in Microphone"],
  ]);
});

test("without another one it says so; a track that we stopped or left says nothing", async () => {
  const { inputs, heard, devices } = world({ found: [BUILTIN, WEBCAM] });
  await inputs.start();
  const [old, track] = [new Track("video", "cam1", "Webcam"), new Track("video", "cam1", "Webcam")];
  inputs.follow(new Stream([old]));
  inputs.follow(new Stream([track]));
  old.unplug();
  await settled();
  assert.deepEqual(heard, []);
  devices.found = [BUILTIN];
  track.unplug();
  await settled();
  assert.deepEqual(heard, [["lost", "video", "Webcam", null]]);
});

test("aliases of Chromium: the default stands for itself, the communications device is left out", () => {
  const found = [
    device("audioinput", "default", "Default"),
    device("audioinput", "communications", "Comm"),
    BUILTIN,
    WEBCAM,
  ];
  assert.deepEqual(
    inputsOf(found, "audioinput").map(({ id }) => id),
    ["", "mic1"],
  );
});

test("a shared screen is no camera of this list", async () => {
  const { inputs } = world();
  await inputs.start();
  const screen = new Track("video", "screen:1", "screen");
  markScreen(screen);
  inputs.follow(new Stream([screen]));
  assert.equal(inputs.state.video.current, "cam1");
});

/** A call's own media with a camera, in a browser whose person picks these screens one after the other. */
function sharer(t, screens) {
  const sent = [];
  const camera = new Track("video", "cam1");
  const media = new LocalMedia(new Stream([camera]), (kind, track) =>
    sent.push([kind, track?.settings.deviceId ?? null]),
  );
  const before = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  const opened = [];
  const mediaDevices = {
    getDisplayMedia: async () => new Stream([screens.shift()]),
    getUserMedia: async () => {
      opened.push(new Track("video", "cam1"));
      return new Stream([opened.at(-1)]);
    },
  };
  Object.defineProperty(globalThis, "navigator", { configurable: true, value: { mediaDevices } });
  t.after(() => {
    if (before) Object.defineProperty(globalThis, "navigator", before);
    else delete globalThis.navigator;
  });
  return { media, camera, sent, opened };
}

test("a camera chosen while the screen is shared waits for the end of the share", async (t) => {
  const screen = new Track("video", "s"); // as in Firefox, which does not say of a track that it is a screen
  const { media, camera, sent } = sharer(t, [screen]);
  assert.equal(await media.shareScreen(), true);
  assert.deepEqual([sent.at(-1), camera.readyState], [["video", "s"], "live"]);
  const other = new Track("video", "cam2");
  media.add(new Stream([other]));
  assert.deepEqual([camera.readyState, media.sharing, media.stream.getVideoTracks()[0]], ["ended", true, screen]);
  // The browser's own bar ends the share: the track says so.
  screen.readyState = "ended";
  screen.onended();
  assert.deepEqual([media.sharing, media.stream.getVideoTracks()[0], sent.at(-1)], [false, other, ["video", "cam2"]]);
});

test("the button of the camera is the camera's while the screen is shared", async (t) => {
  const screen = new Track("video", "s");
  const { media, camera, sent, opened } = sharer(t, [screen]);
  await media.shareScreen();
  assert.equal(media.cameraOff, false);
  await media.setCamera(false);
  assert.deepEqual([camera.readyState, media.cameraOff], ["ended", true]); // its light is out
  assert.deepEqual([screen.readyState, media.sharing, sent.at(-1)], ["live", true, ["video", "s"]]);
  await media.setCamera(true);
  assert.deepEqual([media.cameraOff, sent.at(-1)], [false, ["video", "s"]]);
  media.stopSharing();
  assert.deepEqual([media.stream.getVideoTracks(), sent.at(-1)], [[opened[0]], ["video", "cam1"]]);
});

test("a camera that was off stays off after the share", async (t) => {
  const { media, camera, sent } = sharer(t, [new Track("video", "s")]);
  await media.setCamera(false);
  await media.shareScreen();
  assert.deepEqual([camera.readyState, media.cameraOff], ["ended", true]);
  media.stopSharing();
  assert.deepEqual([media.cameraOff, sent.at(-1)], [true, ["video", null]]);
});

test("sound alone ends the share and the camera behind it; only a camera that was on comes back", async (t) => {
  const screens = [new Track("video", "s1"), new Track("video", "s2")];
  const [one, two] = screens;
  const { media, camera, opened } = sharer(t, screens);
  await media.shareScreen();
  media.audioOnly();
  assert.deepEqual(
    [one.readyState, camera.readyState, media.sharing, media.cameraOff],
    ["ended", "ended", false, true],
  );
  await media.resume();
  assert.equal(opened.length, 1);
  await media.setCamera(false);
  await media.shareScreen();
  media.audioOnly();
  await media.resume();
  assert.deepEqual([two.readyState, opened.length], ["ended", 1]);
});

test("who asks for a share twice leaves no camera behind", async (t) => {
  const screens = [new Track("video", "s1"), new Track("video", "s2")];
  const [one, two] = screens;
  const { media, camera } = sharer(t, screens);
  await Promise.all([media.shareScreen(), media.shareScreen()]);
  assert.deepEqual([one.readyState, media.stream.getVideoTracks()], ["ended", [two]]);
  media.stopSharing();
  assert.deepEqual(media.stream.getVideoTracks(), [camera]);
  media.close();
  assert.deepEqual([camera.readyState, two.readyState], ["ended", "ended"]);
});

// -- the level ---------------------------------------------------------------------------------------------------------

test("nobody listens any more once the call is over, whether or not the menu was closed", (t) => {
  let open = 0;
  const node = { connect: () => {}, getFloatTimeDomainData: () => {} };
  globalThis.AudioContext = /** @type {any} */ (
    class {
      constructor() {
        open += 1;
      }
      createAnalyser = () => node;
      createMediaStreamSource = () => node;
      resume() {}
      close() {
        open -= 1;
      }
    }
  );
  globalThis.MediaStream = /** @type {any} */ (Stream);
  /** Those that run. @type {Set<() => void>} */
  const timers = new Set();
  t.mock.method(globalThis, "setInterval", (/** @type {() => void} */ look) => timers.add(look) && look);
  t.mock.method(globalThis, "clearInterval", (/** @type {() => void} */ look) => timers.delete(look));
  const tick = (times = 1) => {
    for (let n = 0; n < times; n += 1) for (const look of [...timers]) look();
  };
  /** @type {Stream | null} */
  let call = null;
  const levels = [];
  const watch = levelWatch(
    () => /** @type {any} */ (call),
    (level) => levels.push(level),
  );
  watch(true);
  tick(); // its devices are not open yet
  call = new Stream([new Track("audio", "mic1")]);
  tick(3);
  assert.deepEqual([open, levels.length], [1, 4]);
  call = null;
  tick();
  assert.deepEqual([open, timers.size], [0, 0]);
  call = new Stream([new Track("audio", "mic1")]);
  watch(true);
  tick();
  assert.equal(open, 1);
  watch(false);
  assert.deepEqual([open, timers.size, levels.length], [0, 0, 5]);
});

// -- questions ---------------------------------------------------------------------------------------------------------

test("one thing with a microphone and an output is one question; a camera is its own", () => {
  const offer = (kind, group) => ({ kind, group, label: kind, accept: () => {} });
  const kinds = (...offers) => grouped(offers).map((things) => things.map(({ kind }) => kind));
  assert.deepEqual(kinds(offer("audio", "g1"), offer("output", "g1"), offer("video", "g1")), [
    ["audio", "output"],
    ["video"],
  ]);
  assert.deepEqual(kinds(offer("audio", ""), offer("output", "")), [["audio"], ["output"]]);
  assert.deepEqual(kinds(offer("output", "g1"), offer("audio", "g2")), [["output"], ["audio"]]);
});

test("questions come one after the other, and only a yes changes anything", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const asked = [];
  const answers = [];
  const offers = new Offers((words) => {
    asked.push(words.text);
    return new Promise((resolve) => answers.push(resolve));
  });
  const taken = [];
  for (const kind of ["audio", "output", "video"])
    offers.add({ kind, group: "g", label: "Kulaklık", accept: () => taken.push(kind) });
  t.mock.timers.tick(400);
  await Promise.resolve();
  assert.equal(asked.length, 1);
  answers[0](true);
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  assert.equal(asked.length, 2);
  answers[1](false);
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  assert.deepEqual(taken, ["audio", "output"]);
});

test("Safari is told of the call, others are left alone", () => {
  const safari = { audioSession: { type: "auto" } };
  tellAudioSession(true, safari);
  assert.equal(safari.audioSession.type, "play-and-record");
  tellAudioSession(false, safari);
  assert.equal(safari.audioSession.type, "auto");
  tellAudioSession(true, {});
});
