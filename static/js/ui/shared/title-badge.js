const BLINK_MS = 1200;

/** A mark in the tab's title while something waits for a person who looks elsewhere. */
export class TitleBadge {
  #plain = "";
  /** @type {any} */
  #timer;

  constructor() {
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.clear());
  }

  /** @param {string} text  shown in turns with the plain title, only while the page is hidden */
  raise(text) {
    if (document.visibilityState === "visible") return;
    this.clear();
    this.#plain = document.title;
    let on = false;
    this.#timer = setInterval(() => {
      on = !on;
      document.title = on ? text : this.#plain;
    }, BLINK_MS);
    document.title = text;
  }

  clear() {
    if (!this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    document.title = this.#plain;
  }
}
