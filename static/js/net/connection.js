import { ReconnectPolicy, racePolicy } from "../core/backoff.js";
import { Emitter } from "../core/emitter.js";
import { Link } from "./link.js";
import { watchNetwork } from "./wake.js";

/** @import {Frame} from "../core/types.js" */

const WELCOME_TIMEOUT_MS = 3000;
/**
 * A raced socket that is not open by then is given up for a fresh one: the packet that asks for a connection is sent
 * again after 1, 3, 7 s only, and in a blackhole each of those waits would be added to the outage. So one goes out every
 * second. A line too slow for that gets more time after the first tries.
 */
const OPEN_TIMEOUT_MS = 2000;
const SLOW_OPEN_TIMEOUT_MS = 3000;
const QUICK_TRIES = 10;
const OWN_RACE_MS = 30_000;
const TIMED_OUT = 4408;
const UNAUTHORIZED = 4401;
const REPLACED = 4409;
const FATAL = new Set([4400, 4403]);

/**
 * @typedef {{
 *   url: string, policy?: ReconnectPolicy, race?: ReconnectPolicy, WebSocket?: typeof WebSocket,
 *   now?: () => number, watch?: typeof watchNetwork,
 * }} ConnectionOptions
 * @typedef {'idle' | 'connecting' | 'open' | 'down' | 'replaced' | 'unauthorized' | 'fatal' | 'stopped'} ConnectionState
 */

/**
 * Keeps one welcomed WebSocket (`Link`) for as long as it is started. When the current one has gone silent a candidate
 * is raced against it: waiting for a stalled TCP connection would cost many seconds, and the first welcome wins.
 *
 * Events: 'welcome' (Frame), 'frame' (Frame after the welcome), 'early-error' (an error before it),
 * 'alive' (a raced socket spoke after all), 'down' ({code, retryInMs}), and the terminal
 * 'replaced', 'unauthorized', 'fatal' ({code}).
 */
export class Connection extends Emitter {
  /** @type {ConnectionState} */
  state = "idle";
  /** @type {Link | null} */
  #current = null;
  /** @type {Link | null} */
  #candidate = null;
  #attempt = 0;
  #racing = false;
  /** Candidates since the race began. */
  #raced = 0;
  #ownRaceUntil = 0;
  /** @type {any} */
  #retryTimer;
  /** @type {any} */
  #welcomeTimer;
  /** @type {(() => void) | null} */
  #unwatch = null;

  /**
   * @param {ConnectionOptions} options
   * @param {() => Frame} hello  the first frame of every socket
   */
  constructor({ url, policy, race, WebSocket: Socket, now, watch }, hello) {
    super();
    this.url = url;
    this.hello = hello;
    this.policy = policy ?? new ReconnectPolicy();
    this.race = race ?? racePolicy();
    this.now = now ?? Date.now;
    this.watch = watch ?? watchNetwork;
    this.Socket = Socket ?? globalThis.WebSocket;
  }

  /** What identifies the socket frames went out on; null while there is none, or while it is doubted. */
  get carrier() {
    return this.#racing ? null : this.#current;
  }

  /** How long the current socket has been silent, ms; 0 without one. */
  get silentMs() {
    return this.#current ? this.now() - this.#current.lastInboundAt : 0;
  }

  start() {
    if (this.state === "connecting" || this.state === "open" || this.state === "down") return;
    this.state = "connecting";
    this.#attempt = 0;
    this.#unwatch = this.watch({ online: () => this.raceSocket(), wake: () => void this.probe() });
    this.#connect();
  }

  stop() {
    this.#finish("stopped");
  }

  /** @param {Frame} frame @returns {boolean} whether it went out */
  send(frame) {
    return this.#current?.send(frame) ?? false;
  }

