/** Messages that customers left, as the console shows them while nobody is there. */

import { csrfToken } from "../csrf.js";

const TIMEOUT_MS = 4000;

/**
 * @import {LeftMessages as Answer} from "../../core/types.js"
 */

/** Asked for again when wanted again, so nothing that fails is repeated; null when nobody answers or nobody is signed in. */
export class LeftMessages {
  #url;
  #fetch;

  /** @param {string} url  ends with a slash @param {typeof fetch} [fetcher] */
  constructor(url, fetcher = (...given) => fetch(...given)) {
    this.#url = url;
    this.#fetch = fetcher;
  }

  /** @returns {Promise<Answer|null>} */
  list() {
    return this.#ask("");
  }

  /** @param {string} id @returns {Promise<{outcome: 'won'|'mine'|'taken'|'done'|'gone', by: string}|null>} */
  take(id) {
    return this.#ask(`${id}/take/`, { method: "POST", headers: { "X-CSRFToken": csrfToken() } });
  }

  /** @param {string} path @param {RequestInit} [options] */
  async #ask(path, options = {}) {
    try {
      const answer = await this.#fetch(this.#url + path, { ...options, signal: AbortSignal.timeout(TIMEOUT_MS) });
      return answer.ok ? await answer.json() : null;
    } catch {
      return null;
    }
  }
}
