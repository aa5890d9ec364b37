/**
 * A short, soft chime made with WebAudio: no file to load. Browsers allow sound only after a gesture, so `unlock()` is
 * called from one (the "join" button).
 */
export class Chime {
  /** @type {AudioContext | null} */
  #context = null;

  unlock() {
    this.#context ??= typeof AudioContext === "undefined" ? null : new AudioContext();
    void this.#context?.resume();
  }

  /** @param {number[]} [notes]  Hz, one after the other */
  play(notes = [659.25, 880]) {
    const context = this.#context;
    if (context?.state !== "running") return;
    for (const [index, frequency] of notes.entries()) {
      tone(context, frequency, context.currentTime + index * 0.16);
    }
  }
}

/** @param {AudioContext} context @param {number} frequency @param {number} start */
function tone(context, frequency, start) {
  const oscillator = context.createOscillator();
  const gain = context.createGain();
  oscillator.frequency.value = frequency;
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(0.18, start + 0.02);
  gain.gain.exponentialRampToValueAtTime(0.001, start + 0.7);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(start);
  oscillator.stop(start + 0.75);
}
