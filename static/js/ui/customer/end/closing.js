import { getLocale, t } from "../../../core/i18n.js";
import { h, setText, show } from "../../shared/dom.js";

/** @typedef {{at: number, served: boolean}} Closing  when the site closes (ms), and whether who waits then is served */

const SOON_MS = 30 * 60_000;
const LOOK_MS = 10_000;
/** Of the one page that waits. @type {HTMLElement | null} */
let line = null;
/** @type {any} */
let timer;

/**
 * What whoever waits reads of the end of the opening hours, in the reader's own time zone.
 * @param {Closing | null} closing @param {number} now  ms
 * @returns {string} empty while it is far
 */
export function closingText(closing, now) {
  if (!closing || closing.at - now > SOON_MS) return "";
  const time = new Date(closing.at).toLocaleTimeString(getLocale(), { hour: "2-digit", minute: "2-digit" });
  const key = `${now < closing.at ? "closing" : "closed"}.${closing.served ? "served" : "offered"}`;
  return t(`customer.waiting.${key}`, { time });
}

/**
 * Keeps a line for whoever waits below `above`, until it is told something else.
 * @param {HTMLElement} above @param {Closing | null} closing @param {() => number} now  ms
 */
export function tellClosing(above, closing, now) {
  if (!line || line.previousSibling !== above) {
    line = h("p", { class: "ad-note", "data-tone": "warning", role: "status" });
    above.after(line);
  }
  const told = line;
  clearInterval(timer);
  const tell = () => {
    const words = closingText(closing, now());
    show(told, words !== "");
    setText(told, words);
  };
  tell();
  if (closing) timer = setInterval(tell, LOOK_MS);
}
