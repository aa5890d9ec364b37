import { h } from "./dom.js";
import { icon } from "./icons.js";

const LIMIT = 4000;
const TYPING_STOPS_MS = 3000;

/**
 * Where a line is written. Enter sends, Shift+Enter breaks the line (and an IME's Enter does neither).
 * Calls `onSend(text)` and `onTyping(boolean)`.
 */
export class Composer {
  element;
  #input;
  #actions;
  #typing = false;
  /** @type {any} */
  #timer;

  /**
   * @param {{label: string, placeholder: string, sendLabel: string}} words
   * @param {{onSend: (text: string) => void, onTyping: (on: boolean) => void}} actions
   */
  constructor(words, actions) {
    this.#actions = actions;
    this.#input = h("textarea", {
      class: "ad-composer__input",
      rows: 1,
      maxlength: LIMIT,
      "aria-label": words.label,
      placeholder: words.placeholder,
      enterkeyhint: "send",
      onkeydown: (event) => this.#key(event),
      oninput: () => this.#changed(),
    });
    this.element = h(
      "form",
      { class: "ad-composer", onsubmit: (event) => (event.preventDefault(), this.#submit()) },
      this.#input,
      h("button", { type: "submit", class: "ad-icon-button ad-icon-button--primary", "aria-label": words.sendLabel }, icon("send")),
    );
  }

  focus() {
    this.#input.focus({ preventScroll: true });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#submit();
  }

  #submit() {
    const text = this.#input.value.trim();
    if (!text) return;
    this.#input.value = "";
    this.#grow();
    this.#setTyping(false);
    this.#actions.onSend(text);
    this.focus();
  }

  #changed() {
    this.#grow();
    this.#setTyping(this.#input.value.trim() !== "");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#setTyping(false), TYPING_STOPS_MS);
  }

  #grow() {
    this.#input.style.height = "auto";
    this.#input.style.height = `${Math.min(this.#input.scrollHeight, 140)}px`;
  }

  /** @param {boolean} on */
  #setTyping(on) {
    if (on === this.#typing) return;
    this.#typing = on;
    this.#actions.onTyping(on);
  }
}
