/** @import {LinkState} from "../../ui/customer/state.js" */

const UNAVAILABLE = new Set([4503, 4429]);

/**
 * What a lost socket means for the page.
 * @param {number} code  of the close
 * @param {boolean} online  the browser believes to be
 * @param {LinkState} before
 * @returns {LinkState}
 */
export function linkAfter(code, online, before) {
  if (!online) return "offline";
  // A refused hello is followed by quick retries that fail in other ways; the reason stays what it was.
  return UNAVAILABLE.has(code) || before === "unavailable" ? "unavailable" : "reconnecting";
}
