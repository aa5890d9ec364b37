import { h } from "./dom.js";

/** Speaks to screen readers without moving the focus. Two levels; the same text twice is said twice. */
export class LiveRegion {
  #polite = h("div", { class: "ad-visually-hidden", "aria-live": "polite", "aria-atomic": "true" });
  #assertive = h("div", { class: "ad-visually-hidden", role: "alert", "aria-atomic": "true" });

  /** @param {HTMLElement} parent */
  constructor(parent) {
    parent.append(this.#polite, this.#assertive);
  }

  /** @param {string} text @param {{urgent?: boolean}} [options] */
  say(text, { urgent = false } = {}) {
    const region = urgent ? this.#assertive : this.#polite;
    region.textContent = "";
    // Emptied and filled in one task, a region with unchanged text would stay silent.
    setTimeout(() => (region.textContent = text), 50);
  }
}
