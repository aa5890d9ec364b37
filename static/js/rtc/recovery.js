/**
 * When a call's media stops: what to do, and when. A pure state machine; the driver (call.js) feeds it a sample every
 * 500 ms and carries its actions out.
 *
 * ICE states come too late for a conversation ("disconnected" after 7 s, "failed" after 17 s), so the bytes received on
 * the selected pair decide. Steps, by the time without bytes:
 *   1.0 s suspect     → 'probe' the socket (a silent one is raced by a new one)
 *   2.0 s restarting  → 'restart' with fresh TURN credentials, again after 4 s
 *   10 s  rebuilding  → 'rebuild' the RTCPeerConnection, again every 6 s
 *   15 s  hold        → both sides are told; rebuilding goes on until the grace is over
 *
 * @typedef {'setup' | 'flowing' | 'suspect' | 'restarting' | 'rebuilding' | 'hold'} RecoveryState
 * @typedef {'probe' | 'restart' | 'rebuild'} RecoveryAction
 * @typedef {{
 *   now: number, bytes: number, connection: RTCPeerConnectionState, expectsMedia: boolean, canSignal: boolean,
 *   peerAway: boolean,
 * }} Sample  now: ms; bytes: received on the selected pair; canSignal: the socket is believed alive
 */
export const SAMPLE_MS = 500;
export const TIMES = {
  setup: 10_000,
  suspect: 1000,
  restart: 2000,
  restartDeadline: 4000,
  rebuild: 10_000,
  rebuildDeadline: 6000,
  hold: 15_000,
  /** The polite side lets the other one restart first; two restarts at once are settled, but cost a round trip. */
  politeDelay: 400,
  /** A later sample means that the page slept, not that the media stopped. */
  slept: 2500,
};

export class RecoveryMachine {
  /** @type {RecoveryState} */
  state = "setup";
  /** Restarts and rebuilds since media last flowed. */
  attempts = 0;
  #bytes = 0;
  #lastFlow;
  #lastSample;
  #deadline = 0;
  #urgent = false;

  /**
   * @param {{polite: boolean, now: number, times?: typeof TIMES}} options
   */
  constructor({ polite, now, times = TIMES }) {
    this.times = times;
    this.delay = polite ? times.politeDelay : 0;
    this.#lastFlow = now;
    this.#lastSample = now;
  }

  /** Our own network changed: the selected pair is dead for certain, so the usual second of doubt is skipped. */
  networkChanged() {
    if (this.state !== "setup") this.#urgent = true;
  }

  /**
   * @param {Sample} sample
   * @returns {RecoveryAction | null}
   */
  step(sample) {
    const { now } = sample;
    if (now - this.#lastSample > this.times.slept) this.#lastFlow += now - this.#lastSample;
    this.#lastSample = now;
    if (this.#flows(sample)) return this.#settle(now);
    const gap = now - this.#lastFlow;
    if (this.state === "setup") return this.#setup(sample, gap);
    if (this.state === "flowing") return this.#doubt(sample, gap);
    if (gap >= this.times.hold) this.state = "hold";
    return this.#act(sample, gap);
  }

  /** @param {Sample} sample */
  #flows({ bytes, connection, expectsMedia }) {
    const moved = bytes > 0 && bytes !== this.#bytes;
    this.#bytes = bytes;
    if (connection === "failed" || connection === "closed") return false;
    if (this.#urgent && !moved) return false;
    return connection === "connected" && (moved || !expectsMedia);
  }

  /** @param {number} now @returns {null} */
  #settle(now) {
    this.state = "flowing";
    this.attempts = 0;
    this.#lastFlow = now;
    this.#deadline = 0;
    this.#urgent = false;
    return null;
  }

  /**
   * Media never came yet.
   * @param {Sample} sample
   * @param {number} gap
   * @returns {RecoveryAction | null}
   */
  #setup({ now, connection, canSignal, peerAway }, gap) {
    const late = gap >= this.times.setup + this.delay * 10 && now >= this.#deadline;
    if ((connection !== "failed" && !late) || now < this.#deadline || !canSignal || peerAway) return null;
    this.#deadline = now + this.times.rebuildDeadline + this.delay;
    this.attempts += 1;
    return connection === "failed" && !late ? "restart" : "rebuild";
  }

  /**
   * @param {Sample} sample
   * @param {number} gap
   * @returns {RecoveryAction | null}
   */
  #doubt(sample, gap) {
    if (sample.connection !== "failed" && !this.#urgent && gap < this.times.suspect) return null;
    this.state = "suspect";
    return this.#act(sample, gap) ?? "probe";
  }

  /**
   * @param {Sample} sample
   * @param {number} gap
   * @returns {RecoveryAction | null}
   */
  #act({ now, connection, canSignal, peerAway }, gap) {
    const due = this.#urgent || connection === "failed" || gap >= this.times.restart + this.delay;
    if (!due || now < this.#deadline || !canSignal || peerAway) return null;
    const rebuild = gap >= this.times.rebuild + this.delay;
    if (this.state !== "hold") this.state = rebuild ? "rebuilding" : "restarting";
    this.#deadline = now + (rebuild ? this.times.rebuildDeadline : this.times.restartDeadline) + this.delay;
    this.#urgent = false;
    this.attempts += 1;
    return rebuild ? "rebuild" : "restart";
  }
}
