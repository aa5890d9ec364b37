import { orderServers } from "./regions.js";

/**
 * @import {Frame, IceServer} from "../core/types.js"
 * @import {Session} from "../net/session.js"
 * @import {TurnResult} from "./regions.js"
 *
 * @typedef {Pick<Session, 'on' | 'send' | 'connected' | 'serverNow'>} Asked
 */

const TIMEOUT_MS = 1500;
/** Credentials asked for this short ago are as good as new. */
const FRESH_MS = 5000;
const SOONEST_RENEWAL_MS = 3000;

/**
 * The ICE servers of a call, with TURN credentials that are always worth something. They are asked for before every
 * restart of ours, and renewed at half their life, because the peer may restart at any time and then we need a relay
 * too: expired credentials do not end a running call, but they make its restart fail.
 */
export class Credentials {
  #session;
  #measured;
  #given;
  /** @type {Promise<IceServer[] | null> | null} */
  #asking = null;
  #askedAt = -Infinity;
  /** @type {any} */
  #timer;
  #closed = false;
  /** Told of every renewal. @type {(servers: IceServer[], frame: Frame | null) => void} */
  onrenewed = () => {};

  /** @param {{session: Asked, given: IceServer[], measured: TurnResult[]}} options  measured: by a preflight, to order the relays by */
  constructor({ session, given, measured }) {
    this.#session = session;
    this.#measured = measured;
    this.#given = given;
    this.#renewInTime();
  }

  /** Best relay first. @returns {IceServer[]} */
  get servers() {
    return orderServers(this.#given, this.#measured);
  }

  /** @param {IceServer[]} servers  from another frame */
  take(servers) {
    this.#given = servers;
    this.#renewInTime();
    this.onrenewed(this.servers, null);
  }

  /** Asks for new ones, unless that was done a moment ago. @returns {Promise<void>} within 1.5 s, also without an answer */
  async refresh() {
    if (performance.now() - this.#askedAt < FRESH_MS) return;
    this.#asking ??= freshIceServers(this.#session, (frame) => this.#renewed(frame));
    await this.#asking;
    this.#asking = null;
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  /** @param {Frame} frame */
  #renewed(frame) {
    if (this.#closed || !frame.ice_servers) return;
    this.#askedAt = performance.now();
    this.#given = frame.ice_servers;
    this.#renewInTime();
    this.onrenewed(this.servers, frame);
  }

  #renewInTime() {
    clearTimeout(this.#timer);
    const left = lifeLeft(this.#given, this.#session.serverNow());
    if (left === null || this.#closed) return;
    this.#timer = setTimeout(
      () => {
        this.#renewInTime(); // in case nobody answers
        if (this.#session.connected) void this.refresh();
      },
      Math.max(left / 2, SOONEST_RENEWAL_MS),
    );
  }
}

/**
 * coturn's time-limited credentials carry their end in the user name, in seconds.
 * @param {IceServer[]} servers
 * @param {number} now  the server's clock, ms
 * @returns {number | null} ms; null when nothing expires
 */
export function lifeLeft(servers, now) {
  const ends = servers.map(({ username }) => Number(/^(\d{9,11}):/.exec(username ?? "")?.[1])).filter(Number.isFinite);
  return ends.length ? Math.min(...ends) * 1000 - now : null;
}

/**
 * @param {Pick<Session, 'on' | 'send'>} session
 * @param {(frame: Frame) => void} [taken]
 * @param {number} [timeoutMs]
 * @returns {Promise<IceServer[] | null>} null when the server does not answer in time
 */
export function freshIceServers(session, taken = () => {}, timeoutMs = TIMEOUT_MS) {
  return new Promise((resolve) => {
    const settle = (/** @type {Frame | null} */ frame) => {
      off();
      clearTimeout(timer);
      if (frame) taken(frame);
      resolve(frame?.ice_servers ?? null);
    };
    const off = session.on("ice:servers", settle);
    const timer = setTimeout(() => settle(null), timeoutMs);
    session.send("ice:refresh");
  });
}
