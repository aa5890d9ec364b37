/** What operators keep of their own conversation: outcome and tags, notes; and who it is. See docs/protocol.md. */

import { csrfToken } from "../csrf.js";

/** @import {CardAnswer, GivenAnswer, Note, NotesAnswer, WrapUpAnswer} from "../../core/types.js" */

const TIMEOUT_MS = 8000;
/** The same request would be answered so again. */
const FINAL = new Set([400, 403, 404, 410, 413]);

/** `message`: for the operator; empty where the server said nothing. */
export class DossierError extends Error {
  /** @param {string} message @param {boolean} final  trying again cannot help */
  constructor(message, final) {
    super(message);
    this.final = final;
  }
}

export class Dossiers {
  #urls;
  #fetch;

  /** @param {{wrapUp: string, card: string, notes: string, note: string}} urls  each ends with a slash @param {typeof fetch} [fetcher] */
  constructor(urls, fetcher = (...given) => fetch(...given)) {
    this.#urls = urls;
    this.#fetch = fetcher;
  }

  /** @param {string} conversation @returns {Promise<WrapUpAnswer>} */
  wrapUp(conversation) {
    return this.#ask(`${this.#urls.wrapUp}${encodeURIComponent(conversation)}/`);
  }

  /** @param {string} conversation @param {{outcome: number|null, tags: number[], version: number}} given @returns {Promise<GivenAnswer>} */
  give(conversation, given) {
    return this.#ask(`${this.#urls.wrapUp}${encodeURIComponent(conversation)}/`, given);
  }

  /** @param {string} conversation @returns {Promise<CardAnswer>} */
  card(conversation) {
    return this.#ask(`${this.#urls.card}${encodeURIComponent(conversation)}/`);
  }

  /** @param {string} conversation @returns {Promise<NotesAnswer>} */
  notes(conversation) {
    return this.#ask(`${this.#urls.notes}${encodeURIComponent(conversation)}/`);
  }

  /** @param {string} conversation @param {{text: string, about: string, key: string}} note @returns {Promise<{recorded: boolean, note?: Note}>} */
  write(conversation, note) {
    return this.#ask(`${this.#urls.notes}${encodeURIComponent(conversation)}/`, note);
  }

  /** @param {number} id @param {string} text @returns {Promise<{note: Note}>} */
  edit(id, text) {
    return this.#ask(`${this.#urls.note}${id}/`, { text });
  }

  /**
   * Rejects with a DossierError.
   * @param {string} url
   * @param {object} [body]  something is to change
   * @returns {Promise<any>}
   */
  async #ask(url, body) {
    const headers = { "Content-Type": "application/json", "X-CSRFToken": csrfToken() };
    const options = body ? { method: "POST", headers, body: JSON.stringify(body) } : {};
    let answer;
    try {
      answer = await this.#fetch(url, { ...options, signal: AbortSignal.timeout(TIMEOUT_MS) });
      if (answer.ok) return await answer.json();
    } catch {
      throw new DossierError("", false);
    }
    const said = await answer.json().catch(() => null);
    throw new DossierError(String(said?.error?.message ?? ""), FINAL.has(answer.status));
  }
}
