import { readConfig } from "../../../core/config.js";
import { getLocale, t } from "../../../core/i18n.js";
import { h, show } from "../../shared/dom.js";
import { icon } from "../../shared/icons.js";

/**
 * Where a time is chosen, by the clock and in the language of whoever reads this.
 * @param {string} url  as the server tells it
 */
export function timesAddress(url) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
  return `${url}&locale=${encodeURIComponent(getLocale())}&zone=${encodeURIComponent(zone)}`;
}

/** The way from a dead end to a time: a page of its own, so that this one weighs nothing more. */
export class TimesOffer {
  /** @type {string | undefined} */
  #url = readConfig().timesUrl;
  #link = h("a", { class: "ad-button ad-button--quiet ad-button--wide", target: "_blank", rel: "noopener" });
  element = h("div", { class: "ad-actions", hidden: true }, this.#link);

  /** @param {string | null} why  null: there is no dead end here */
  update(why) {
    show(this.element, why !== null && this.#url !== undefined);
    if (this.element.hidden || this.#url === undefined) return;
    this.#link.href = timesAddress(this.#url);
    this.#link.replaceChildren(icon("clock"), t("customer.refused.times"));
  }
}
