import { getLocale, t } from "../../core/i18n.js";
import { roomLeft, sendable } from "../../core/text.js";
import { isSendingKey } from "../shared/sending-key.js";
import { COUNTER_FROM_LEFT } from "./chat-model.js";
import { h, setAttribute, setText, show } from "./dom.js";
import { icon, setIcon } from "./icons.js";
import { isOver } from "./reduce.js";

/**
 * @import {ChatModel, Line} from "./chat-model.js"
 * @import {ConsoleState} from "./state.js"
 */

const DELIVERY_ICONS = { sending: "clock", stored: "check", read: "check-double", failed: "warning" };
/** How close to its end the log must stand to follow new lines, px. */
const NEAR_END = 80;

/** @param {Line} line @param {(id: number) => void} edit */
function lineItem(line, edit) {
  const time = h("time", { class: "line-time" });
  const sign = icon("clock");
  const word = h("span", { class: "sr-only" });
  const delivery = h("span", { class: "line-delivery" }, sign, word);
  const again = h(
    "button",
    { class: "line-edit", type: "button", hidden: true, onclick: () => edit(line.id) },
    t("common.chat.edit"),
  );
  const element = h(
    "div",
    { class: "line", "data-from": line.from },
    h("span", { class: "sr-only line-who" }),
    h("p", { class: "line-text", dir: "auto" }, line.text),
    h("span", { class: "line-meta" }, time, line.from === "operator" && delivery, line.from === "operator" && again),
  );
  let shown = "";
  return {
    element,
    /** @param {Line} next */
    update(next) {
      // Every frame draws the whole log: what has not changed must cost nothing.
      const now = `${next.at} ${next.delivery}`;
      if (now === shown) {
        return;
      }
      shown = now;
      setText(time, new Date(next.at).toLocaleTimeString(getLocale(), { hour: "2-digit", minute: "2-digit" }));
      setAttribute(delivery, "data-delivery", next.delivery);
      setIcon(sign, DELIVERY_ICONS[next.delivery]);
      show(again, next.delivery === "failed");
      setText(word, t(`console.chat.${next.delivery}`));
      setAttribute(delivery, "title", t(`console.chat.${next.delivery}`));
    },
  };
}

/** The conversation's lines and the box to write the next one. */
export class ChatView {
  /** @param {{send: (text: string) => void, typing: (on: boolean) => void, seen: () => void, takeBack: (id: number) => string}} actions */
  constructor({ send, typing, seen, takeBack }) {
    this.send = send;
    this.takeBack = takeBack;
    this.typing = typing;
    this.seen = seen;
    /** @type {Map<string, ReturnType<typeof lineItem>>} */
    this.items = new Map();
    /** @type {string|null} */
    this.conversation = null;
    this.restores = 0;
    this.enabled = false;
    this.list = h("div", { class: "lines" });
    this.emptyText = h("p", { class: "chat-empty" });
    this.log = h(
      "div",
      {
        class: "chat-log",
        role: "log",
        "aria-live": "polite",
        "aria-label": t("console.chat.log"),
        tabindex: 0,
        onscroll: () => this.noteScroll(),
      },
      this.emptyText,
      this.list,
    );
    this.typingText = h("p", { class: "chat-typing", "aria-live": "polite" });
    this.jump = h(
      "button",
      { class: "button chat-jump", type: "button", hidden: true, onclick: () => this.toEnd() },
      t("console.chat.new"),
    );
    this.box = this.makeBox();
    this.counter = h("span", { class: "chat-counter", id: "console-chat-counter", role: "status" });
    this.button = h(
      "button",
      { class: "button button-primary chat-send", type: "submit", "aria-label": t("console.chat.send") },
      icon("send"),
    );
    this.form = h(
      "form",
      { class: "chat-form", onsubmit: (/** @type {Event} */ event) => this.submit(event) },
      this.box,
      this.button,
      this.counter,
    );
    this.element = h(
      "section",
      { class: "pane pane-chat", "aria-label": t("console.chat") },
      h("h2", { class: "pane-title" }, t("console.chat")),
      h("div", { class: "chat-body" }, this.log, this.jump),
      this.typingText,
      this.form,
    );
  }

