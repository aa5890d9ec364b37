/**
 * What people type, measured and mended as the server does (infra/writing/text.py), so that a page can say what is wrong
 * before the server has to.
 */

/** The longest line of chat that the server takes, in code points. */
export const LINE_MOST = 4000;

const HALVES = /\p{Surrogate}/gu;
/** Joiners, direction marks, fillers and the like, and the blank of Braille. */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\u2800]/gu;
const SEEN = /[\p{L}\p{N}\p{P}\p{S}\p{Co}\p{Cn}]/u;

/** Without halves of an emoji: they are no text, and no strict parser takes them. @param {string} text */
export function wellFormed(text) {
  return text.replace(HALVES, "");
}

/** How long a text is for the server, which counts code points. @param {string} text */
export function lengthOf(text) {
  let length = 0;
  for (const _ of text) length += 1;
  return length;
}

/** Whether there is anything to see in a text. @param {string} text */
export function isVisible(text) {
  return SEEN.test(text.replace(UNSEEN, ""));
}

/**
 * @param {string} value  of the box
 * @returns {string | null} the line to send; null when there is nothing to send, or too much of it
 */
export function sendable(value) {
  const line = wellFormed(value).trimEnd();
  return isVisible(line) && lengthOf(line) <= LINE_MOST ? line : null;
}

/** How many code points more than `value` a line may have; negative: how many are too much. @param {string} value */
export function roomLeft(value) {
  return LINE_MOST - lengthOf(wellFormed(value).trimEnd());
}

/** The text of a frame. No half of an emoji leaves the page, wherever it stands. @param {unknown} frame */
export function encodeFrame(frame) {
  const text = JSON.stringify(frame);
  // JSON.stringify writes a half as \udXXX; the search is cheap, and most frames have none.
  return /\\ud[89a-f]/.test(text) ? JSON.stringify(mended(frame)) : text;
}

/** @param {any} value  plain JSON @returns {any} */
function mended(value) {
  if (typeof value === "string") return wellFormed(value);
  if (Array.isArray(value)) return value.map(mended);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [wellFormed(name), mended(inner)]));
}
