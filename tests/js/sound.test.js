import assert from "node:assert/strict";
import { test } from "node:test";
import { Sound } from "../../static/js/ui/shared/sound.js";

/** An AudioContext that writes down what it plays. @param {{allowed?: boolean}} [options] */
function device({ allowed = true } = {}) {
  const played = [];
  const parameter = { setValueAtTime() {}, linearRampToValueAtTime() {}, exponentialRampToValueAtTime() {} };
  return {
    played,
    state: "suspended",
    currentTime: 10,
    destination: {},
    async resume() {
      if (!allowed) throw new Error("NotAllowedError");
      this.state = "running";
    },
    createGain: () => ({ gain: parameter, connect() {} }),
    createOscillator() {
      const oscillator = {
        type: "",
        frequency: { value: 0 },
        connect: (/** @type {any} */ next) => next,
        start: (/** @type {number} */ at) => played.push([oscillator.type, oscillator.frequency.value, at]),
        stop() {},
      };
      return oscillator;
    },
  };
}

const TUNE = [
  { at: 0, hz: 659, for: 0.2, volume: 0.2 },
  { at: 0.5, hz: 880, for: 0.2, volume: 0.2 },
];

test("nothing is heard before a gesture, then every note at its time", async () => {
  const context = device();
  const sound = new Sound({ makeContext: () => /** @type {any} */ (context), shape: "sine" });
  sound.play(TUNE);
  assert.deepEqual([sound.unlocked, context.played], [false, []]);
  await sound.unlock();
  sound.play(TUNE);
  assert.deepEqual(
    [sound.unlocked, context.played],
    [
      true,
      [
        ["sine", 659, 10],
        ["sine", 880, 10.5],
      ],
    ],
  );
});

test("a browser that refuses, or has no sound at all, stays silent", async () => {
  const refused = new Sound({ makeContext: () => /** @type {any} */ (device({ allowed: false })) });
  const without = new Sound({
    makeContext: () => {
      throw new Error("no device");
    },
  });
  for (const sound of [refused, without]) {
    await sound.unlock();
    sound.play(TUNE);
    assert.equal(sound.unlocked, false);
  }
});
