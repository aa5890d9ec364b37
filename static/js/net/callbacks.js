/** Asks to be called when it is nearly one's turn, or takes that back. See docs/protocol.md. */

import { getLocale } from "../core/i18n.js";

/** @import {PushWays} from "./called-here.js" */

const TIMEOUT_MS = 8000;
const TELEGRAM = "telegram/";

/** The server said no, or nothing: then without words. */
export class CallbackRefused extends Error {
  /** @param {{code?: string, message?: string}} [error]  as it stands on the wire */
  constructor({ code = "", message = "" } = {}) {
    super(message);
    this.code = code;
  }
}

export class CallbackServer {
  #url;
  #token;
  #fetch;

  /**
   * @param {string} url  ends with a slash @param {() => string | null} token  of the conversation that waits
   * @param {typeof fetch} [fetcher]
   */
  constructor(url, token, fetcher = (...given) => fetch(...given)) {
    this.#url = url;
    this.#token = token;
    this.#fetch = fetcher;
  }

  /** @returns {Promise<PushWays>} what a browser subscribes with. Rejects with CallbackRefused. */
  async ways() {
    return (await this.#send("GET")).json();
  }

  /**
   * @param {string} address  empty: none @param {PushSubscriptionJSON | null} [push]  of this browser
   * @returns {Promise<unknown>} it is promised. Rejects with CallbackRefused.
   */
  ask(address, push = null) {
    return this.#send("POST", { address, origin: location.origin, ...(push && { push }) });
  }

  /** @returns {Promise<'off' | 'open' | 'linked'>} whether the bot can be asked, or has heard. Rejects with CallbackRefused. */
  async telegram() {
    return (await (await this.#send("GET", undefined, TELEGRAM)).json()).state;
  }

  /**
   * @param {string} address  empty: none
   * @returns {Promise<{link: string, code: string, expires_s: number}>} into the bot's chat. Rejects with CallbackRefused.
   */
  async start(address) {
    return (await this.#send("POST", { address, origin: location.origin }, TELEGRAM)).json();
  }

  /** @returns {Promise<unknown>} Rejects with CallbackRefused. */
  cancel() {
    return this.#send("DELETE");
  }

  /** @param {string} method @param {unknown} [body] @param {string} [way] */
  async #send(method, body, way = "") {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), TIMEOUT_MS);
    try {
      const answer = await this.#fetch(`${this.#url}callback/${way}?locale=${encodeURIComponent(getLocale())}`, {
        method,
        headers: {
          Authorization: `Bearer ${this.#token()}`,
          Accept: "application/json",
          ...(body !== undefined && { "Content-Type": "application/json" }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: late.signal,
        cache: "no-store",
      });
      if (!answer.ok) throw new CallbackRefused((await answer.json()).error);
      return answer;
    } catch (error) {
      throw error instanceof CallbackRefused ? error : new CallbackRefused();
    } finally {
      clearTimeout(timer);
    }
  }
}
