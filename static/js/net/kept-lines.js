/**
 * Lines of chat that the server has not acknowledged yet, kept over a reload of the page: what somebody typed while the
 * socket was away is sent by the next page, under the same id, so that it arrives once.
 *
 * @import {Frame, Store} from "../core/types.js"
 * @import {Entry} from "./unacked.js"
 */

const KEY = "unsent";
export const KEPT_MOST = 50;
const TEXT_MOST = 8000;
const FILE = /^[\w-]{22}$/;

/** @param {Store} storage @param {Entry[]} unanswered */
export function keepLines(storage, unanswered) {
  const lines = unanswered.filter(({ frame }) => frame.type === "chat:message").slice(-KEPT_MOST);
  try {
    if (lines.length === 0) storage.remove(KEY);
    else storage.set(KEY, JSON.stringify(lines.map(({ id, frame }) => [id, frame.text ?? "", frame.file])));
  } catch {
    // No room: they wait in this page as before.
  }
}

/** @param {Store} storage */
export function dropLines(storage) {
  storage.remove(KEY);
}

/**
 * What the page before left. Whatever else stands there is left out: others may write into the same storage.
 * @param {Store} storage
 * @returns {Frame[]}
 */
export function keptLines(storage) {
  /** @type {unknown} */
  let found;
  try {
    found = JSON.parse(storage.get(KEY) ?? "[]");
  } catch {
    return [];
  }
  /** @type {Frame[]} */
  const lines = [];
  for (const entry of Array.isArray(found) ? found.slice(0, KEPT_MOST) : []) {
    const [id, text, file] = Array.isArray(entry) ? entry : [];
    if (!Number.isSafeInteger(id) || id < 1 || typeof text !== "string" || text.length > TEXT_MOST) continue;
    if (typeof file === "string" && FILE.test(file)) lines.push({ type: "chat:message", id, file });
    else if (text) lines.push({ type: "chat:message", id, text });
  }
  return lines;
}

/** As the page shows it. Of a file nothing but its id is known yet. @param {Frame} line */
export function shownOf({ id, text, file }) {
  return file ? { id, file: { id: file, name: "", state: "waiting" } } : { id, text };
}
