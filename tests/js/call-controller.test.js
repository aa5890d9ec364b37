import assert from "node:assert/strict";
import { test } from "node:test";
import { CallController } from "../../static/js/app/call-controller.js";

const stream = (/** @type {string} */ name) => /** @type {any} */ ({ name });
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A call that writes down what is done with it. */
class FakeCall {
  muted = false;
  cameraOff = true;
  sharing = false;
  did = [];
  on = () => () => {};
  start = () => void this.did.push("start");
  close = () => void this.did.push("close");
  setLocalStream = (/** @type {any} */ given) => void this.did.push(given?.name ?? null);
  setMuted = (/** @type {boolean} */ on) => void this.did.push(["muted", on]);
  setCamera = async (/** @type {boolean} */ on) => void this.did.push(["camera", on]);
  shareScreen = async () => Boolean(this.did.push("share"));
  stopSharing = () => void this.did.push("unshare");
  restartIce = async () => void this.did.push("restart");
  audioOnly = () => void this.did.push("audio only");
  resumeVideo = async () => void this.did.push("video");
  resync = () => void this.did.push("resync");
}

function held() {
  const released = [];
  const calls = new CallController({ release: (/** @type {any} */ given) => released.push(given?.name) });
  const told = [];
  calls.on("call", (call) => told.push(call ? "begun" : "over"));
  calls.on("opening", (on) => told.push(`opening ${on}`));
  calls.on("devices", (got) => told.push(got.stream?.name ?? "no devices"));
  return { calls, told, released };
}

test("a call and its devices begin at once; what is opened joins", async () => {
  const { calls, told } = held();
  const call = new FakeCall();
  calls.begin("c1", call, async () => ({ stream: stream("own") }));
  assert.deepEqual([calls.has("c1"), calls.has("c2"), call.did], [true, false, ["start"]]);
  await settled();
  assert.deepEqual(
    [told, call.did],
    [
      ["begun", "opening true", "opening false", "own"],
      ["start", "own"],
    ],
  );
});

test("one call at a time: the next ends it, and devices that come late go to the call they were opened for", async () => {
  const { calls, told } = held();
  const [first, second] = [new FakeCall(), new FakeCall()];
  let give = (/** @type {any} */ _) => {};
  calls.begin("c1", first, () => new Promise((resolve) => (give = resolve)));
  calls.begin("c2", second, async () => ({ stream: null }));
  await settled();
  give({ stream: stream("late") });
  await settled();
  assert.deepEqual(first.did, ["start", "close", "late"], "which lets them go: it is closed");
  assert.deepEqual([calls.has("c2"), second.did], [true, ["start", null]]);
  assert.deepEqual(told.slice(-3), ["opening true", "opening false", "no devices"]);
});

test("devices tried once more join the running call, and are let go when it is over", async () => {
  const { calls, told, released } = held();
  const call = new FakeCall();
  calls.begin("c1", call, async () => ({ stream: null }));
  await settled();
  await calls.retryDevices(async () => ({ stream: stream("again") }));
  assert.deepEqual([call.did.at(-1), told.at(-1)], ["again", "again"]);
  const late = calls.retryDevices(async () => ({ stream: stream("late") }));
  calls.end();
  await late;
  assert.deepEqual([released, call.did.at(-1), told.at(-1)], [["late"], "close", "over"]);
});

test("without a call nothing is done, and an end is told once", () => {
  const { calls, told } = held();
  for (const act of ["toggleMute", "toggleCamera", "toggleShare", "resync", "end"]) calls[act]();
  for (const action of ["ice-restart", "audio-only", "video", "chat"]) calls.control(action);
  assert.deepEqual(told, []);
  const call = new FakeCall();
  calls.begin("c1", call, async () => ({ stream: null }));
  for (const action of ["ice-restart", "audio-only", "video", "chat"]) calls.control(action);
  for (const act of ["toggleMute", "toggleCamera", "toggleShare", "resync"]) calls[act]();
  calls.end();
  calls.end();
  assert.deepEqual(told, ["begun", "opening true", "over"]);
  assert.deepEqual(call.did, [
    "start",
    "restart",
    "audio only",
    "video",
    ["muted", true],
    ["camera", true],
    "share",
    "resync",
    "close",
  ]);
});
