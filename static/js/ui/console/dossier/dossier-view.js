import { t } from "../../../core/i18n.js";
import { h, setText, show } from "../dom.js";
import { CardView } from "./card-view.js";
import { NotesView } from "./notes-view.js";
import { WrapUpView } from "./wrap-up-view.js";

/**
 * @import {DossierModel} from "./dossier-model.js"
 * @typedef {{wrapUp: import("./wrap-up-view.js").WrapUpActions, notes: import("./notes-view.js").NoteActions}} DossierActions
 */

/** The customer card, and what operators keep of the customer for each other: beside the chat, in the call and after it. */
export class DossierView {
  /** @param {DossierActions} actions */
  constructor(actions) {
    this.name = h("bdi");
    this.empty = h("p", { class: "ad-dossier-empty" }, t("console.dossier.empty"));
    this.card = new CardView();
    this.wrapUp = new WrapUpView(actions.wrapUp);
    this.notes = new NotesView(actions.notes);
    this.body = h("div", { class: "ad-dossier-body" }, this.card.element, this.wrapUp.element, this.notes.element);
    this.element = h(
      "section",
      { class: "ad-pane ad-pane-dossier", "aria-label": t("console.dossier") },
      h("h2", { class: "ad-pane-title" }, h("span", {}, t("console.dossier")), this.name),
      this.empty,
      this.body,
    );
  }

  /** @param {DossierModel | null} dossier @param {boolean} wrapsUp @param {number} now */
  update(dossier, wrapsUp, now) {
    show(this.empty, dossier === null);
    show(this.body, dossier !== null);
    setText(this.name, dossier ? dossier.name || t("console.customer.unnamed") : "");
    if (!dossier) return;
    this.card.update(dossier, now);
    show(this.wrapUp.element, dossier.asks || dossier.given.version > 0);
    this.wrapUp.update(dossier, wrapsUp);
    this.notes.update(dossier);
  }
}
