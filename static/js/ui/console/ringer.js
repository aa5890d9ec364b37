/** Sounds made on the spot, so that none has to be loaded. Browsers allow them only after a gesture on the page. */

/** @import {Sound} from "./alerts.js" */

const RING_EVERY_MS = 2600;

/** @type {Record<"ring"|"knock"|"message"|"ended", {at: number, hz: number, for: number, volume: number}[]>} */
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

export class Ringer {
  /** @param {{makeContext?: () => AudioContext}} [options] */
  constructor({ makeContext = () => new AudioContext() } = {}) {
    this.makeContext = makeContext;
    /** @type {AudioContext|null} */
    this.context = null;
    this.enabled = true;
    /** @type {ReturnType<typeof setInterval>|null} */
    this.timer = null;
    /** @type {() => void} */
    this.onchange = () => {};
  }

  /** Whether a sound asked for now would be heard. */
  get unlocked() {
    return this.context?.state === "running";
  }

  /** To be called inside a gesture: click, key, touch. */
  async unlock() {
    try {
      this.context ??= this.makeContext();
      if (this.context.state !== "running") {
        await this.context.resume();
      }
    } catch {
      // No audio device, or the gesture did not count: the chip that asks for it stays.
    }
    this.onchange();
  }

  /** @param {Sound} sound */
  make(sound) {
    if (sound === "stop") {
      this.stop();
    } else if (sound === "ring") {
      this.ring();
    } else {
      this.play(sound);
    }
  }

  /** Rings until `stop`; a tune that has begun is played to its end. */
  ring() {
    this.stop();
    this.play("ring");
    this.timer = setInterval(() => this.play("ring"), RING_EVERY_MS);
  }

  stop() {
    if (this.timer !== null) {
      clearInterval(this.timer);
      this.timer = null;
    }
  }

  /** @param {keyof typeof TUNES} name */
  play(name) {
    const context = this.context;
    if (!this.enabled || context === null || context.state !== "running") {
      return;
    }
    for (const note of TUNES[name]) {
      const start = context.currentTime + note.at;
      const oscillator = context.createOscillator();
      const gain = context.createGain();
      oscillator.type = "triangle";
      oscillator.frequency.value = note.hz;
      gain.gain.setValueAtTime(0, start);
      gain.gain.linearRampToValueAtTime(note.volume, start + 0.02);
      gain.gain.exponentialRampToValueAtTime(0.001, start + note.for);
      oscillator.connect(gain).connect(context.destination);
      oscillator.start(start);
      oscillator.stop(start + note.for + 0.05);
    }
  }
}
