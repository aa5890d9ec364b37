import { t } from "../../../core/i18n.js";
import { button } from "../../shared/button.js";
import { h } from "../../shared/dom.js";
import { icon } from "../../shared/icons.js";

/** Another page has the conversation, and only one can; or the tab with the call was closed. */
export class ReplacedView {
  #title = h("h1", { class: "ad-title", tabindex: "-1" });
  #lead = h("p", { class: "ad-lead" });
  element;

  /** @param {{continueHere: () => void}} actions */
  constructor(actions) {
    this.element = h(
      "section",
      { class: "ad-card ad-view ad-view--centered" },
      h("span", { class: "ad-medal ad-medal--info" }, icon("swap")),
      this.#title,
      this.#lead,
      h(
        "div",
        { class: "ad-actions" },
        button({ wide: true }, () => actions.continueHere(), t("customer.replaced.continue")),
      ),
    );
  }

  /** @param {import("../state.js").CustomerState} state */
  update({ leftBehind }) {
    this.#title.textContent = t(leftBehind ? "customer.replaced.closedTitle" : "customer.replaced.title");
    this.#lead.textContent = t(leftBehind ? "customer.replaced.closedText" : "customer.replaced.text");
  }

  focus() {
    this.#title.focus({ preventScroll: true });
  }
}
