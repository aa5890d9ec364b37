import { randomKey } from "../../core/random.js";
import { faultFrom, tidyForm, unseen } from "../../ui/customer/join-form.js";

/**
 * @import {Store} from "../../core/types.js"
 * @import {Session} from "../../net/session.js"
 * @import {JoinForm} from "../../ui/customer/state.js"
 */

/**
 * A join that the server has not answered yet. It outlives sockets and reloads under one `join_key`: the same
 * key gives the same place, so a lost answer leaves no ghost in the line.
 */
export class PendingJoin {
  #session;
  #storage;
  #apply;
  #extra;
  #video;
  /** @type {(JoinForm & {join_key: string, returning?: string}) | null} */
  #form;
  /** @type {any} */
  #timer;

  /**
   * @param {Session} session @param {Store} storage
   * @param {{apply: (event: {type: string, [field: string]: any}) => void, extra: () => Record<string, unknown>, video?: boolean}} page
   *   apply: changes the page's state; extra: locale, attributes, identity, visit; video: whether anybody is seen here
   */
  constructor(session, storage, { apply, extra, video = true }) {
    this.#session = session;
    this.#storage = storage;
    this.#apply = apply;
    this.#extra = extra;
    this.#video = video;
    this.#form = JSON.parse(storage.get("join") ?? "null");
  }

  /** What an earlier page of this tab asked for, and got no answer to. @returns {JoinForm | null} */
  get form() {
    return this.#form;
  }

  /**
   * A new form gets a new key; the one that is pending keeps its own.
   * @param {JoinForm} form @param {string | null} [returning]  token of a lost call: back to the head of the line
   * @returns {JoinForm} as it is asked for
   */
  begin(form, returning = null) {
    const known = form === this.#form ? this.#form : null;
    const token = returning ?? known?.returning;
    const kept = this.#video ? tidyForm(form) : unseen(tidyForm(form));
    this.#form = { ...kept, join_key: known?.join_key ?? randomKey(), ...(token && { returning: token }) };
    this.#storage.set("join", JSON.stringify(this.#form));
    return kept;
  }

  /** @returns {boolean} false when none is pending */
  send() {
    if (!this.#form) return false;
    const { name, topic, ...rest } = this.#form;
    this.#session.send("queue:join", { ...rest, ...(name && { name }), ...(topic && { topic }), ...this.#extra() });
    return true;
  }

  /** @param {any} frame `queue:joined` */
  joined(frame) {
    this.settle();
    // A try that failed said "unavailable"; the same socket has just proved the contrary.
    this.#apply({ type: "link", link: "open" });
    this.#apply(frame);
  }

  /** What a later try cannot change goes back to the form, with a word. @param {any} error */
  refused(error) {
    if (!this.#form) return;
    const fault = faultFrom(error);
    if (error.retryable) {
      this.#apply({ type: "link", link: "unavailable" });
      this.#apply({ type: "join-waits", fault });
      return this.#again(error.retry_after ?? 2);
    }
    this.settle();
    // The server holds a place for this socket that this page knows nothing of: the next join needs another socket.
    if (error.code === "already_joined") this.#session.stop();
    this.#apply({ type: "link", link: this.#session.state === "open" ? "open" : "idle" });
    this.#apply({ type: "join-refused", fault });
  }

  /** @param {number} seconds  what the server asked for; spread */
  #again(seconds) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.send(), seconds * 1000 * (1 + Math.random() / 2));
  }

  /** Answered, one way or the other. */
  settle() {
    clearTimeout(this.#timer);
    this.#form = null;
    this.#storage.remove("join");
  }
}
