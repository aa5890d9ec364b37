import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryStore } from "../../static/js/core/storage.js";
import { Outputs, outputsOf, typeOf } from "../../static/js/rtc/devices/outputs.js";

const device = (deviceId, label) => ({ kind: "audiooutput", deviceId, label });
const SPEAKER = device("spk", "Built-in Speakers");
const HEADSET = device("hs", "USB Headset");

/** A browser with these outputs. */
function world({ found = [device("default", "Default"), SPEAKER, HEADSET], store = memoryStore(), prompt } = {}) {
  const listeners = [];
  const devices = {
    found,
    enumerateDevices: async () => devices.found,
    addEventListener: (_, listener) => listeners.push(listener),
    removeEventListener: () => {},
    ...(prompt && { selectAudioOutput: prompt }),
  };
  const heard = [];
  const outputs = new Outputs({
    store,
    devices,
    Element: class {
      setSinkId() {}
    },
  });
  for (const name of ["offer", "lost", "failed", "chosen"])
    outputs.on(name, (detail) => heard.push([name, detail.output?.id ?? detail.id]));
  const sink = {
    id: "",
    setSinkId: async (id) => {
      if (id === "broken") throw new Error("no");
      sink.id = id;
    },
  };
  outputs.add(sink);
  const change = async (list) => {
    devices.found = list;
    for (const listener of listeners) listener();
    await new Promise((resolve) => setTimeout(resolve, 5));
  };
  return { outputs, sink, heard, store, change };
}

test("a choice is played, remembered, told", async () => {
  const { outputs, sink, heard, store } = world();
  await outputs.start();
  assert.deepEqual(
    outputs.state.outputs.map(({ id, type }) => [id, type]),
    [
      ["", "default"],
      ["spk", "speaker"],
      ["hs", "headset"],
    ],
  );
  assert.equal(await outputs.choose("hs"), true);
  assert.deepEqual([sink.id, outputs.state.current?.id, store.get("audio-output")], ["hs", "hs", "hs"]);
  assert.deepEqual(heard, [["chosen", "hs"]]);
  const later = world({ store });
  await later.outputs.start();
  assert.deepEqual([later.sink.id, later.heard], ["hs", []]);
});

test("a failure leaves the earlier output playing", async () => {
  const { outputs, sink, heard } = world();
  await outputs.start();
  await outputs.choose("spk");
  assert.equal(await outputs.choose("broken"), false);
  assert.deepEqual([sink.id, outputs.state.current?.id, heard.at(-1)], ["spk", "spk", ["failed", "broken"]]);
});

test("a new device is only offered; a lost one falls back to the default", async () => {
  const { outputs, sink, heard, change } = world({ found: [SPEAKER] });
  await outputs.start();
  await change([SPEAKER, HEADSET]);
  assert.deepEqual([heard, sink.id], [[["offer", "hs"]], ""]);
  await outputs.choose("hs");
  await change([SPEAKER]);
  assert.deepEqual([heard.at(-1), sink.id, outputs.state.current], [["lost", "hs"], "", null]);
});

test("the toggle goes between headset and speaker", async () => {
  const { outputs, sink } = world();
  await outputs.start();
  await outputs.toggle();
  assert.equal(sink.id, "hs");
  await outputs.toggle();
  assert.equal(sink.id, "spk");
});

test("what the browser cannot do is said", () => {
  const store = memoryStore();
  assert.equal(new Outputs({ store, devices: {}, Element: class {} }).support, "none");
  assert.equal(world({ prompt: async () => HEADSET }).outputs.support, "prompt");
  assert.equal(world().outputs.support, "select");
});

test("the browser's own picker chooses; dismissed it changes nothing", async () => {
  const picked = world({ found: [SPEAKER], prompt: async () => HEADSET });
  await picked.outputs.start();
  assert.equal(await picked.outputs.prompt(), true);
  assert.equal(picked.sink.id, "hs");
  const dismissed = world({
    prompt: async () => {
      throw Object.assign(new Error(), { name: "NotAllowedError" });
    },
  });
  assert.equal(await dismissed.outputs.prompt(), false);
  assert.deepEqual(dismissed.heard, []);
});

test("labels tell types; Chromium's aliases are no devices of their own", () => {
  assert.deepEqual(["AirPods Pro", "Kulaklık (USB)", "Hoparlör", "Earpiece", "Line 3"].map(typeOf), [
    "bluetooth",
    "headset",
    "speaker",
    "earpiece",
    "other",
  ]);
  assert.deepEqual(
    outputsOf([
      device("communications", "Communications"),
      { kind: "audioinput", deviceId: "m", label: "" },
      SPEAKER,
    ]).map(({ id }) => id),
    ["spk"],
  );
});
