import { t } from "../../../core/i18n.js";
import { roomLeft, sendable } from "../../../core/text.js";
import { h, setText, show } from "../dom.js";
import { icon } from "../icons.js";
import { isSendingKey } from "./sending-key.js";
import { Typing } from "./typing.js";

/** @import {Drafts} from "../../../core/drafts.js" */

/** With no more characters left than this the counter shows. */
const COUNTER_FROM_LEFT = 500;
const MOST_HEIGHT = 160;

/**
 * Where a line is written. Enter sends, Shift+Enter breaks the line. What is too long stays as it is and says by how much.
 *
 * onDraft: told at every change what is written, and an empty text once it is sent.
 *
 * @typedef {{onSend: (text: string) => void, onTyping: (on: boolean) => void, onDraft?: (text: string) => void, onFocus?: () => void}} ComposerActions
 * @typedef {{ready: () => boolean, send: () => void}} Load  what goes along with the line, or without one
 * @typedef {{attach: (composer: Composer) => void}} Attaching  what goes along is chosen there
 */
export class Composer {
  element;
  #input;
  #counter = h("p", { class: "ad-composer__counter", id: "ad-composer-counter", role: "status", hidden: true });
  #send;
  #actions;
  #enabled = true;
  #dimmed;
  #drafts;
  /** Whose line it is. @type {string | null} */
  #conversation = null;
  #typing;
  /** @type {Load | null} */
  load = null;

  /**
   * @param {{label: string, placeholder: string, sendLabel: string}} words
   * @param {ComposerActions} actions
   * @param {{drafts: Drafts, dimmed?: boolean}} options
   *   drafts: keep the line over a reload; dimmed: the button also shows when there is nothing to send
   */
  constructor(words, actions, { drafts, dimmed = false }) {
    this.#dimmed = dimmed;
    this.#drafts = drafts;
    this.#actions = actions;
    this.#typing = new Typing(actions.onTyping);
    this.#input = h("textarea", {
      class: "ad-composer__input",
      rows: 1,
      "aria-describedby": "ad-composer-counter",
      dir: "auto",
      "aria-label": words.label,
      placeholder: words.placeholder,
      autocomplete: "off",
      enterkeyhint: "send",
      onkeydown: (event) => this.#key(event),
      oninput: () => this.#changed(),
      onfocus: () => actions.onFocus?.(),
      onblur: () => this.#typing.set(false),
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

  /** A draft meant for one must never reach the next; one that was begun for this one comes back. @param {string | null} conversation */
  follow(conversation) {
    if (conversation === this.#conversation) return;
    this.#conversation = conversation;
    this.#input.value = conversation === null ? "" : this.#drafts.of(conversation);
    this.drawn();
  }

  /** @param {boolean} enabled @param {string} placeholder */
  setEnabled(enabled, placeholder) {
    if (this.#input.placeholder !== placeholder) this.#input.placeholder = placeholder;
    if (enabled === this.#enabled) return;
    this.#enabled = enabled;
    this.#input.disabled = !enabled;
    this.drawn();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (!isSendingKey(event)) return;
    event.preventDefault();
    this.#submit();
  }

  #submit() {
    const text = sendable(this.#input.value);
    if (this.#isIdle() || !this.#enabled) return;
    if (text !== null) {
      this.#input.value = "";
      this.#keep();
      this.#typing.set(false);
      this.#actions.onDraft?.("");
      this.#actions.onSend(text);
    }
    this.load?.send();
    this.drawn();
    this.focus();
  }

  /** Nothing to send, or too much. */
  #isIdle() {
    const { value } = this.#input;
    return roomLeft(value) < 0 || (sendable(value) === null && !this.load?.ready());
  }

  #keep() {
    if (this.#conversation !== null) this.#drafts.keep(this.#conversation, this.#input.value);
  }

  #changed() {
    this.#keep();
    this.drawn();
    this.#typing.set(this.#input.value.trim() !== "");
    this.#actions.onDraft?.(this.#input.value);
  }

  /** As high as its text, how much more may be written, and whether there is something to send. */
  drawn() {
    this.#input.style.height = "auto";
    this.#input.style.height = `${Math.min(this.#input.scrollHeight, MOST_HEIGHT)}px`;
    const left = roomLeft(this.#input.value);
    setText(
      this.#counter,
      left > COUNTER_FROM_LEFT ? "" : t(left < 0 ? "common.chat.tooLong" : "common.chat.left", { n: Math.abs(left) }),
    );
    show(this.#counter, left <= COUNTER_FROM_LEFT);
    this.#counter.classList.toggle("ad-composer__counter--over", left < 0);
    this.#input.setAttribute("aria-invalid", String(left < 0));
    this.#send.disabled = (this.#dimmed ? this.#isIdle() : left < 0) || !this.#enabled;
  }
}
