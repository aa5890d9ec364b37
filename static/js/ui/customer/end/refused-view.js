import { readConfig } from "../../../core/config.js";
import { t } from "../../../core/i18n.js";
import { button } from "../../shared/button.js";
import { h, setText, show } from "../../shared/dom.js";
import { icon } from "../../shared/icons.js";
import { clock } from "../../shared/timer.js";
import { MessageOffer } from "../message/message-offer.js";
import { openingText } from "../opening.js";
import { estimateText } from "../words.js";
import { TimesOffer } from "./times-offer.js";

/** @import {CustomerState} from "../state.js" */

/** @param {string} code @returns {string | null} the server's word for it; nothing is taken from whom it has blocked */
export function deadEnd(code) {
  if (code === "blocked") return null;
  return ["full", "crowded", "maintenance", "closed", "disabled"].includes(code) ? code : "other";
}

/** Why there is no place now, and when to try again. */
export class RefusedView {
  #title = h("h1", { class: "ad-title", tabindex: "-1" });
  #message = h("p", { class: "ad-lead", dir: "auto" });
  #estimate = h("p", { class: "ad-note", "data-tone": "info" });
  #opening = h("p", { class: "ad-lead" });
  #retry;
  #back;
  /** Whether somebody wanted to join, and was refused: a page that was opened while it is closed says so unasked. */
  #asked = true;
  #now;
  #offer;
  #times = new TimesOffer();
  /** The site's hours go by. @type {string | undefined} */
  #zone = readConfig().hours?.zone;
  /** @type {any} */
  #timer;
  element;

  /**
   * @param {{rejoin: () => void, home: () => void, serverNow: () => number}
   *   & import("../message/message-offer.js").OfferActions} actions
   */
  constructor(actions) {
    this.#now = actions.serverNow;
    this.#offer = new MessageOffer(actions);
    this.#retry = button({ wide: true }, () => (this.#asked ? actions.rejoin() : actions.home()));
    this.#back = button({ kind: "quiet", wide: true }, () => actions.home(), t("customer.coming.back"));
    this.element = h(
      "section",
      { class: "ad-card ad-view ad-view--centered" },
      h("span", { class: "ad-medal ad-medal--warning" }, icon("clock")),
      this.#title,
      this.#message,
      this.#opening,
      this.#estimate,
      h("div", { class: "ad-actions" }, this.#retry, this.#back),
      this.#offer.element,
      this.#times.element,
    );
  }

  /** @param {CustomerState} state */
  update({ screen, refused }) {
    clearInterval(this.#timer);
    if (screen !== "refused" || !refused) return;
    this.#asked = refused.code !== "closed" || refused.message !== "";
    setText(this.#title, t(`customer.refused.${refused.code}`));
    setText(this.#message, refused.message);
    show(this.#message, refused.message !== "");
    show(this.#estimate, refused.estimate !== null);
    setText(this.#estimate, t("customer.refused.estimate", { estimate: estimateText(refused.estimate) }));
    this.#offer.update(deadEnd(refused.code));
    this.#times.update(deadEnd(refused.code));
    show(this.#opening, false);
    const tick = () => (refused.code === "closed" ? this.#tellHours(refused) : this.#countDown(refused.retryAt));
    tick();
    this.#timer = setInterval(tick, 1000);
  }

  focus() {
    this.#title.focus({ preventScroll: true });
  }

  /** Closed: when it opens, and then that it has. @param {NonNullable<CustomerState['refused']>} refused */
  #tellHours({ opensAt, message }) {
    const now = this.#now();
    const open = opensAt !== null && opensAt <= now;
    if (open) setText(this.#title, t("customer.refused.open"));
    show(this.#message, message !== "" && !open);
    show(this.#opening, opensAt !== null && !open);
    if (opensAt !== null && !open) setText(this.#opening, openingText(opensAt, now, this.#zone));
    this.#retry.disabled = false;
    show(this.#retry, open);
    show(this.#back, this.#asked || !open);
    setText(this.#retry, t("customer.refused.ask"));
    if (open) clearInterval(this.#timer);
  }

  /** @param {number | null} retryAt */
  #countDown(retryAt) {
    const left = retryAt === null ? 0 : retryAt - this.#now();
    show(this.#retry, true);
    show(this.#back, true);
    this.#retry.disabled = left > 0;
    setText(
      this.#retry,
      left > 0 ? t("customer.refused.retryIn", { clock: clock(left + 999) }) : t("customer.refused.retry"),
    );
    if (left <= 0) clearInterval(this.#timer);
  }
}
