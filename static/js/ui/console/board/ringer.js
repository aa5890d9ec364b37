import { Sound } from "../../shared/sound.js";

/** @import {Note} from "../../shared/sound.js" */

const RING_EVERY_MS = 2600;

/** @type {Record<"ring"|"knock"|"message"|"ended", Note[]>} */
const TUNES = {
  ring: [
    { at: 0, hz: 659, for: 0.22, volume: 0.22 },
    { at: 0.2, hz: 880, for: 0.3, volume: 0.22 },
    { at: 0.62, hz: 659, for: 0.22, volume: 0.22 },
    { at: 0.82, hz: 880, for: 0.45, volume: 0.22 },
  ],
  knock: [
    { at: 0, hz: 523, for: 0.16, volume: 0.14 },
    { at: 0.16, hz: 659, for: 0.26, volume: 0.14 },
  ],
  message: [{ at: 0, hz: 784, for: 0.12, volume: 0.1 }],
  ended: [
    { at: 0, hz: 587, for: 0.18, volume: 0.14 },
    { at: 0.18, hz: 440, for: 0.32, volume: 0.14 },
  ],
};

/** What calls an operator who looks elsewhere. */
export class Ringer {
  /** @param {Sound} [sound] */
  constructor(sound = new Sound()) {
    this.sound = sound;
    this.enabled = true;
    /** @type {ReturnType<typeof setInterval>|null} */
    this.timer = null;
    /** @type {() => void} */
    this.onchange = () => {};
  }

  get unlocked() {
    return this.sound.unlocked;
  }

  /** To be called inside a gesture. Where it did not count, the chip that asks for it stays. */
  async unlock() {
    await this.sound.unlock();
    this.onchange();
  }

  /** @param {import("./alerts.js").Sound} sound */
  make(sound) {
    if (sound === "stop") this.stop();
    else if (sound === "ring") this.ring();
    else this.play(sound);
  }

  /** Rings until `stop`; a tune that has begun is played to its end. */
  ring() {
    this.stop();
    this.play("ring");
    this.timer = setInterval(() => this.play("ring"), RING_EVERY_MS);
  }

  stop() {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
  }

  /** @param {keyof typeof TUNES} name */
  play(name) {
    if (this.enabled) this.sound.play(TUNES[name]);
  }
}
