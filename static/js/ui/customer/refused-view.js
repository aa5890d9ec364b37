import { t } from "../../core/i18n.js";
import { button } from "../shared/button.js";
import { h, setText, show } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { clock } from "../shared/timer.js";
import { estimateText } from "./words.js";

/** @import {CustomerState} from "./state.js" */

/** Why there is no place now, and when to try again. */
export class RefusedView {
  #title = h("h1", { class: "ad-title", tabindex: "-1" });
  #message = h("p", { class: "ad-lead", dir: "auto" });
  #estimate = h("p", { class: "ad-note", "data-tone": "info" });
  #retry;
  #now;
  /** @type {any} */
  #timer;
  element;

  /** @param {{rejoin: () => void, home: () => void, serverNow: () => number}} actions */
  constructor(actions) {
    this.#now = actions.serverNow;
    this.#retry = button({ wide: true }, () => actions.rejoin());
    this.element = h(
      "section",
      { class: "ad-card ad-view ad-view--centered" },
      h("span", { class: "ad-medal ad-medal--warning" }, icon("clock")),
      this.#title,
      this.#message,
      this.#estimate,
      h(
        "div",
        { class: "ad-actions" },
        this.#retry,
        button({ kind: "quiet", wide: true }, () => actions.home(), t("customer.refused.back")),
      ),
    );
  }

  /** @param {CustomerState} state */
  update({ screen, refused }) {
    clearInterval(this.#timer);
    if (screen !== "refused" || !refused) return;
    setText(this.#title, t(`customer.refused.${refused.code}`));
    setText(this.#message, refused.message);
    show(this.#message, refused.message !== "");
    show(this.#estimate, refused.estimate !== null);
    setText(this.#estimate, t("customer.refused.estimate", { estimate: estimateText(refused.estimate) }));
    this.#countDown(refused.retryAt);
    this.#timer = setInterval(() => this.#countDown(refused.retryAt), 1000);
  }

  focus() {
    this.#title.focus({ preventScroll: true });
  }

  /** @param {number | null} retryAt */
  #countDown(retryAt) {
    const left = retryAt === null ? 0 : retryAt - this.#now();
    this.#retry.disabled = left > 0;
    setText(
      this.#retry,
      left > 0 ? t("customer.refused.retryIn", { clock: clock(left + 999) }) : t("customer.refused.retry"),
    );
    if (left <= 0) clearInterval(this.#timer);
  }
}
