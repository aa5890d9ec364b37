import { getLocale, t } from "../../core/i18n.js";

/** @typedef {{zone?: string, opens?: number | null, closing?: import("./end/closing.js").Closing | null}} Hours  as the page was told: opens: it is closed */

const YEAR_NAMED_DAYS = 180;

/**
 * When a closed site opens, in the reader's own time zone, which is named where the site has another one.
 * @param {number} opensAt  ms @param {number} now  ms @param {string} [zone]  of the site
 * @returns {string} a sentence
 */
export function openingText(opensAt, now, zone) {
  const opens = new Date(opensAt);
  const locale = getLocale();
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const time = opens.toLocaleTimeString(locale, {
    hour: "2-digit",
    minute: "2-digit",
    ...(zone && zone !== own && { timeZoneName: "short" }),
  });
  const days = daysBetween(now, opens);
  if (days === 0) return t("customer.refused.opens.today", { time });
  if (days === 1) return t("customer.refused.opens.tomorrow", { time });
  /** @type {Intl.DateTimeFormatOptions} */
  const style = { weekday: "long", day: "numeric", month: "long", ...(days > YEAR_NAMED_DAYS && { year: "numeric" }) };
  return t("customer.refused.opens.day", { day: opens.toLocaleDateString(locale, style), time });
}

/** Midnights between them, by the reader's calendar. @param {number} now @param {Date} then */
function daysBetween(now, then) {
  const today = new Date(now);
  const midnight = (/** @type {Date} */ at) => Date.UTC(at.getFullYear(), at.getMonth(), at.getDate());
  return Math.round((midnight(then) - midnight(today)) / 86_400_000);
}
