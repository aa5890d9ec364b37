/** @import {Store} from "./types.js" */

const KEY = "draft";
/** UTF-16 units: more than may be sent, so that a paste that is too long can be shortened after a reload. */
const MOST = 20_000;

/**
 * The line that is being written, kept over a reload of the page. There is one, and it belongs to one conversation: no
 * other one ever gets it.
 */
export class Drafts {
  #store;

  /** @param {Store} store  of the tab */
  constructor(store) {
    this.#store = store;
  }

  /** What was being written for this conversation; what was meant for another one goes. @param {string} conversation */
  of(conversation) {
    const [owner, text] = this.#kept();
    if (owner === conversation) return text;
    this.forget();
    return "";
  }

  /** @param {string} conversation @param {string} text  empty: nothing is being written any more */
  keep(conversation, text) {
    try {
      if (text === "") this.forget();
      else this.#store.set(KEY, JSON.stringify([conversation, text.slice(0, MOST)]));
    } catch {
      // No room: it stays in the page.
    }
  }

  forget() {
    this.#store.remove(KEY);
  }

  /** @returns {[string | null, string]} others may write into the same storage */
  #kept() {
    try {
      const found = JSON.parse(this.#store.get(KEY) ?? "[]");
      const [owner, text] = Array.isArray(found) ? found : [];
      return typeof owner === "string" && typeof text === "string" ? [owner, text.slice(0, MOST)] : [null, ""];
    } catch {
      return [null, ""];
    }
  }
}
