const BLINK_MS = 1000;

/** What the tab's title says: the page's name, and in turns with it what calls for a person who looks elsewhere. */
export class TitleBadge {
  #plain = document.title;
  #alert = "";
  #isOn = false;
  /** @type {any} */
  #timer;

  /** The page's own name. @param {string} text */
  setPlain(text) {
    this.#plain = text;
    this.#draw();
  }

  /** @param {string} text  empty: nothing calls any more */
  setAlert(text) {
    if (text === this.#alert) return;
    this.#alert = text;
    this.#isOn = text !== "";
    clearInterval(this.#timer);
    if (this.#isOn) {
      this.#timer = setInterval(() => {
        this.#isOn = !this.#isOn;
        this.#draw();
      }, BLINK_MS);
    }
    this.#draw();
  }

  #draw() {
    const title = this.#isOn ? this.#alert : this.#plain;
    if (document.title !== title) document.title = title;
  }
}
