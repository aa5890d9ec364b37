/** How the figures of a call read. */
import { getLocale, t } from "../../../core/i18n.js";

/** @import {Stats} from "../state.js" */

/**
 * @param {number|null} value
 * @param {string} unit
 * @param {number} [digits] after the point
 */
function figure(value, unit, digits = 0) {
  if (value === null) {
    return t("console.stats.none");
  }
  return `${value.toLocaleString(getLocale(), { maximumFractionDigits: digits })}${unit && " "}${unit}`;
}

/**
 * @param {Stats} stats
 * @returns {Record<"rtt"|"jitter"|"loss"|"bitrate"|"quality"|"codec"|"region"|"candidate", string>}
 */
export function statTexts(stats) {
  const none = t("console.stats.none");
  const percent = new Intl.NumberFormat(getLocale(), { style: "percent", maximumFractionDigits: 1 });
  const fast = stats.bitrate !== null && stats.bitrate >= 1000;
  const candidate = /^(host|srflx|prflx|relay)$/u.test(stats.candidateType)
    ? t(`console.candidate.${stats.candidateType}`)
    : none;
  return {
    rtt: figure(stats.rtt, "ms"),
    jitter: figure(stats.jitter, "ms", 1),
    loss: stats.loss === null ? none : percent.format(stats.loss / 100),
    bitrate: fast ? figure((stats.bitrate ?? 0) / 1000, "Mb/s", 1) : figure(stats.bitrate, "kb/s"),
    quality: figure(typeof stats.quality === "number" ? stats.quality : null, "", 1),
    codec: stats.codec.replace(/^(audio|video)\//u, "") || none,
    region: stats.region || t("console.stats.direct"),
    candidate,
  };
}
