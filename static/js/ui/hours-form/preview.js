import { show } from "../shared/dom.js";

const TYPED_MS = 400;
const MINUTE_MS = 60_000;

/** What the hours mean as they stand in the form, beside it: the server reads them, so that it is what will hold. */
export class HoursPreview {
  #element;
  #form;
  #place;
  /** @type {any} */
  #timer;
  #asked = 0;

  /** @param {HTMLElement} element  `data-preview`: the address that says it @param {HTMLFormElement} form */
  constructor(element, form) {
    this.#element = element;
    this.#form = form;
    this.#place = /** @type {HTMLElement} */ (element.querySelector("[data-shown]"));
    for (const event of ["input", "change", "click"]) form.addEventListener(event, () => this.#soon());
    setInterval(() => void this.#draw(), MINUTE_MS);
    void this.#draw();
  }

  #soon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#draw(), TYPED_MS);
  }

  /** What does not come leaves what is shown; the next change asks again. */
  async #draw() {
    const asked = ++this.#asked;
    const body = new FormData(this.#form);
    try {
      const answer = await fetch(this.#element.dataset.preview ?? "", { method: "POST", body });
      const text = await answer.text();
      if (!answer.ok || asked !== this.#asked) return;
      const drawn = new DOMParser().parseFromString(text, "text/html");
      if (drawn.body.innerHTML === this.#place.innerHTML) return;
      this.#place.replaceChildren(...drawn.body.childNodes);
      show(this.#element, true);
    } catch {
      // Offline: the form can be saved later all the same.
    }
  }
}
