import { t } from "../../../core/i18n.js";
import { h } from "../dom.js";

/**
 * @param {number | null} score  mean opinion score, 1 to 5
 * @returns {'unknown' | 'bad' | 'poor' | 'fair' | 'good'}
 */
export function grade(score) {
  if (score === null) return "unknown";
  if (score >= 4) return "good";
  if (score >= 3.5) return "fair";
  if (score >= 2.5) return "poor";
  return "bad";
}

/**
 * The score people are shown: it follows the measured one slowly, so that one bad sample does not make the words jump.
 * @param {number | null} shown
 * @param {number | null} measured
 * @returns {number | null}
 */
export function steadyScore(shown, measured) {
  if (shown === null || measured === null) return measured ?? shown;
  return shown + (measured - shown) * 0.4;
}

/** How good the connection is: four bars whose number and words say the same as their colour. */
export class QualityBar {
  #label = h("span", { class: "ad-visually-hidden" });
  element = h(
    "span",
    { class: "ad-quality", "data-grade": "unknown" },
    ...[1, 2, 3, 4].map(() => h("i", { class: "ad-quality__bar", "aria-hidden": "true" })),
    this.#label,
  );

  /** @param {number | null} score */
  update(score) {
    const name = grade(score);
    this.element.dataset.grade = name;
    this.element.title = t(`common.quality.${name}`);
    this.#label.textContent = t(`common.quality.${name}`);
  }
}
