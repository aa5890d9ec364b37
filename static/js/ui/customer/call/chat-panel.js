import { t } from "../../../core/i18n.js";
import { iconButton } from "../../shared/button.js";
import { ChatLog } from "../../shared/chat/chat-log.js";
import { Composer } from "../../shared/chat/composer.js";
import { h, setText, show } from "../../shared/dom.js";

/**
 * @import {Extras} from "../../shared/chat/chat-log.js"
 * @import {Attaching} from "../../shared/chat/composer.js"
 * @import {CustomerState} from "../state.js"
 */

/** The written side of a conversation: beside the picture, over it on a phone, or alone. */
export class ChatPanel {
  #log;
  #empty = h("p", { class: "ad-chat__empty" });
  #close;
  composer;
  element;

  /**
   * preview: the operator sees what is being written, which stands below the field.
   * @param {{sendChat: (text: string) => void, typing: (on: boolean) => void, toggleChat: (open: boolean) => void, takeBack: (key: string) => string, preview?: (text: string) => void, drafts: import("../../../core/drafts.js").Drafts, extras: Extras & Attaching}} actions
   */
  constructor(actions) {
    this.#log = new ChatLog({
      label: t("customer.chat.log"),
      onEdit: (key) => this.composer.take(actions.takeBack(key)),
      extras: actions.extras,
    });
    this.composer = new Composer(
      {
        label: t("customer.chat.label"),
        placeholder: t("customer.chat.placeholder"),
        sendLabel: t("customer.chat.send"),
      },
      { onSend: actions.sendChat, onTyping: actions.typing, onDraft: actions.preview },
      { drafts: actions.drafts },
    );
    actions.extras.attach(this.composer);
    this.#close = iconButton({ icon: "close", label: t("customer.chat.close") }, () => actions.toggleChat(false));
    this.element = h(
      "section",
      { class: "ad-chat", "aria-label": t("customer.chat.title") },
      h(
        "header",
        { class: "ad-chat__head" },
        h("h2", { class: "ad-chat__title" }, t("customer.chat.title")),
        this.#close,
      ),
      this.#empty,
      this.#log.element,
      this.composer.element,
      actions.preview ? h("p", { class: "ad-chat__preview" }, t("customer.chat.preview")) : null,
    );
  }

  /** @param {CustomerState} state */
  update({ lines, typing, peer, media, screen, conversation }) {
    this.composer.follow(screen === "call" ? conversation : null);
    show(this.#close, media !== "chat");
    show(this.#empty, lines.length === 0);
    setText(this.#empty, peer.name ? t("customer.chat.started", { name: peer.name }) : t("customer.chat.empty"));
    this.#log.update(lines);
    this.#log.setTyping(typing ? t("customer.chat.typing", { name: peer.name }) : "");
  }

  opened() {
    this.#log.toEnd();
    this.composer.focus();
  }
}
