import { t } from "../../core/i18n.js";
import { roomLeft, sendable } from "../../core/text.js";
import { h, setText, show } from "./dom.js";
import { icon } from "./icons.js";
import { isSendingKey } from "./sending-key.js";

const COUNTER_FROM_LEFT = 500;
const TYPING_STOPS_MS = 3000;

/**
 * Where a line is written. Enter sends, Shift+Enter breaks the line. What is too long stays as it is and says by how much.
 * Calls `onSend(text)` and `onTyping(boolean)`.
 */
export class Composer {
  element;
  #input;
  #counter = h("p", { class: "ad-composer__counter", id: "ad-composer-counter", role: "status", hidden: true });
  #send;
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
      "aria-describedby": "ad-composer-counter",
      dir: "auto",
      "aria-label": words.label,
      placeholder: words.placeholder,
      enterkeyhint: "send",
      onkeydown: (event) => this.#key(event),
      oninput: () => this.#changed(),
    });
    this.#send = h(
      "button",
      { type: "submit", class: "ad-icon-button ad-icon-button--primary", "aria-label": words.sendLabel },
      icon("send"),
    );
    this.element = h(
      "form",
      {
        class: "ad-composer",
        onsubmit: (event) => {
          event.preventDefault();
          this.#submit();
        },
      },
      this.#counter,
      this.#input,
      this.#send,
    );
  }

  focus() {
    this.#input.focus({ preventScroll: true });
  }

  /** A line to write anew; a draft stays before it. @param {string} text */
  take(text) {
    this.#input.value = [this.#input.value, text].filter(Boolean).join("\n");
    this.#changed();
    this.focus();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (!isSendingKey(event)) return;
    event.preventDefault();
    this.#submit();
  }

  #submit() {
    const text = sendable(this.#input.value);
    if (text === null) return;
    this.#input.value = "";
    this.#grow();
    this.#count();
    this.#setTyping(false);
    this.#actions.onSend(text);
    this.focus();
  }

  #changed() {
    this.#grow();
    this.#count();
    this.#setTyping(this.#input.value.trim() !== "");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#setTyping(false), TYPING_STOPS_MS);
  }

  #count() {
    const left = roomLeft(this.#input.value);
    setText(
      this.#counter,
      left > COUNTER_FROM_LEFT ? "" : t(left < 0 ? "common.chat.tooLong" : "common.chat.left", { n: Math.abs(left) }),
    );
    show(this.#counter, left <= COUNTER_FROM_LEFT);
    this.#counter.classList.toggle("ad-composer__counter--over", left < 0);
    this.#input.setAttribute("aria-invalid", String(left < 0));
    this.#send.disabled = left < 0;
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
