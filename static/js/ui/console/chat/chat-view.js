import { t } from "../../../core/i18n.js";
import { ChatLog } from "../../shared/chat/chat-log.js";
import { Composer } from "../../shared/chat/composer.js";
import { h, setText, show } from "../dom.js";
import { icon, setIcon } from "../icons.js";
import { isOver } from "../reduce.js";
import { InvitationView } from "./invitation-view.js";
import { ReplyPicker } from "./reply-picker.js";
import { filled } from "./reply-text.js";

/**
 * @import {ChatModel} from "./chat-model.js"
 * @import {Delivery, DeliveryMark} from "../../shared/chat/chat-log.js"
 * @import {ConsoleState} from "../state.js"
 */

/** @type {Record<Delivery, {sign: string, text: string}>} */
const DELIVERY = {
  sending: { sign: "clock", text: "console.chat.sending" },
  sent: { sign: "check", text: "console.chat.stored" },
  seen: { sign: "check-double", text: "console.chat.read" },
  failed: { sign: "warning", text: "console.chat.failed" },
};

/** @returns {DeliveryMark} a sign; its word is a tooltip, and for screen readers */
function deliverySign() {
  const sign = icon("clock");
  const word = h("span", { class: "ad-visually-hidden" });
  const element = h("span", { class: "ad-line__state" }, sign, word);
  return {
    element,
    update: (state) => {
      setIcon(sign, DELIVERY[state].sign);
      setText(word, t(DELIVERY[state].text));
      element.title = t(DELIVERY[state].text);
    },
  };
}

/** The conversation's lines and the box to write the next one. */
export class ChatView {
  /** @param {{send: (text: string) => void, typing: (on: boolean) => void, seen: () => void, takeBack: (key: string) => string,
   *   drafts: import("../../../core/drafts.js").Drafts, replies: import("./reply-picker.js").ReplyActions,
   *   invitation: import("./invitation-view.js").InvitationActions,
   *   extras: import("../../shared/chat/chat-log.js").Extras & import("../../shared/chat/composer.js").Attaching}} actions */
  constructor({ send, typing, seen, takeBack, drafts, replies, invitation, extras }) {
    this.name = "";
    /** @type {import("./reply-text.js").Facts} */
    this.facts = { customer: {}, operator: {} };
    /** @type {string|null} */
    this.conversation = null;
    this.drafts = drafts;
    this.log = new ChatLog({
      label: t("console.chat.log"),
      onEdit: (key) => this.composer.take(takeBack(key)),
      who: ({ from }) => `${from === "own" ? t("console.chat.you") : this.name}: `,
      mark: deliverySign,
      onEnd: seen,
      newLabel: t("console.chat.new"),
      extras,
    });
    this.emptyText = h("p", { class: "ad-chat-empty" });
    this.log.log.prepend(this.emptyText);
    this.typingText = h("p", { class: "ad-chat-typing", "aria-live": "polite" });
    this.previewText = h("p", { class: "ad-chat-preview-text", dir: "auto" });
    this.preview = h(
      "div",
      { class: "ad-chat-preview", hidden: true },
      h("p", { class: "ad-chat-preview-title" }, t("console.chat.preview")),
      this.previewText,
    );
    this.composer = new Composer(
      { label: t("console.chat.label"), placeholder: "", sendLabel: t("console.chat.send") },
      {
        onSend: (text) => {
          send(text);
          this.log.toEnd();
        },
        onTyping: typing,
        onFocus: seen,
      },
      { drafts, dimmed: true },
    );
    extras.attach(this.composer);
    this.replies = new ReplyPicker(this.composer.element, replies, {
      conversation: () => this.conversation ?? "",
      written: (text) => filled(text, this.facts),
    });
    this.invitation = new InvitationView(invitation, () => this.focus());
    this.element = h(
      "section",
      { class: "ad-pane ad-pane-chat", "aria-label": t("console.chat") },
      h("h2", { class: "ad-pane-title" }, t("console.chat")),
      this.log.element,
      this.typingText,
      this.preview,
      this.invitation.element,
      this.replies.element,
    );
  }

  get atEnd() {
    return this.log.atEnd;
  }

  focus() {
    this.composer.focus();
  }

  toEnd() {
    this.log.toEnd();
  }

  /**
   * @param {ChatModel} chat
   * @param {ConsoleState} state
   */
  update(chat, state) {
    const active = state.phase === "active" && state.customer !== null;
    this.composer.follow(chat.conversation);
    // It can be read until the next one comes, but not sent any more.
    if (!active && chat.conversation !== null) this.drafts.forget();
    this.conversation = chat.conversation;
    this.name = state.customer?.name || t("console.customer.unnamed");
    this.facts = {
      customer: { name: state.customer?.name ?? "", topic: state.customer?.topic ?? "" },
      operator: { name: state.me },
    };
    if (!active) this.replies.close();
    this.composer.setEnabled(
      active && !isOver(state.connection),
      t(active ? "console.chat.placeholder" : "console.chat.placeholder-idle"),
    );
    show(this.emptyText, chat.lines.length === 0);
    setText(this.emptyText, t(active ? "console.chat.empty" : "console.chat.empty-idle"));
    show(this.preview, active && chat.peerDraft !== "");
    setText(this.previewText, chat.peerDraft);
    setText(this.typingText, chat.peerTyping && active ? t("console.chat.typing", { name: this.name }) : "");
    this.log.update(chat.lines);
    this.invitation.update(state);
  }
}
