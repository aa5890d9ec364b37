/**
 * Sounds made on the spot, so that none has to be loaded. Browsers allow them only after a gesture on the page, so
 * `unlock()` is called from one.
 *
 * @typedef {{at: number, hz: number, for: number, volume: number}} Note  at, for: seconds from the tune's beginning
 */

export class Sound {
  /** @type {AudioContext|null} */
  #context = null;
  #makeContext;
  #shape;

  /** @param {{makeContext?: () => AudioContext, shape?: OscillatorType}} [options]  shape: how sharp it is heard */
  constructor({ makeContext = () => new AudioContext(), shape = "triangle" } = {}) {
    this.#makeContext = makeContext;
    this.#shape = shape;
  }

  /** Whether a sound asked for now would be heard. */
  get unlocked() {
    return this.#context?.state === "running";
  }

  /** To be called inside a gesture: click, key, touch. */
  async unlock() {
    try {
      this.#context ??= this.#makeContext();
      if (!this.unlocked) await this.#context.resume();
    } catch {
      // No audio device, or the gesture did not count: it stays silent.
    }
  }

  /** @param {readonly Note[]} tune */
  play(tune) {
    if (this.#context && this.unlocked) for (const note of tune) sound(this.#context, note, this.#shape);
  }
}

/** @param {AudioContext} context @param {Note} note @param {OscillatorType} shape */
function sound(context, note, shape) {
  const start = context.currentTime + note.at;
  const oscillator = context.createOscillator();
  const gain = context.createGain();
  oscillator.type = shape;
  oscillator.frequency.value = note.hz;
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(note.volume, start + 0.02);
  gain.gain.exponentialRampToValueAtTime(0.001, start + note.for);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(start);
  oscillator.stop(start + note.for + 0.05);
}
