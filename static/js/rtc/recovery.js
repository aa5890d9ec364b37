/**
 * When a call's media stops: what to do, and when. A pure state machine; the driver (health.js, call.js) feeds it a
 * sample every 500 ms, and at once when the socket gives a sign of life, and carries its actions out.
 *
 * ICE states come too late for a conversation ("disconnected" after 7 s, "failed" after 17 s), so the bytes received on
 * the selected pair decide. While they flow nothing is done, whatever the socket does.
 *
 *   state          entered                                        action
 *   suspect        1.0 s without bytes                            'probe' the socket
 *   resignal       no sign of life for 1 s, or network changed    'resignal': race a new socket, again every second
 *   restart        2.0 s and the socket alive, or "failed"        'restart' with fresh TURN credentials; 4 s
 *   restart-relay  4 s later                                      the same, through relays only; 4 s
 *   rebuild        4 s later                                      'rebuild' the RTCPeerConnection; every 6 s
 *   hold           15 s without bytes                             both sides are told; attempts go on to the grace's end
 *
 * The steps of an outage count from the first attempt that could be made, not from its beginning: after a long silence
 * of the network a restart is still the quickest way back.
 *
 * @typedef {'setup' | 'healthy' | 'suspect' | 'resignal' | 'restart' | 'restart-relay' | 'rebuild' | 'hold' | 'ended'} RecoveryState
 * @typedef {'probe' | 'resignal' | 'restart' | 'restart-relay' | 'rebuild'} RecoveryAction
 * @typedef {'silence' | 'failed' | 'network' | 'wake' | 'setup'} RecoveryReason
 * @typedef {{
 *   now: number, bytes: number, connection: RTCPeerConnectionState, expectsMedia: boolean, canSignal: boolean,
 *   heardAt: number, peerAway: boolean, hasRelay: boolean,
 * }} Sample  now: ms; bytes: received on the selected pair; canSignal: no new socket is being raced; heardAt: ms, the
 *   socket's last sign of life
 */
export const SAMPLE_MS = 500;
export const TIMES = {
  setup: 10_000,
  suspect: 1000,
  pong: 1000,
  restart: 2000,
  hold: 15_000,
  /** A sign of life older than this proves nothing about the socket now. */
  fresh: 1500,
  /** The polite side lets the other one restart first; two restarts at once are settled, but cost a round trip. */
  politeDelay: 400,
  /** A later sample means that the page slept, not that the media stopped. */
  slept: 2500,
  /** How long a change of network is believed while media flows nevertheless. */
  network: 3000,
};
/** Attempts in order, each with the time it is given, ms; the last one repeats. */
export const ATTEMPTS = /** @type {const} */ ([
  { action: "restart", ms: 4000 },
  { action: "restart-relay", ms: 4000 },
  { action: "rebuild", ms: 6000 },
]);

export class RecoveryMachine {
  /** @type {RecoveryState} */
  state = "setup";
  /** Why the last doubt arose. @type {RecoveryReason} */
  reason = "setup";
  /** Restarts and rebuilds since media last flowed. */
  attempts = 0;
  #bytes = 0;
  #lastFlow;
  #lastSample;
  #deadline = 0;
  #suspectAt = 0;
  #askedAt = -Infinity;
  /** The pair is dead for certain: the usual second of doubt is skipped. */
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

  /** Our own network changed: the pair is dead, and so is the socket. @param {number} now */
  networkChanged(now) {
    if (this.state === "setup" || this.state === "ended") return;
    this.#urgent = true;
    this.#suspect("network", now);
  }

  /** The conversation is over: nothing is tried any more. */
  end() {
    this.state = "ended";
  }

  /**
   * @param {Sample} sample
   * @returns {RecoveryAction | null}
   */
  step(sample) {
    const { now } = sample;
    if (this.state === "ended") return null;
    const slept = now - this.#lastSample > this.times.slept;
    if (slept) this.#lastFlow = Math.max(this.#lastFlow, now - this.times.suspect);
    this.#lastSample = now;
    if (this.#flows(sample)) return this.#settle(now);
    const gap = now - this.#lastFlow;
    if (this.state === "setup") return this.#setup(sample, gap);
    if (this.state === "healthy") {
      const failed = sample.connection === "failed";
      if (!failed && gap < this.times.suspect) return null;
      this.#suspect(failed ? "failed" : slept ? "wake" : "silence", now);
    }
    if (gap >= this.times.hold) this.state = "hold";
    return this.#isAlive(sample) ? this.#attempt(sample, gap) : this.#ask(now);
  }

  /** @param {RecoveryReason} reason @param {number} now */
  #suspect(reason, now) {
    this.state = "suspect";
    this.reason = reason;
    this.#suspectAt = now;
    this.#askedAt = -Infinity;
    this.#deadline = 0;
  }

  /** @param {Sample} sample */
  #flows({ now, bytes, connection, expectsMedia }) {
    const moved = bytes > 0 && bytes !== this.#bytes;
    this.#bytes = bytes;
    if (connection === "failed" || connection === "closed") return false;
    // After a change of network a restart is made even if something still arrives by the old path.
    if (this.#urgent && (!moved || (this.attempts === 0 && now - this.#suspectAt < this.times.network))) return false;
    return connection === "connected" && (moved || !expectsMedia);
  }

  /** @param {number} now @returns {null} */
  #settle(now) {
    this.state = "healthy";
    this.attempts = 0;
    this.#lastFlow = now;
    this.#deadline = 0;
    this.#urgent = false;
    return null;
  }

  /** The socket answered since the doubt arose, and not long ago. @param {Sample} sample */
  #isAlive({ now, canSignal, heardAt }) {
    return canSignal && heardAt > this.#suspectAt && now - heardAt <= this.times.fresh;
  }

  /**
   * @param {number} now
   * @returns {RecoveryAction | null}
   */
  #ask(now) {
    if (now - this.#askedAt < this.times.pong) return null;
    const first = this.#askedAt === -Infinity;
    this.#askedAt = now;
    if (first && this.reason !== "network") return "probe";
    // A doubt that arises between two attempts is asked about first as well.
    if (this.state !== "hold") this.state = "resignal";
    return "resignal";
  }

  /**
   * Media never came yet.
   * @param {Sample} sample
   * @param {number} gap
   * @returns {RecoveryAction | null}
   */
  #setup({ now, connection, canSignal, peerAway }, gap) {
    const late = gap >= this.times.setup + this.delay * 10;
    if ((connection !== "failed" && !late) || now < this.#deadline || !canSignal || peerAway) return null;
    this.#deadline = now + ATTEMPTS[2].ms + this.delay;
    this.attempts += 1;
    return connection === "failed" && !late ? "restart" : "rebuild";
  }

  /**
   * @param {Sample} sample
   * @param {number} gap
   * @returns {RecoveryAction | null}
   */
  #attempt({ now, connection, peerAway, hasRelay }, gap) {
    // The next time the socket is in doubt, it is asked again.
    this.#askedAt = -Infinity;
    const due = this.#urgent || connection === "failed" || gap >= this.times.restart + this.delay;
    if (!due || now < this.#deadline || peerAway) return null;
    const { action, ms } = ATTEMPTS[Math.min(this.attempts, ATTEMPTS.length - 1)];
    this.#deadline = now + ms + this.delay;
    this.attempts += 1;
    const possible = action === "restart-relay" && !hasRelay ? "restart" : action;
    if (this.state !== "hold") this.state = possible;
    return possible;
  }
}
