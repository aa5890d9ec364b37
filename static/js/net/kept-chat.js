/**
 * What the server still has of a conversation that is over, asked for with the conversation's token. See docs/protocol.md.
 *
 * @import {TranscriptLine} from "../core/types.js"
 *
 * @typedef {{conversation: string, reason: string, media: 'video' | 'audio' | 'chat', peer: {name: string},
 *   since: number | null, ended_at: number | null, transcript: TranscriptLine[]}} KeptChat  times in ms since 1970
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
  async read(token) {
    return (await this.#ask("", token)).json();
  }

  /** @param {string} token @param {string} locale @returns {Promise<Blob>} plain text. Rejects with ChatRefused. */
  async text(token, locale) {
    return (await this.#ask(`transcript.txt?locale=${encodeURIComponent(locale)}`, token)).blob();
  }

  /**
   * Has the chat sent to an address.
   * @param {string} token @param {string} address @param {string} locale  of the letter
   * @returns {Promise<void>} it is on its way. Rejects with ChatRefused.
   */
  async mail(token, address, locale) {
    const body = JSON.stringify({ address });
    await this.#ask(`mail/?locale=${encodeURIComponent(locale)}`, token, { method: "POST", body });
  }

  /** @param {string} token @returns {Promise<MailState>} of the last letter. Rejects with ChatRefused. */
  async mailState(token) {
    return (await (await this.#ask("mail/", token)).json()).state;
  }

  /** @param {string} path @param {string} token @param {RequestInit} [more] @returns {Promise<Response>} */
  async #ask(path, token, more = {}) {
    const headers = {
      Authorization: `Bearer ${token}`,
      Accept: "application/json, text/plain",
      ...(more.body && { "Content-Type": "application/json" }),
    };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const options = { ...more, headers, signal, cache: /** @type {const} */ ("no-store") };
    const answer = await this.#fetch(this.#url + path, options).catch(() => null);
    if (answer?.ok) return answer;
    const error = (await answer?.json().catch(() => null))?.error;
    throw new ChatRefused(error?.code ?? "", error?.message ?? "", answer?.status === 401 || answer?.status === 410);
  }
}
