/** Files over HTTP: sent, and what is known of them. See docs/protocol.md. */

import { getLocale } from "../core/i18n.js";

/**
 * @import {FileInfo} from "../core/types.js"
 * @typedef {{done: Promise<FileInfo>, abort: () => void}} Sending  done rejects with FileRefused
 */

/** The server reads on as long as something comes, and then may look at it for a while. */
const SILENT_MS = 30_000;
const LOOKED_AT_MS = 90_000;
const TIMEOUT_MS = 8000;

/** The server said no, or nothing. `code` and `message` are empty where nobody answered; `retryAfter`: seconds. */
export class FileRefused extends Error {
  /** @param {{code?: string, message?: string, retryable?: boolean, retry_after?: number}} [error]  as it stands on the wire */
  constructor({ code = "", message = "", retryable = true, retry_after: retryAfter } = {}) {
    super(message);
    this.code = code;
    this.retryable = retryable;
    this.retryAfter = retryAfter ?? null;
  }
}

export class FileServer {
  #url;
  #headers;
  #query;
  #fetch;
  #Request;

  /**
   * @param {{url: string, headers: () => Record<string, string>, query?: () => Record<string, string>,
   *   fetcher?: typeof fetch, Request?: typeof XMLHttpRequest}} options
   *   url: ends with a slash; headers, query: who asks, and of which conversation, at the time of a request
   */
  constructor({ url, headers, query, fetcher, Request }) {
    this.#url = url;
    this.#headers = headers;
    this.#query = query ?? (() => ({}));
    this.#fetch = fetcher ?? ((address, options) => fetch(address, options));
    this.#Request = Request ?? globalThis.XMLHttpRequest;
  }

  /**
   * Fetch cannot tell how far it has come.
   * @param {File} file @param {string} key  the same one again is the same file @param {(part: number) => void} told  0 to 1
   * @param {Record<string, string>} [more]  to say of it
   * @returns {Sending}
   */
  send(file, key, told, more) {
    const request = new this.#Request();
    /** @type {any} */
    let timer;
    const within = (/** @type {number} */ ms) => {
      clearTimeout(timer);
      timer = setTimeout(() => request.abort(), ms);
    };
    /** @type {Promise<FileInfo>} */
    const done = new Promise((resolve, reject) => {
      request.open("POST", this.#address("", { key, ...more }));
      for (const [name, value] of Object.entries(this.#headers())) request.setRequestHeader(name, value);
      request.responseType = "json";
      request.upload.onprogress = ({ loaded, total }) => {
        within(loaded < total ? SILENT_MS : LOOKED_AT_MS);
        told(total ? loaded / total : 0);
      };
      request.onload = () =>
        request.status < 300 && request.response
          ? resolve(request.response)
          : reject(new FileRefused(request.response?.error));
      request.onerror = request.onabort = () => reject(new FileRefused());
      request.onloadend = () => clearTimeout(timer);
      const form = new FormData();
      form.append("file", file);
      within(SILENT_MS);
      request.send(form);
    });
    return { done, abort: () => request.abort() };
  }

  /** @returns {Promise<FileInfo[]>} all of the conversation, with fresh addresses. Rejects with FileRefused. */
  async all() {
    return (await this.#ask("")).files;
  }

  /** A file that the server had forgotten can be sent again after this. @param {string} id @returns {Promise<FileInfo>} Rejects with FileRefused. */
  one(id) {
    return this.#ask(`${id}/`);
  }

  /** @param {string} path @returns {Promise<any>} */
  async #ask(path) {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), TIMEOUT_MS);
    try {
      const options = { headers: this.#headers(), signal: late.signal, cache: /** @type {const} */ ("no-store") };
      const answer = await this.#fetch(this.#address(path, {}), options);
      const said = await answer.json();
      if (answer.ok) return said;
      throw new FileRefused(said?.error);
    } catch (error) {
      throw error instanceof FileRefused ? error : new FileRefused();
    } finally {
      clearTimeout(timer);
    }
  }

  /** @param {string} path @param {Record<string, string>} more */
  #address(path, more) {
    return `${this.#url}${path}?${new URLSearchParams({ ...this.#query(), ...more, locale: getLocale() })}`;
  }
}
