/**
 * When a call's media stops: what to do, and when. A pure state machine; the driver (health.js, call.js) feeds it a
 * sample every 500 ms, every 250 ms while nothing arrives, and at once when the socket gives a sign of life, and carries
 * its actions out.
 *
 * ICE states come too late for a conversation ("disconnected" after 7 s, "failed" after 17 s), so the bytes received on
 * the selected pair decide. While they flow nothing is done, whatever the socket or the browser's states do.
 *
 *   state          entered                                        action
 *   (healthy)      0.5 s without bytes                            'probe': a ping costs nothing
 *   suspect        1.0 s without bytes
 *   resignal       no sign of life for 1 s, or network changed    'resignal': race a new socket, again every second
 *   restart        2.0 s and the socket alive, or "failed"        'restart' with fresh TURN credentials; 4 s
 *   restart-relay  4 s later                                      the same, through relays only; 4 s
 *   rebuild        4 s later                                      'rebuild' the RTCPeerConnection; 6, 9, 13, 20, 20 … s
 *   hold           15 s without bytes                             both sides are told; attempts go on to the grace's end
 *   ended          the conversation is over                       nothing any more
 *
 * The steps of an outage count from the first attempt that could be made, not from its beginning: after a long silence
 * of the network a restart is still the quickest way back. No attempt cuts off another one: each has its time from the
 * moment both sides had agreed on it, an offer that nobody has answered yet is waited for, and when a socket comes back,
 * ours or the peer's, the steps begin anew at once.
 *
 * @typedef {'setup' | 'healthy' | 'suspect' | 'resignal' | 'restart' | 'restart-relay' | 'rebuild' | 'hold' | 'ended'} RecoveryState
 * @typedef {'probe' | 'resignal' | 'restart' | 'restart-relay' | 'rebuild'} RecoveryAction
 * @typedef {'silence' | 'failed' | 'network' | 'wake' | 'setup'} RecoveryReason
 * @typedef {{
 *   now: number, bytes: number, quietMs?: number, connection: RTCPeerConnectionState, up?: boolean, expectsMedia: boolean,
 *   canSignal: boolean, heardAt: number, peerAway: boolean, hasRelay: boolean, offeredAt?: number | null,
 * }} Sample  now: ms; bytes: received on the selected pair; quietMs: since the last packet, where the browser tells; up:
 *   this connection has been connected (before, bytes are its own set-up); canSignal: no new socket is being raced;
 *   heardAt: ms, the socket's last sign of life; offeredAt: ms, our offer that has no answer yet
 */
export const SAMPLE_MS = 500;
export const DOUBT_SAMPLE_MS = 250;
export const TIMES = {
  setup: 10_000,
  probe: 500,
  suspect: 1000,
  pong: 1000,
  restart: 2000,
  hold: 15_000,
  /** In order, each with the time it is given, ms; the last one repeats. */
  attempts: /** @type {{action: 'restart' | 'restart-relay' | 'rebuild', ms: number}[]} */ ([
    { action: "restart", ms: 4000 },
    { action: "restart-relay", ms: 4000 },
    { action: "rebuild", ms: 6000 },
    { action: "rebuild", ms: 9000 },
    { action: "rebuild", ms: 13_000 },
    { action: "rebuild", ms: 20_000 },
  ]),
  /**
   * The peer has this long to answer an offer: asleep or cut off, it finds it in its mailbox, and then one is better than
   * five. A peer that cannot take it makes offers of its own.
   */
  answer: 60_000,
  /** Paths that were agreed on this short ago are tried even if a socket comes back meanwhile. */
  settle: 2000,
  /** A sign of life older than this proves nothing about the socket now. */
  fresh: 1500,
  /** The polite side lets the other one restart first; two restarts at once are settled, but cost a round trip. */
  politeDelay: 400,
  /** A later sample means that the page slept, not that the media stopped. */
  slept: 2500,
  /** How long a change of network is believed while media flows nevertheless. */
  network: 3000,
};
/** Where rebuilding begins: what a call that never came up starts with. */
const FIRST_REBUILD = 2;

export class RecoveryMachine {
  /** @type {RecoveryState} */
  state = "setup";
  /** Why the last doubt arose. @type {RecoveryReason} */
  reason = "setup";
  /** Restarts and rebuilds since media last flowed. */
  attempts = 0;
  /** Place in the table of attempts; it falls back to the first when a socket comes back. */
  #place = 0;
  #bytes = 0;
  #moved = false;
  #lastFlow;
  #lastSample;
  #deadline = 0;
  #suspectAt = 0;
  #askedAt = -Infinity;
  #negotiatedAt = -Infinity;
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

  /** Nothing came with the last sample although it should: worth a closer look. */
  get quiet() {
    return !this.#moved && this.state !== "setup" && this.state !== "ended";
  }

