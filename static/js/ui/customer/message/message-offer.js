import { t } from "../../../core/i18n.js";
import { button } from "../../shared/button.js";
import { h, show } from "../../shared/dom.js";

/**
 * @typedef {{opened: boolean, form: (why: string) => {element: HTMLElement, focus: () => void}}} MessagePart
 *   opened: somebody is writing one
 * @typedef {{messages?: import("../../../core/later.js").LaterPart<MessagePart>, warn: (text: string) => void}} OfferActions
 *   messages: none where none can be left
 */

const TRIES = 3;

/** The way on from every dead end: a button that becomes a form, which comes when it is pressed. */
export class MessageOffer {
  #actions;
  /** Which dead end it is, in the server's words. @type {string | null} */
  #why = null;
  #button = button({ kind: "quiet", wide: true }, () => void this.#open(), t("customer.offer.message"));
  element = h("div", { class: "ad-actions", hidden: true }, this.#button);

  /** @param {OfferActions} actions */
  constructor(actions) {
    this.#actions = actions;
  }

  /** @param {string | null} why  null: there is no dead end here */
  update(why) {
    this.#why = why;
    show(this.element, why !== null && !!this.#actions.messages);
    // In another language, or on the next dead end.
    if (why !== null && this.#actions.messages?.module?.opened) this.#show(this.#actions.messages.module);
  }

  async #open() {
    this.#button.disabled = true;
    const part = await this.#actions.messages?.insist(undefined, TRIES);
    this.#button.disabled = false;
    if (part) this.#show(part)?.focus();
    else this.#actions.warn(t("customer.coming.text"));
  }

  /** @param {MessagePart} part */
  #show(part) {
    if (this.element.firstChild !== this.#button) return null;
    const form = part.form(this.#why ?? "other");
    this.element.replaceChildren(form.element);
    return form;
  }
}
