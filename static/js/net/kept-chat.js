/**
 * What is asked for over HTTP with the conversation's token: what the server still has of one that is over, and the way
 * of a running one to another device. See docs/protocol.md.
 *
 * @import {TranscriptLine} from "../core/types.js"
 *
 * @typedef {{conversation: string, reason: string, media: 'video' | 'audio' | 'chat', peer: {name: string},
 *   since: number | null, ended_at: number | null, transcript: TranscriptLine[]}} KeptChat  times in ms since 1970
 * @typedef {{open: boolean, recorded: boolean, score: number | null, comment: string}} RatingAnswer  recorded: the server can keep one
 * @typedef {{link: string, code: string, expires_s: number}} PlaceLink  code: the link as a picture, an address
 * @typedef {'none' | 'sending' | 'late' | 'sent' | 'refused' | 'failed'} MailState
 */

const TIMEOUT_MS = 8000;

/** The server said no, or nothing. `gone`: it will not say yes later either. */
export class ChatRefused extends Error {
  /** @param {string} code @param {string} message  for people; empty where nobody answered @param {boolean} gone */
  constructor(code, message, gone) {
    super(message);
    this.code = code;
    this.gone = gone;
  }
}

export class ChatArchive {
  #url;
  #fetch;

  /** @param {string} url  ends with a slash @param {typeof fetch} [fetcher] */
  constructor(url, fetcher = (...given) => fetch(...given)) {
    this.#url = url;
    this.#fetch = fetcher;
  }

  /** @param {string} token @returns {Promise<KeptChat>} Rejects with ChatRefused. */
  read(token) {
    return this.#ask("", token, (answer) => answer.json());
  }

  /** @param {string} token @param {string} locale @returns {Promise<Blob>} plain text. Rejects with ChatRefused. */
  text(token, locale) {
    return this.#ask(`transcript.txt?locale=${encodeURIComponent(locale)}`, token, (answer) => answer.blob());
  }

  /**
   * Has the chat sent to an address.
   * @param {string} token @param {string} address @param {string} locale  of the letter
   * @returns {Promise<void>} it is on its way. Rejects with ChatRefused.
   */
  async mail(token, address, locale) {
    const body = JSON.stringify({ address });
    const path = `mail/?locale=${encodeURIComponent(locale)}`;
    await this.#ask(path, token, (answer) => answer.json(), { method: "POST", body });
  }

  /** @param {string} token @returns {Promise<MailState>} of the last letter. Rejects with ChatRefused. */
  async mailState(token) {
    return (await this.#ask("mail/", token, (answer) => answer.json())).state;
  }

  /**
   * @param {string} token
   * @returns {Promise<RatingAnswer>} what the customer thought of it. Rejects with ChatRefused.
   */
  rating(token) {
    return this.#ask("rating/", token, (answer) => answer.json());
  }

  /**
   * @param {string} token @param {number} score  1 to 5 @param {string} comment
   * @returns {Promise<RatingAnswer>} kept where it is `recorded`. Rejects with ChatRefused.
   */
  rate(token, score, comment) {
    return this.#ask("rating/", token, (answer) => answer.json(), {
      method: "POST",
      body: JSON.stringify({ score, comment }),
    });
  }

  /**
   * A link that takes the conversation to another device.
   * @param {string} token @param {string} locale  of refusals @param {string} origin  of this page
   * @returns {Promise<PlaceLink>} Rejects with ChatRefused.
   */
  place(token, locale, origin) {
    const path = `place/?locale=${encodeURIComponent(locale)}`;
    return this.#ask(path, token, (answer) => answer.json(), { method: "POST", body: JSON.stringify({ origin }) });
  }

  /**
   * @template T
   * @param {string} path @param {string} token @param {(answer: Response) => Promise<T>} taken @param {RequestInit} [more]
   * @returns {Promise<T>}
   */
  async #ask(path, token, taken, more = {}) {
    const headers = {
      Authorization: `Bearer ${token}`,
      Accept: "application/json, text/plain",
      ...(more.body && { "Content-Type": "application/json" }),
    };
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), TIMEOUT_MS);
    try {
      const answer = await this.#fetch(this.#url + path, { ...more, headers, signal: late.signal, cache: "no-store" });
      if (answer.ok) return await taken(answer);
      const { error } = await answer.json();
      throw new ChatRefused(error.code, error.message, answer.status === 401 || answer.status === 410);
    } catch (error) {
      // Whatever else it was: nobody answered who knows.
      throw error instanceof ChatRefused ? error : new ChatRefused("", "", false);
    } finally {
      clearTimeout(timer);
    }
  }
}
