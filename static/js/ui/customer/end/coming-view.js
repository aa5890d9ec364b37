import { t } from "../../../core/i18n.js";
import { button } from "../../shared/button.js";
import { h, setText } from "../../shared/dom.js";
import { icon } from "../../shared/icons.js";

/** @import {CustomerState} from "../state.js" */

/** An end of which the rest has not come: what happened, that it is being tried, and the ways on. */
export class ComingView {
  #title = h("h1", { class: "ad-title", tabindex: "-1" });
  element;

  /** @param {{rejoin: () => void, home: () => void}} actions */
  constructor(actions) {
    this.element = h(
      "section",
      { class: "ad-card ad-view ad-view--centered" },
      h("span", { class: "ad-medal ad-medal--warning" }, icon("offline")),
      this.#title,
      h("p", { class: "ad-lead", role: "status" }, t("customer.coming.text")),
      h(
        "div",
        { class: "ad-actions" },
        button({ wide: true }, () => actions.rejoin(), t("customer.coming.rejoin")),
        button({ kind: "quiet", wide: true }, () => actions.home(), t("customer.coming.back")),
      ),
    );
  }

  /** @param {CustomerState} state */
  update({ ended, refused }) {
    if (ended) setText(this.#title, t(`customer.coming.${ended.durationMs === null ? "waited" : "talked"}`));
    else setText(this.#title, refused?.message || t("customer.loading"));
  }

  focus() {
    this.#title.focus({ preventScroll: true });
  }
}
