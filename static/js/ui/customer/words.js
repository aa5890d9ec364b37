import { t } from "../../core/i18n.js";

/** @import {Estimate} from "../../core/types.js" */

const LONG_MIN = 90;

/**
 * An estimate as people say it: whole minutes, a range where it is one, never false precision.
 * @param {Estimate | null} estimate
 * @param {boolean} [staffed]  somebody takes customers now
 * @returns {string}
 */
export function estimateText(estimate, staffed = true) {
  if (!estimate) return t(staffed ? "customer.waiting.unknown" : "customer.waiting.nobody");
  const low = Math.floor(estimate.low_s / 60);
  const high = Math.ceil(estimate.high_s / 60);
  if (high <= 1) return t("customer.duration.under");
  if (low >= LONG_MIN) return t("customer.duration.long", { n: LONG_MIN });
  if (low === high) return t("customer.duration.one", { n: high });
  return t("customer.duration.range", { low: Math.max(low, 1), high });
}

/**
 * @param {number} position  1 is next
 * @returns {string}
 */
export function aheadText(position) {
  return position <= 1 ? t("customer.waiting.next") : t("customer.waiting.ahead", { n: position - 1 });
}
