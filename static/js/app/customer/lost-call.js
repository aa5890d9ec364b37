/**
 * @import {Session} from "../../net/session.js"
 */

/** Reasons of an end that nobody wanted; `connection` is ours, for a call that the customer gave up on. */
const LOST = new Set(["operator-lost", "customer-lost", "connection"]);

/** Whether the server takes the token of a call that ended so for the head of the line. @param {string | undefined} reason */
export function isLost(reason) {
  return LOST.has(reason ?? "");
}

/** Keeps the token of a call that the network ended: it is worth the head of the line, once. */
export class LostCall {
  /** The customer asked to go back; it happens once the server has ended the call. */
  wanted = false;
  /** @type {string | null} */
  #token = null;
  #session;

  /** @param {Session} session */
  constructor(session) {
    this.#session = session;
  }

  /** Before the session forgets who we were. @param {string | undefined} reason */
  keep(reason) {
    if (isLost(reason)) this.#token = this.#session.token;
  }

  /** @returns {string | null} */
  take() {
    const token = this.#token;
    this.#token = null;
    this.wanted = false;
    return token;
  }
}
