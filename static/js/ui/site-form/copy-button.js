import { setText } from "../shared/dom.js";

const TOLD_MS = 2000;

/** Copies the code beside it, where the browser lets it. */
export class CopyButton {
  #button;
  #label;
  /** @type {any} */
  #timer;

  /** @param {HTMLElement} button  its `data-copied` is said for a while after a copy */
  constructor(button) {
    this.#button = button;
    this.#label = button.textContent ?? "";
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", () => void this.#copy());
  }

  async #copy() {
    const code = this.#button.parentElement?.querySelector("code");
    try {
      await navigator.clipboard.writeText(code?.textContent ?? "");
    } catch {
      // Forbidden: it is marked, so that a key copies it.
      if (code) getSelection()?.selectAllChildren(code);
      return;
    }
    setText(this.#button, this.#button.dataset.copied ?? "");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => setText(this.#button, this.#label), TOLD_MS);
  }
}