  makeBox() {
    return h("textarea", {
      class: "chat-box",
      rows: 1,
      "aria-label": t("console.chat.label"),
      "aria-describedby": "console-chat-counter",
      autocomplete: "off",
      enterkeyhint: "send",
      dir: "auto",
      oninput: () => this.noteInput(),
      onfocus: () => this.seen(),
      onblur: () => this.typing(false),
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        if (isSendingKey(event)) this.submit(event);
      },
    });
  }

  noteInput() {
    const left = roomLeft(this.box.value);
    setText(
      this.counter,
      left > COUNTER_FROM_LEFT ? "" : t(left < 0 ? "common.chat.tooLong" : "common.chat.left", { n: Math.abs(left) }),
    );
    setAttribute(this.counter, "data-over", left < 0);
    setAttribute(this.box, "aria-invalid", left < 0 ? "true" : null);
    this.button.disabled = !this.enabled || sendable(this.box.value) === null;
    this.grow();
    this.typing(this.box.value.trim() !== "");
  }

  grow() {
    this.box.style.height = "auto";
    this.box.style.height = `${Math.min(this.box.scrollHeight, 160)}px`;
  }

  /** @param {Event} event */
  submit(event) {
    event.preventDefault();
    const text = sendable(this.box.value);
    if (text === null || !this.enabled) {
      return;
    }
    this.send(text);
    this.box.value = "";
    this.noteInput();
    this.toEnd();
  }

  focus() {
    this.box.focus();
  }

  /** A line that was not sent comes back into the box; a draft stays before it. @param {number} id */
  edit(id) {
    this.box.value = [this.box.value, this.takeBack(id)].filter(Boolean).join("\n");
    this.noteInput();
    this.focus();
  }

  toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
    this.noteScroll();
  }

  get atEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR_END;
  }

  noteScroll() {
    if (this.atEnd) {
      show(this.jump, false);
      this.seen();
    }
  }

  /**
   * @param {ChatModel} chat
   * @param {ConsoleState} state
   */
  update(chat, state) {
    const active = state.phase === "active" && state.customer !== null;
    const lost = isOver(state.connection);
    const fresh = this.conversation !== chat.conversation;
    if (fresh || this.restores !== chat.restores) {
      this.items.clear();
      this.list.replaceChildren();
    }
    if (fresh) {
      // A draft meant for one customer must never reach the next.
      this.box.value = "";
    }
    this.conversation = chat.conversation;
    this.restores = chat.restores;
    this.enabled = active && !lost;
    this.box.disabled = !this.enabled;
    setAttribute(this.box, "placeholder", t(active ? "console.chat.placeholder" : "console.chat.placeholder-idle"));
    this.button.disabled = !this.enabled || sendable(this.box.value) === null;
    show(this.emptyText, chat.lines.length === 0);
    setText(this.emptyText, t(active ? "console.chat.empty" : "console.chat.empty-idle"));
    const name = state.customer?.name || t("console.customer.unnamed");
    setText(this.typingText, chat.peerTyping && active ? t("console.chat.typing", { name }) : "");
    this.updateLines(chat, name, fresh);
  }

  /**
   * @param {ChatModel} chat
   * @param {string} name
   * @param {boolean} fresh the log shows another conversation than before
   */
  updateLines(chat, name, fresh) {
    const follow = fresh || this.atEnd;
    let grown = false;
    for (const line of chat.lines) {
      let item = this.items.get(line.key);
      if (!item) {
        item = lineItem(line, (id) => this.edit(id));
        const who = item.element.querySelector(".line-who");
        who?.append(`${line.from === "operator" ? t("console.chat.you") : name}: `);
        this.items.set(line.key, item);
        this.list.append(item.element);
        grown = true;
      }
      item.update(line);
    }
    if (grown && follow) {
      this.toEnd();
    } else if (grown) {
      show(this.jump, true);
    }
  }
}
