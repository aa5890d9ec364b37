import { wellFormed } from "../../../core/text.js";

const EVERY_MS = 1000;
/** Characters, as the server takes them. */
const MOST = 500;

/**
 * Tells the operator what is being written, where the site lets operators see it and the customer reads so: the newest
 * text, its end where it is long, and no more often than once a second.
 */
export class Preview {
  #tell;
  #text = "";
  /** @type {string | null} */
  #told = null;
  /** @type {any} */
  #timer = null;

  /** @param {(text: string) => void} tell */
  constructor(tell) {
    this.#tell = tell;
  }

  /** At every change of what is written; empty: nothing is being written any more. @param {string} text */
  write(text) {
    this.#text = [...wellFormed(text.slice(-2 * MOST))].slice(-MOST).join("");
    if (this.#timer === null) this.#next();
  }

  #next() {
    this.#timer = null;
    if (this.#text === this.#told) return;
    this.#told = this.#text;
    this.#tell(this.#text);
    this.#timer = setTimeout(() => this.#next(), EVERY_MS);
  }
}
