/** Leaves a message, where nobody can be reached. See docs/protocol.md. */

import { getLocale } from "../core/i18n.js";

const TIMEOUT_MS = 10_000;

/** The server said no, or nothing. `code` is empty where nobody answered; `retryAfter`: seconds. */
export class MessageRefused extends Error {
  /** @param {{code?: string, message?: string, retryable?: boolean, retry_after?: number, fields?: Record<string, string>}} [error]  as it stands on the wire */
  constructor({ code = "", message = "", retryable = true, retry_after: retryAfter, fields } = {}) {
    super(message);
    this.code = code;
    this.retryable = retryable;
    this.retryAfter = retryAfter ?? null;
    this.fields = fields ?? {};
  }
}

export class MessageServer {
  #url;
  #token;
  #fetch;

  /**
   * @param {string} url  ends with a slash @param {() => string | null} token  of the conversation that came to nothing
   * @param {typeof fetch} [fetcher]
   */
  constructor(url, token, fetcher = (...given) => fetch(...given)) {
    this.#url = url;
    this.#token = token;
    this.#fetch = fetcher;
  }

  /**
   * @param {Record<string, unknown>} message  `key`: the same one again is the same message
   * @returns {Promise<void>} it is kept. Rejects with MessageRefused.
   */
  async leave(message) {
    await this.#ask("", message);
  }

  /** @returns {Promise<string>} what an upload for a message shows as its bearer. Rejects with MessageRefused. */
  async draft() {
    return (await this.#ask("draft/", {})).draft;
  }

  /** @param {string} path @param {Record<string, unknown>} body @returns {Promise<any>} */
  async #ask(path, body) {
    const token = this.#token();
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), TIMEOUT_MS);
    try {
      const answer = await this.#fetch(`${this.#url}${path}?locale=${encodeURIComponent(getLocale())}`, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          Accept: "application/json",
          ...(token && { Authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify(body),
        signal: late.signal,
        cache: "no-store",
      });
      const said = await answer.json();
      if (answer.ok) return said;
      throw new MessageRefused(said.error);
    } catch (error) {
      throw error instanceof MessageRefused ? error : new MessageRefused();
    } finally {
      clearTimeout(timer);
    }
  }
}
