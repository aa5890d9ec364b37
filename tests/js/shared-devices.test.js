import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { shareDevices } from "../../static/js/rtc/devices/shared-devices.js";

/** A stream and its clones; the device is on while one of them lives. */
class FakeStream {
  stopped = false;
  constructor(family = []) {
    this.family = family;
    family.push(this);
  }
  clone() {
    return new FakeStream(this.family);
  }
  get on() {
    return this.family.some((stream) => !stream.stopped);
  }
}

let opened;
const devices = (given = {}) =>
  shareDevices(
    async (media) => {
      opened += 1;
      return { stream: new FakeStream(), media, problem: null, ...given };
    },
    (stream) => {
      if (stream) stream.stopped = true;
    },
  );

beforeEach(() => {
  opened = 0;
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
});

test("who asks soon after gets the same devices, and each lets go of its own", async () => {
  const { acquire } = devices();
  const [check, call] = await Promise.all([acquire("video"), acquire("video")]);
  assert.equal(opened, 1);
  assert.notEqual(check.stream, call.stream);
  check.stream.stopped = true;
  mock.timers.tick(4000);
  await Promise.resolve();
  assert.ok(call.stream.on);
  call.stream.stopped = true;
  assert.ok(!call.stream.on);
});

test("devices that were warmed up for nobody go off again", async () => {
  const { acquire, warm } = devices();
  warm("audio");
  const { stream } = await acquire("audio");
  stream.stopped = true;
  assert.ok(stream.on);
  mock.timers.tick(4000);
  await new Promise(setImmediate);
  assert.ok(!stream.on);
  warm("chat");
  assert.equal(opened, 1);
});

test("other devices and later wishes are opened anew; a refusal is everybody's", async () => {
  const { acquire } = devices({ stream: null, problem: { device: "microphone", code: "denied" } });
  assert.equal((await acquire("audio")).stream, null);
  await acquire("video");
  assert.equal(opened, 2);
  mock.timers.tick(4000);
  assert.equal((await acquire("video")).problem.code, "denied");
  assert.equal(opened, 3);
});
