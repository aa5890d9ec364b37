/** The operator's canned replies, asked for while one is typed. */

import { csrfToken } from "../csrf.js";

const TIMEOUT_MS = 4000;

export class Replies {
  #url;
  #fetch;

  /** @param {string} url  ends with a slash @param {typeof fetch} [fetcher] */
  constructor(url, fetcher = (...given) => fetch(...given)) {
    this.#url = url;
    this.#fetch = fetcher;
  }

  /**
   * @param {string} typed @param {string} conversation
   * @returns {Promise<import("../../core/types.js").CannedReply[]>}  few, the most used first. Rejects when nobody answers.
   */
  async find(typed, conversation) {
    const query = new URLSearchParams({ q: typed, conversation });
    const answer = await this.#ask(`?${query}`);
    return (await answer.json()).replies;
  }

  /** Counts a use; that it is not counted hurts nobody. @param {number} id @param {string} conversation */
  async used(id, conversation) {
    await this.#ask(`${id}/used/?${new URLSearchParams({ conversation })}`, {
      method: "POST",
      headers: { "X-CSRFToken": csrfToken() },
    }).catch(() => {});
  }

  /** @param {string} path @param {RequestInit} [options] */
  async #ask(path, options = {}) {
    const answer = await this.#fetch(this.#url + path, { ...options, signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!answer.ok) throw new Error(`replies: ${answer.status}`);
    return answer;
  }
}
