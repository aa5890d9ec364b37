import { iconButton } from "./button.js";
import { h } from "./dom.js";

const SHOWN_MS = 6000;

/** Short messages at the edge; they stay while the pointer or the focus is on them. */
export class Toasts {
  #stack = h("div", { class: "ad-toasts", role: "status", "aria-live": "polite" });
  #closeLabel;

  /** @param {HTMLElement} parent @param {() => string} closeLabel */
  constructor(parent, closeLabel) {
    this.#closeLabel = closeLabel;
    parent.append(this.#stack);
  }

  /**
   * @param {string} text
   * @param {{tone?: 'info' | 'warning' | 'danger' | 'success'}} [options]
   */
  show(text, { tone = "info" } = {}) {
    // Before there are texts there is nothing to say.
    if (text === "") return;
    for (const shown of this.#stack.children) if (shown.firstChild?.textContent === text) shown.remove();
    const toast = h(
      "div",
      { class: `ad-toast ad-toast--${tone}` },
      h("span", {}, text),
      iconButton({ icon: "close", label: this.#closeLabel(), small: true }, () => toast.remove()),
    );
    this.#stack.append(toast);
    const leave = () => (toast.matches(":hover, :focus-within") ? setTimeout(leave, SHOWN_MS) : toast.remove());
    setTimeout(leave, SHOWN_MS);
  }
}