  /** Gives the current socket up and connects again at once: it delivered something that cannot be. */
  reset() {
    if (this.#current) this.#lost(this.#current, 1006, null);
  }

  /**
   * Is the socket alive? Sends a ping; without any sign of life in time a new socket is raced.
   * @param {number} [timeoutMs]
   * @returns {Promise<boolean>}
   */
  probe(timeoutMs = 1000) {
    const link = this.#current;
    if (!link) {
      this.#connectNow();
      return Promise.resolve(false);
    }
    link.send({ type: "ping", t: this.now() });
    return new Promise((resolve) => {
      const settle = (/** @type {boolean} */ alive) => {
        off();
        clearTimeout(timer);
        if (!alive && link === this.#current) this.raceSocket();
        resolve(alive);
      };
      const off = link.on("frame", () => settle(true));
      const timer = setTimeout(() => settle(false), timeoutMs);
    });
  }

  /**
   * A running call needs a socket now. Opens one beside the current one, which may be stalled, and then one after the
   * other without waiting for any that stalls, until one is welcomed.
   */
  raceSocket() {
    if (this.#racing || (!this.#current && this.state !== "down" && this.state !== "connecting")) return;
    this.#racing = true;
    this.#raced = 0;
    this.#attempt = 0;
    const delay = this.race.delay(this.#attempt++);
    if (this.#current) this.#schedule(delay);
    else if (!this.#candidate?.helloSent) this.#connect();
  }

  /** Ends the wait of a reconnect: the network is back. */
  #connectNow() {
    if ((this.state !== "down" && this.state !== "connecting") || this.#candidate?.helloSent) return;
    this.#attempt = 0;
    this.#connect();
  }

  #connect() {
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#welcomeTimer);
    this.#candidate?.drop();
    const link = new Link({ url: this.url, WebSocket: this.Socket, hello: () => this.#hello(), now: this.now });
    this.#candidate = link;
    this.#limit(link, this.#racing ? this.#openTimeout() : WELCOME_TIMEOUT_MS + this.#attempt * 500);
    link.on("open", () => this.#racing && this.#limit(link, WELCOME_TIMEOUT_MS));
    link.on("frame", (frame) => this.#receive(link, frame));
    link.on("closed", ({ code, retryAfter }) => this.#lost(link, code, retryAfter));
  }

  #openTimeout() {
    return ++this.#raced > QUICK_TRIES ? SLOW_OPEN_TIMEOUT_MS : OPEN_TIMEOUT_MS;
  }

  /** @param {Link} link @param {number} ms  from now on */
  #limit(link, ms) {
    clearTimeout(this.#welcomeTimer);
    this.#welcomeTimer = setTimeout(() => {
      if (this.#racing) this.#attempt = 0; // it waited long enough: the next one at once
      this.#lost(link, TIMED_OUT, null);
    }, ms);
  }

  #hello() {
    if (this.#current) this.#ownRaceUntil = this.now() + OWN_RACE_MS;
    return this.hello();
  }

  /**
   * @param {Link} link
   * @param {Frame} frame
   */
  #receive(link, frame) {
    if (link === this.#candidate) {
      if (frame.type === "welcome") this.#adopt(link, frame);
      else if (frame.type === "error") this.emit("early-error", frame);
      return;
    }
    if (link !== this.#current) return;
    if (this.#racing && !this.#candidate?.helloSent) this.#endRace();
    this.emit("frame", frame);
  }

  /**
   * @param {Link} link
   * @param {Frame} welcome
   */
  #adopt(link, welcome) {
    this.#clearTimers();
    this.#current?.drop();
    this.#current = link;
    this.#candidate = null;
    this.#racing = false;
    this.#attempt = 0;
    this.state = "open";
    this.emit("welcome", welcome);
  }

  /** The old socket spoke before the new one had said hello: it is alive after all. */
  #endRace() {
    this.#clearTimers();
    this.#candidate?.drop();
    this.#candidate = null;
    this.#racing = false;
    this.emit("alive");
  }

  /**
   * @param {Link} link
   * @param {number} code
   * @param {number | null} retryAfter  seconds
   */
  #lost(link, code, retryAfter) {
    if (link !== this.#current && link !== this.#candidate) return;
    const ownRace = code === REPLACED && this.#wasOwnRace(link);
    link.drop();
    if (link === this.#current) this.#current = null;
    else this.#candidate = null;
    if (code === UNAUTHORIZED) return this.#finish("unauthorized");
    if (FATAL.has(code)) return this.#finish("fatal", { code });
    if (code === REPLACED && !ownRace) return this.#finish("replaced");
    this.#retry(code, retryAfter);
  }

  /**
   * Our own hellos may overtake each other on a bad network: then the newer socket hears that the older one replaced
   * it. One more try settles that; it does not count as another race, so two tabs cannot play ping-pong.
   * @param {Link} link
   * @returns {boolean}
   */
  #wasOwnRace(link) {
    if (link === this.#current && this.#candidate?.helloSent) return true;
    const own = this.now() < this.#ownRaceUntil;
    this.#ownRaceUntil = 0;
    return own;
  }

  /**
   * @param {number} code
   * @param {number | null} retryAfter  seconds
   */
  #retry(code, retryAfter) {
    if (this.#candidate) return this.#announceDown(code, 0);
    clearTimeout(this.#welcomeTimer);
    const policy = this.#racing ? this.race : this.policy;
    const delay = policy.delay(this.#attempt++, retryAfter);
    this.#schedule(delay);
    this.#announceDown(code, delay);
  }

  /**
   * @param {number} code
   * @param {number} retryInMs
   */
  #announceDown(code, retryInMs) {
    if (this.#current) return;
    this.state = "down";
    this.emit("down", { code, retryInMs });
  }

  /** @param {number} delay  ms */
  #schedule(delay) {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => this.#connect(), delay);
  }

  #clearTimers() {
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#welcomeTimer);
  }

  /**
   * @param {'stopped' | 'replaced' | 'unauthorized' | 'fatal'} state
   * @param {Record<string, unknown>} [detail]
   */
  #finish(state, detail) {
    this.#clearTimers();
    this.#unwatch?.();
    this.#unwatch = null;
    this.#current?.drop();
    this.#candidate?.drop();
    this.#current = this.#candidate = null;
    this.#racing = false;
    this.state = state;
    if (state !== "stopped") this.emit(state, detail);
  }
}
