import { h, show } from "../shared/dom.js";

const TYPED_MS = 400;
const SCREEN_MS = 5000;
/** How the page calls what may be shown (ui/customer/state.js). @type {Record<string, string>} */
const STATES = { form: "welcome", waiting: "waiting", end: "ended" };

/**
 * The widget beside the form of its site, as it would be with what stands in the form now: the form itself is sent into a
 * frame. A new one is shown when it is there, so that nothing flickers.
 */
export class Preview {
  #form;
  #place;
  #address;
  /** @type {HTMLIFrameElement | null} */
  #shown = null;
  /** @type {HTMLIFrameElement | null} */
  #coming = null;
  #count = 0;
  #screen = "form";
  #theme = "light";
  #locale;
  #drawn = "";
  /** @type {any} */
  #timer;

  /** @param {HTMLElement} element  `data-preview`: the address that draws it @param {HTMLFormElement} form */
  constructor(element, form) {
    this.#form = form;
    this.#place = /** @type {HTMLElement} */ (element.querySelector(".ad-preview-frames"));
    this.#address = element.dataset.preview ?? "";
    this.#locale = /** @type {HTMLSelectElement | null} */ (element.querySelector("[name=preview-locale]"));
    form.addEventListener("input", () => this.#soon());
    form.addEventListener("change", () => this.#soon());
    // Django's own buttons take questions out and add some.
    form.addEventListener("click", () => this.#soon());
    element.addEventListener("change", ({ target }) => {
      if (!(target instanceof HTMLInputElement || target instanceof HTMLSelectElement)) return;
      if (target.name === "preview-screen") this.#screen = target.value;
      if (target.name === "preview-theme") this.#theme = target.value;
      if (target.name === "preview-locale") this.#draw();
      else if (this.#shown) this.#tell(this.#shown);
    });
    window.addEventListener("message", (event) => this.#hear(event));
    show(element, true);
    this.#draw();
  }

  #soon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#written() !== this.#drawn && this.#draw(), TYPED_MS);
  }

  /** What stands in the form, to be compared. */
  #written() {
    const entries = [...new FormData(this.#form)];
    return JSON.stringify(entries.map(([name, value]) => [name, value instanceof File ? value.size : value]));
  }

  #draw() {
    this.#drawn = this.#written();
    this.#coming?.remove();
    const name = `site-preview-${++this.#count}`;
    const frame = h("iframe", { name, class: "ad-preview-frame", title: this.#place.dataset.title, hidden: true });
    this.#coming = frame;
    this.#place.append(frame);
    frame.addEventListener("load", () => this.#loaded(frame));
    const { action, target } = this.#form;
    const query = new URLSearchParams({ locale: this.#locale?.value ?? "" });
    Object.assign(this.#form, { action: `${this.#address}&${query}`, target: name });
    HTMLFormElement.prototype.submit.call(this.#form);
    Object.assign(this.#form, { action, target });
  }

  /** @param {HTMLIFrameElement} frame */
  #loaded(frame) {
    if (frame !== this.#coming) return;
    this.#tell(frame);
    if (this.#screen === "form") this.#swap(frame);
    // Where it does not come to that screen, it is shown as it is.
    else setTimeout(() => this.#swap(frame), SCREEN_MS);
  }

  /** @param {HTMLIFrameElement} frame */
  #swap(frame) {
    if (frame !== this.#coming) return;
    show(frame, true);
    this.#shown?.remove();
    this.#shown = frame;
    this.#coming = null;
  }

  /** A frame has come to another screen. @param {MessageEvent} event */
  #hear({ source, data }) {
    const coming = this.#coming;
    if (coming && source === coming.contentWindow && data?.event === "screen" && data.detail === STATES[this.#screen])
      this.#swap(coming);
  }

  /** @param {HTMLIFrameElement} frame */
  #tell({ contentWindow }) {
    const say = (/** @type {string} */ command, /** @type {unknown} */ value) =>
      contentWindow?.postMessage({ adminara: 1, command, value }, location.origin);
    say("configure", { theme: this.#theme, open: true });
    if (this.#screen !== "form" || this.#shown?.contentWindow === contentWindow) say("preview", this.#screen);
  }
}
