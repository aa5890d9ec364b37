import { randomKey } from "../core/random.js";

/**
 * @import {Store} from "../core/types.js"
 * @import {Session} from "../net/session.js"
 * @import {JoinForm} from "../ui/customer/state.js"
 */

/**
 * A wish to join that the server has not answered yet. It outlives sockets and reloads under one `join_key`: the same
 * key gives the same place, so a lost answer leaves no ghost in the line.
 */
export class PendingJoin {
  #session;
  #storage;
  /** @type {(JoinForm & {join_key: string, returning?: string}) | null} */
  #wish;
  /** @type {any} */
  #timer;

  /** @param {Session} session @param {Store} storage */
  constructor(session, storage) {
    this.#session = session;
    this.#storage = storage;
    this.#wish = JSON.parse(storage.get("join") ?? "null");
  }

  /** What an earlier page of this tab asked for, and got no answer to. @returns {JoinForm | null} */
  get form() {
    return this.#wish;
  }

  /**
   * A new wish gets a new key; the one that is pending keeps its own.
   * @param {JoinForm} form @param {string | null} [returning]  token of a lost call: back to the head of the line
   */
  begin(form, returning = null) {
    const known = form === this.#wish ? this.#wish : null;
    const token = returning ?? known?.returning;
    this.#wish = { name: form.name, topic: form.topic, media: form.media, join_key: known?.join_key ?? randomKey(), ...(token && { returning: token }) };
    this.#storage.set("join", JSON.stringify(this.#wish));
  }

  /** @param {Record<string, unknown>} extra  locale, attributes, identity @returns {boolean} false without a wish */
  send(extra) {
    if (!this.#wish) return false;
    const { topic, ...rest } = this.#wish;
    this.#session.send("queue:join", { ...rest, ...(topic && { topic }), ...extra });
    return true;
  }

  /** @param {number} seconds  what the server asked for; spread @param {() => void} again */
  retryIn(seconds, again) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(again, seconds * 1000 * (1 + Math.random() / 2));
  }

  /** Answered, one way or the other. */
  settle() {
    clearTimeout(this.#timer);
    this.#wish = null;
    this.#storage.remove("join");
  }
}
