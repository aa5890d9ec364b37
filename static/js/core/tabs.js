import { Emitter } from "./emitter.js";
import { isLed, lockName } from "./led.js";

/**
 * @import {MediaKind} from "./types.js"
 * @typedef {{token: string, media: MediaKind, screen: string, form: {name: string, topic: string, media: MediaKind}}} Led
 *   the conversation that a tab has; form: by which it was asked for
 */

/** A tab that went to its next page leads again by then; one that was closed does not. */
const CLOSED_MS = 5000;
const ANSWER_MS = 1000;

/**
 * The tabs of one browser that show this page on one site: the one with the conversation leads, the others follow.
 * Who leads holds a Web Lock, which ends with its page whatever happens to that, and tells over a BroadcastChannel what
 * it leads. Followers keep the token in memory alone: on a shared computer nothing stays. Where the browser gives this
 * page no storage, or the page is not secure, there is neither, and every tab is on its own.
 *
 * Events: 'led' (another tab has a conversation, or tells more of it), 'over' (it has none any more), 'closed' (that tab
 * is gone, and this one is the next), 'taken' (another tab leads what this one led).
 */
export class Tabs extends Emitter {
  /** What another tab leads. @type {Led | null} */
  leader = null;
  /** That tab is gone, and this one is the next. */
  closed = false;
  /** Whether another tab leads is known: every page asks first. @type {Promise<void>} */
  found;
  #locks;
  /** @type {BroadcastChannel | null} */
  #channel = null;
  /** @type {Led | null} */
  #own = null;
  /** Ends the wait for the lock. @type {AbortController | null} */
  #wait = null;
  /** @type {any} */
  #timer;
  /** Gives the lock back. @type {() => void} */
  #free = () => {};

  /** @param {{locks?: LockManager, Channel?: typeof BroadcastChannel}} [browser] */
  constructor({ locks = navigator.locks, Channel = globalThis.BroadcastChannel } = {}) {
    super();
    this.#locks = locks;
    this.found = this.#find(Channel).catch(() => {});
  }

  /** This tab has a conversation, or there is more to tell of it. @param {Led} led */
  lead(led) {
    const begins = this.#own === null;
    if (!this.#channel || JSON.stringify(led) === JSON.stringify(this.#own)) return;
    this.#own = led;
    this.#learn(null);
    this.#tell();
    if (begins) void this.#hold();
  }

  /** What this tab led is over. */
  release() {
    if (this.#own === null) return;
    this.#own = null;
    this.#tell();
    this.#free();
  }

  /** Rejects where the browser grants none of it. @param {typeof BroadcastChannel} Channel */
  async #find(Channel) {
    const led = await isLed(this.#locks);
    const channel = new Channel(lockName());
    this.#channel = channel;
    channel.onmessage = ({ data }) => this.#hear(data);
    if (!led) return;
    await new Promise((resolve) => {
      this.once("led", resolve);
      setTimeout(resolve, ANSWER_MS);
      channel.postMessage("ask");
    });
  }

  /** @param {"ask" | "over" | Led} said  by another tab */
  #hear(said) {
    if (said === "ask") {
      if (this.#own || this.closed) this.#tell();
      return;
    }
    this.#learn(said === "over" ? null : said);
    if (this.#own) return;
    if (this.leader) void this.#follow();
    else this.#stopWaiting();
    this.emit(this.leader ? "led" : "over");
  }

  #tell() {
    this.#channel?.postMessage(this.#own ?? this.leader ?? "over");
  }

  /** @param {Led | null} leader */
  #learn(leader) {
    clearTimeout(this.#timer);
    this.closed = false;
    this.leader = leader;
  }

  /** Leads, until it is over or another tab does. */
  async #hold() {
    this.#stopWaiting();
    try {
      await this.#lock({ steal: true }, () => this.#own || this.#free());
    } catch (error) {
      if (/** @type {Error} */ (error).name !== "AbortError") return;
      this.#own = null;
      this.emit("taken");
      if (this.leader) void this.#follow();
    }
  }

  /** Waits for the lock of the tab that leads. */
  async #follow() {
    if (this.#wait) return;
    this.#wait = new AbortController();
    try {
      await this.#lock({ signal: this.#wait.signal }, () => this.#inherit());
    } catch (error) {
      // Else it was called off, or a tab leads again.
      if (/** @type {Error} */ (error).name !== "AbortError") return;
    } finally {
      this.#wait = null;
    }
    if (this.leader && !this.#own) void this.#follow();
  }

  #inherit() {
    if (!this.leader) return this.#free();
    this.#timer = setTimeout(() => {
      this.closed = true;
      this.emit("closed");
    }, CLOSED_MS);
  }

  #stopWaiting() {
    this.#wait?.abort();
    this.#free();
  }

  /** @param {LockOptions} options @param {() => void} got @returns {Promise<unknown>} settled when the lock has gone */
  #lock(options, got) {
    const held = () =>
      new Promise((/** @type {(none?: any) => void} */ resolve) => {
        this.#free = resolve;
        got();
      });
    return this.#locks.request(lockName(), options, held);
  }
}
