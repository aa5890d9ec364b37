const STOPS_MS = 3000;
/** The other side forgets after a while that somebody types (the word that it is over may be lost): it is told again. */
const AGAIN_MS = 3000;

/** Tells the other side that somebody types: when it begins, now and then while it lasts, and when it is over. */
export class Typing {
  #tell;
  #now;
  #toldAt = Number.NEGATIVE_INFINITY;
  #isOn = false;
  /** @type {any} */
  #timer;

  /** @param {(on: boolean) => void} tell @param {() => number} [now]  ms */
  constructor(tell, now = Date.now) {
    this.#tell = tell;
    this.#now = now;
  }

  /** At every change of what is written. @param {boolean} on  there is something */
  set(on) {
    clearTimeout(this.#timer);
    if (on) this.#timer = setTimeout(() => this.set(false), STOPS_MS);
    if (on ? this.#isOn && this.#now() - this.#toldAt < AGAIN_MS : !this.#isOn) return;
    this.#isOn = on;
    this.#toldAt = this.#now();
    this.#tell(on);
  }
}
