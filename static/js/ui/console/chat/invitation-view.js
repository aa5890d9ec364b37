import { t } from "../../../core/i18n.js";
import { button } from "../../shared/button.js";
import { h, setText, show } from "../dom.js";

/**
 * @import {ConsoleState} from "../state.js"
 * @typedef {{answer: (accepted: boolean, how?: {dark?: boolean}) => void, cameraWanted: () => boolean}} InvitationActions
 *   cameraWanted: the operator begins video calls with the camera
 */

/** Over the line that is written: a proposal of either side to make a call of the chat. */
export class InvitationView {
  /** @param {InvitationActions} actions @param {() => void} goOn where the keyboard goes when the card is gone */
  constructor({ answer, cameraWanted }, goOn) {
    this.cameraWanted = cameraWanted;
    this.goOn = goOn;
    this.text = h("p", { class: "ad-invitation-text", role: "status" });
    const answers = (/** @type {boolean} */ accepted, /** @type {{dark?: boolean}} */ how = {}) => {
      this.setBusy(true);
      answer(accepted, how);
    };
    this.accept = button({}, () => answers(true), t("console.invite.accept"));
    this.dark = button({ kind: "quiet" }, () => answers(true, { dark: true }), t("console.invite.accept-dark"));
    this.decline = button({ kind: "quiet" }, () => answers(false), t("console.invite.decline"));
    this.takeBack = button({ kind: "quiet" }, () => answers(false), t("console.invite.take-back"));
    this.acts = h("div", { class: "ad-invitation-acts" }, this.accept, this.dark, this.decline, this.takeBack);
    this.card = h("div", { class: "ad-invitation-card", hidden: true }, this.text, this.acts);
    this.element = h("section", { class: "ad-invitation", "aria-label": t("console.invite") }, this.card);
    /** Which one stands there. */
    this.key = "";
  }

  /** @param {boolean} busy an answer is on its way */
  setBusy(busy) {
    for (const one of [this.accept, this.dark, this.decline, this.takeBack]) one.disabled = busy;
  }

  /** @param {ConsoleState} state */
  update({ phase, customer, invitation, fault }) {
    const open = phase === "active" && customer?.media === "chat" ? invitation : null;
    const held = this.card.contains(document.activeElement);
    show(this.card, open !== null);
    if (open === null) {
      if (held) this.goOn();
      this.key = "";
      return setText(this.text, "");
    }
    const key = `${open.by} ${open.invitation} ${fault?.code ?? ""}`;
    if (key !== this.key) this.setBusy(false);
    this.key = key;
    const own = open.by === "operator";
    const name = customer?.name || t("console.customer.unnamed");
    setText(this.text, t(`console.invite.${own ? "own-" : ""}${open.media}`, { name }));
    const video = open.media === "video" && this.cameraWanted();
    setText(this.accept, t(video ? "console.invite.accept-video" : "console.invite.accept"));
    show(this.accept, !own);
    show(this.decline, !own);
    show(this.dark, !own && video);
    show(this.takeBack, own);
  }
}