  /** Our own network changed: the pair is dead, and so is the socket. @param {number} now */
  networkChanged(now) {
    if (this.state === "setup" || this.state === "ended") return;
    this.#urgent = true;
    this.#place = 0;
    this.#askedAt = -Infinity;
    this.#suspect("network", now);
  }

  /** A socket came back, ours or the peer's: what waited for a deadline waits no longer. @param {number} now */
  signalingBack(now) {
    if (now - this.#negotiatedAt < this.times.settle) return;
    this.#deadline = 0;
    this.#place = 0;
  }

  /** Both sides have agreed on new paths, whoever asked for them: they get their time. @param {number} now */
  negotiated(now) {
    if (this.state === "healthy" || this.state === "ended") return;
    this.#negotiatedAt = now;
    this.#deadline = Math.max(this.#deadline, now + this.#attemptAt(this.#place - 1).ms + this.delay);
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
    this.#lastSample = now;
    if (this.#flows(sample)) return this.#settle(sample);
    if (slept) this.#lastFlow = Math.max(this.#lastFlow, now - this.times.suspect);
    const gap = now - this.#lastFlow;
    if (this.state === "setup") return this.#setup(sample, gap);
    if (this.state === "healthy") {
      const failed = sample.connection === "failed";
      if (!failed && gap < this.times.suspect) return gap >= this.times.probe ? this.#probe(now) : null;
      this.#suspect(failed ? "failed" : slept ? "wake" : "silence", now);
    }
    if (gap >= this.times.hold) this.state = "hold";
    return this.#isAlive(sample) ? this.#attempt(sample, gap) : this.#ask(now);
  }

  /** @param {number} now @returns {'probe' | null} once for each silence */
  #probe(now) {
    if (this.#askedAt !== -Infinity) return null;
    this.#suspectAt = this.#askedAt = now;
    return "probe";
  }

  /** @param {RecoveryReason} reason @param {number} now */
  #suspect(reason, now) {
    this.state = "suspect";
    this.reason = reason;
    this.#deadline = 0;
    // Asked already, when the silence began: that answer counts.
    if (this.#askedAt === -Infinity) this.#suspectAt = now;
  }

  /** @param {Sample} sample */
  #flows({ now, bytes, quietMs = 0, connection, up = connection === "connected", expectsMedia }) {
    // The browser may turn to another pair, whose count differs although nothing came on it.
    this.#moved = up && bytes > 0 && bytes !== this.#bytes && quietMs < this.times.suspect;
    this.#bytes = bytes;
    if (connection === "closed") return false;
    // After a change of network a restart is made even if something still arrives by the old path.
    if (this.#urgent && (!this.#moved || (this.attempts === 0 && now - this.#suspectAt < this.times.network)))
      return false;
    return this.#moved || (connection === "connected" && !expectsMedia);
  }

  /** @param {Sample} sample @returns {null} */
  #settle({ now, quietMs = 0 }) {
    this.state = "healthy";
    this.attempts = 0;
    this.#place = 0;
    this.#lastFlow = now - Math.min(quietMs, SAMPLE_MS);
    this.#deadline = 0;
    this.#askedAt = -Infinity;
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
  #setup(sample, gap) {
    const { now, connection, canSignal, peerAway } = sample;
    const late = gap >= this.times.setup + this.delay * 10;
    if ((connection !== "failed" && !late) || now < this.#deadline || !canSignal || peerAway || this.#isOpen(sample))
      return null;
    this.#place = Math.max(this.#place, FIRST_REBUILD);
    this.#begin(now);
    return connection === "failed" && !late ? "restart" : "rebuild";
  }

  /**
   * @param {Sample} sample
   * @param {number} gap
   * @returns {RecoveryAction | null}
   */
  #attempt(sample, gap) {
    const { now, connection, peerAway, hasRelay } = sample;
    // The next time the socket is in doubt, it is asked again.
    this.#askedAt = -Infinity;
    const due = this.#urgent || connection === "failed" || gap >= this.times.restart + this.delay;
    if (!due || now < this.#deadline || peerAway || this.#isOpen(sample)) return null;
    const action = this.#begin(now);
    const possible = action === "restart-relay" && !hasRelay ? "restart" : action;
    if (this.state !== "hold" && !this.#moved) this.state = possible;
    return possible;
  }

  /** Our offer lies with the peer. Of an own change of network it knows nothing yet. @param {Sample} sample */
  #isOpen({ now, offeredAt = null }) {
    if (offeredAt === null || (this.#urgent && this.attempts === 0)) return false;
    return now - offeredAt < this.times.answer;
  }

  /** @param {number} now */
  #begin(now) {
    const { action, ms } = this.#attemptAt(this.#place);
    this.#deadline = now + ms + this.delay;
    this.#place += 1;
    this.attempts += 1;
    return action;
  }

  /** @param {number} place */
  #attemptAt(place) {
    const { attempts } = this.times;
    return attempts[Math.min(Math.max(place, 0), attempts.length - 1)];
  }
}
