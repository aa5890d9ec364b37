/** How loud a stream is now. Browsers may hold an AudioContext until a gesture; then the level stays 0. */
export class Meter {
  #context;
  #analyser;
  #samples;

  /** @param {MediaStream} stream */
  constructor(stream) {
    this.#context = new AudioContext();
    this.#analyser = this.#context.createAnalyser();
    this.#analyser.fftSize = 1024;
    this.#samples = new Float32Array(this.#analyser.fftSize);
    if (stream.getAudioTracks().length) this.#context.createMediaStreamSource(stream).connect(this.#analyser);
    void this.#context.resume();
  }

  /** Root mean square on a scale that speech fills: 0 to 1. @returns {number} */
  get level() {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const square = this.#samples.reduce((sum, value) => sum + value * value, 0) / this.#samples.length;
    return Math.min(1, Math.sqrt(square) * 4);
  }

  stop() {
    void this.#context.close();
  }
}
