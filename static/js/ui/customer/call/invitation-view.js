import { t } from "../../../core/i18n.js";
import { button, iconButton } from "../../shared/button.js";
import { h, setText, show } from "../../shared/dom.js";
import { addIcons } from "../../shared/icons.js";

/**
 * @import {CustomerState} from "../state.js"
 * @typedef {{offers: HTMLElement, card: HTMLElement}} Places  beside the name, and over the line that is written
 * @typedef {{invite: (media: 'audio' | 'video') => void, answer: (accepted: boolean, how?: {dark?: boolean}) => void,
 *   video?: boolean}} InvitationActions  video: whether the picture may be proposed
 */

addIcons({
  phone:
    "M6.6 3.9l1.9 3.9c.3.6.2 1.3-.3 1.8L7 10.9a12.4 12.4 0 0 0 6.1 6.1l1.3-1.2c.5-.5 1.2-.6 1.8-.3l3.9 1.9c.5.3.7.8.6 1.4-.4 1.4-1.7 2.4-3.2 2.2C9.7 20.3 3.7 14.3 3 6.5 2.8 5 3.8 3.7 5.2 3.3c.6-.1 1.1.1 1.4.6Z",
});

/** In a chat: the buttons that propose a call, and a card while a proposal of either side is open. */
export class InvitationView {
  #places;
  #offers;
  #card;
  #text = h("p", { class: "ad-invite__text" });
  #accept;
  #dark;
  #decline;
  #back;

  /** @param {Places} places @param {InvitationActions} actions */
  constructor(places, { invite, answer, video = true }) {
    this.#places = places;
    const kinds = /** @type {const} */ (["audio", "video"]).filter((media) => video || media === "audio");
    this.#offers = kinds.map((media) => {
      const label = t(`customer.invite.offer.${media}`);
      return iconButton({ icon: media === "video" ? "video" : "phone", label, title: label }, () => {
        this.#settle(true);
        invite(media);
      });
    });
    const answers = (/** @type {boolean} */ accepted, /** @type {{dark?: boolean}} */ how = {}) => {
      this.#settle(true);
      answer(accepted, how);
    };
    this.#accept = button({}, () => answers(true), t("customer.invite.accept"));
    this.#dark = button({ kind: "quiet" }, () => answers(true, { dark: true }), t("customer.invite.acceptDark"));
    this.#decline = button({ kind: "quiet" }, () => answers(false), t("customer.invite.decline"));
    this.#back = button({ kind: "quiet" }, () => answers(false), t("customer.invite.takeBack"));
    this.#card = h(
      "section",
      { class: "ad-invite", "aria-label": t("customer.invite.title") },
      this.#text,
      h("div", { class: "ad-invite__acts" }, this.#accept, this.#dark, this.#decline, this.#back),
    );
    places.offers.replaceChildren(...this.#offers);
    places.card.replaceChildren(this.#card);
  }

  /** @param {Places} places @returns {boolean} whether it stands there, and not in a page that was drawn anew since */
  stands({ card }) {
    return card === this.#places.card;
  }

  /** @param {CustomerState} state */
  update({ invitation, media, screen, peer }) {
    const chats = screen === "call" && media === "chat";
    const held = this.#card.contains(document.activeElement);
    show(this.#places.offers, chats && invitation === null);
    show(this.#places.card, chats && invitation !== null);
    // Whoever pressed a button that is gone goes on writing.
    if (held && chats && !invitation) this.#places.card.parentElement?.querySelector("textarea")?.focus();
    const key = invitation ? `${invitation.by} ${invitation.invitation}` : "";
    if (this.#card.dataset.of !== key) {
      this.#card.dataset.of = key;
      this.settle();
    }
    if (!invitation) return;
    const own = invitation.by === "customer";
    const words = own ? `customer.invite.own.${invitation.media}` : `customer.invite.${invitation.media}`;
    setText(this.#text, t(words, { name: peer.name }));
    const video = invitation.media === "video";
    setText(this.#accept, t(video ? "customer.invite.acceptVideo" : "customer.invite.accept"));
    for (const answer of [this.#accept, this.#decline]) show(answer, !own);
    show(this.#dark, !own && video);
    show(this.#back, own);
  }

  /** What was pressed is done, or refused: the buttons can be pressed again. */
  settle() {
    this.#settle(false);
  }

  /** @param {boolean} busy */
  #settle(busy) {
    for (const one of [...this.#offers, this.#accept, this.#dark, this.#decline, this.#back]) one.disabled = busy;
  }
}
