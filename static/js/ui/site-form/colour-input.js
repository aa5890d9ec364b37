import { h } from "../shared/dom.js";

const WHOLE = /^#?([0-9a-f]{6})$/i;
const SHORT = /^#?([0-9a-f])([0-9a-f])([0-9a-f])$/i;

/**
 * @param {string} text  as somebody types it
 * @returns {string | null} as the browser's picker takes it; null for what is no colour
 */
export function colourOf(text) {
  const whole = WHOLE.exec(text.trim());
  if (whole) return `#${whole[1].toLowerCase()}`;
  const short = SHORT.exec(text.trim());
  return short
    ? `#${short
        .slice(1)
        .map((digit) => digit + digit)
        .join("")
        .toLowerCase()}`
    : null;
}

/** A box for a colour with the browser's picker beside it, and the button of an error that takes the nearest one. */
export class ColourInput {
  #input;
  #picker;

  /** @param {HTMLInputElement} input */
  constructor(input) {
    this.#input = input;
    this.#picker = /** @type {HTMLInputElement} */ (
      h("input", { type: "color", class: "ad-colour-picker", "aria-label": nameOf(input) })
    );
    input.before(this.#picker);
    this.#show();
    input.addEventListener("input", () => this.#show());
    this.#picker.addEventListener("input", () => this.#take(this.#picker.value));
    const row = input.closest(".form-row");
    for (const button of row?.querySelectorAll(".ad-take") ?? []) {
      button.addEventListener("click", () => {
        this.#take(/** @type {HTMLElement} */ (button).dataset.take ?? "");
        input.focus();
      });
    }
  }

  /** @param {string} colour */
  #take(colour) {
    this.#input.value = colour;
    // Whoever listens to the box hears of it, too.
    this.#input.dispatchEvent(new Event("input", { bubbles: true }));
  }

  #show() {
    const colour = colourOf(this.#input.value) ?? colourOf(this.#input.placeholder);
    if (colour) this.#picker.value = colour;
    this.#picker.classList.toggle("ad-colour-picker--unset", this.#input.value.trim() === "");
  }
}

/** @param {HTMLInputElement} input */
function nameOf(input) {
  return input.labels?.[0]?.textContent?.replace(/:\s*$/, "") ?? "";
}
