import { t } from "../../../core/i18n.js";
import { h, setText } from "../dom.js";
import { formatDuration } from "../time.js";

/**
 * @import {Day} from "../../../core/types.js"
 * @typedef {{conversations?: string, reports?: string, replies?: string}} Links  pages of the admin that this operator may open
 */

const FIGURES = /** @type {const} */ (["answered", "handling", "wait", "kept"]);
const LINKS = /** @type {const} */ (["conversations", "reports", "replies"]);

/**
 * @param {Day} day
 * @returns {Record<(typeof FIGURES)[number], string>} a dash where nothing was measured
 */
export function dayTexts(day) {
  const time = (/** @type {number|null} */ seconds) => (seconds === null ? "–" : formatDuration(seconds));
  return {
    answered: String(day.answered),
    handling: time(day.handling_median_s),
    wait: time(day.wait_median_s),
    kept: day.kept_pct === null ? "–" : t("console.day.percent", { n: day.kept_pct }),
  };
}

/** How the operator's own day has gone so far, and where to read more; shown while nobody is there. */
export class DayView {
  /** @param {Links} links */
  constructor(links) {
    this.known = false;
    this.values = { answered: h("dd"), handling: h("dd"), wait: h("dd"), kept: h("dd") };
    this.element = h(
      "section",
      { class: "ad-today", "aria-label": t("console.day"), hidden: true },
      h("h3", { class: "ad-today-title" }, t("console.day")),
      h(
        "dl",
        { class: "ad-summary ad-today-figures" },
        ...FIGURES.map((name) => h("div", {}, h("dt", {}, t(`console.day.${name}`)), this.values[name])),
      ),
      h(
        "nav",
        { class: "ad-today-links", "aria-label": t("console.day.links") },
        ...LINKS.flatMap((name) => {
          const href = links[name];
          return href ? [h("a", { href, target: "_blank", rel: "noopener" }, t(`console.day.to-${name}`))] : [];
        }),
      ),
    );
  }

  /** @param {Day} day */
  tell(day) {
    this.known = true;
    for (const [name, text] of Object.entries(dayTexts(day))) {
      setText(this.values[/** @type {(typeof FIGURES)[number]} */ (name)], text);
    }
  }
}
