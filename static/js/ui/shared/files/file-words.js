import { getLocale, t } from "../../../core/i18n.js";

/** @import {FileInfo} from "../../../core/types.js" */

const KB = 1024;
const MB = KB * 1024;

/** @param {number} bytes  @returns {string} "240 kB", "1,2 MB" */
export function sizeText(bytes) {
  const [value, unit] = bytes < MB ? [Math.max(1, Math.round(bytes / KB)), "kilobyte"] : [bytes / MB, "megabyte"];
  return new Intl.NumberFormat(getLocale(), { style: "unit", unit, maximumFractionDigits: 1 }).format(value);
}

/** @param {FileInfo} file @returns {string} "PDF · 1,2 MB" */
export function kindText({ name, size }) {
  const ending = name.includes(".") ? name.slice(name.lastIndexOf(".") + 1).toUpperCase() : "";
  return [ending, sizeText(size)].filter(Boolean).join(" · ");
}

/** Why a file cannot be opened; empty for one that can be. @param {FileInfo} file */
export function stateText({ state, name }) {
  if (state === "ready") return "";
  // Of what an earlier page sent, only that it is there.
  if (name === "" && state === "waiting") return t("common.files.looking");
  return t(`common.files.${state}`);
}
