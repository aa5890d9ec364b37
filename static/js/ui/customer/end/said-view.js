import { t } from "../../../core/i18n.js";
import { button } from "../../shared/button.js";
import { ChatLog } from "../../shared/chat/chat-log.js";
import { h, show } from "../../shared/dom.js";
import { MailForm } from "./mail-form.js";

/**
 * @import {ChatLine} from "../../shared/chat/chat-lines.js"
 *
 * @typedef {{lasts: boolean, byMail: boolean, transcript: () => Promise<{name: string, content: Blob}>, warn: (text: string) => void}
 *   & {extras: import("../../shared/chat/chat-log.js").Extras & import("../../shared/chat/composer.js").Attaching} & import("./mail-form.js").MailActions} SaidActions  lasts: a reload finds the chat again; byMail: letters leave
 */

/** The chat of a conversation that is over, and ways to take it along. */
export class SaidView {
  #actions;
  #busy = false;
  #log;
  #download;
  element;

  /** @param {SaidActions} actions */
  constructor(actions) {
    this.#actions = actions;
    this.#log = new ChatLog({
      label: t("customer.said.title"),
      quiet: true,
      extras: actions.extras,
    });
    this.#download = button({ kind: "quiet", wide: true }, () => void this.#save(), t("customer.said.download"));
    this.element = h(
      "section",
      { class: "ad-said", "aria-labelledby": "ad-said-title", hidden: true },
      h("h2", { class: "ad-said__title", id: "ad-said-title" }, t("customer.said.title")),
      this.#log.element,
      h("p", { class: "ad-said__note" }, t(actions.lasts ? "customer.said.kept" : "customer.said.keptHere")),
      this.#download,
      actions.byMail && new MailForm(actions).element,
    );
  }

  /** @param {ChatLine[]} lines */
  update(lines) {
    show(this.element, lines.length > 0);
    this.#log.update(lines);
  }

  async #save() {
    if (this.#busy) return;
    this.#setBusy(true);
    try {
      const { name, content } = await this.#actions.transcript();
      const address = URL.createObjectURL(content);
      h("a", { href: address, download: name }).click();
      // The browser has begun to read it by then.
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
    } catch (error) {
      this.#actions.warn(/** @type {Error} */ (error).message || t("customer.said.failed"));
    } finally {
      this.#setBusy(false);
    }
  }

  /** Not `disabled`: that would take the keyboard's place on the page away. @param {boolean} busy */
  #setBusy(busy) {
    this.#busy = busy;
    this.#download.setAttribute("aria-disabled", String(busy));
  }
}
