import { Emitter } from "../core/emitter.js";
import { DOUBT_SAMPLE_MS, RecoveryMachine, SAMPLE_MS } from "./recovery.js";
import { turnPaths } from "./regions.js";
import { callStats, quietMs, selectedPair } from "./stats.js";

/**
 * @import {CallState, IceServer} from "../core/types.js"
 * @import {Peer} from "./negotiation/peer.js"
 * @import {RecoveryReason, RecoveryState} from "./recovery.js"
 * @import {Report} from "./stats.js"
 *
 * @typedef {{state: RecoveryState, reason: RecoveryReason, attempts: number}} Recovery
 */

const STATS_EVERY_MS = 2000;
/** A connection that is closed meanwhile may never answer. */
const REPORT_MS = 1000;

/** How a state of recovery is told to people; "suspect" is not worth a word yet. @type {Record<string, CallState>} */
const SHOWN = { setup: "connecting", healthy: "connected", hold: "failed" };

/**
 * Samples a call every 500 ms, more often while nothing arrives, and says what to do and what to show.
 *
 * Events: 'state' (CallState), 'recovery' (Recovery: what is being tried and why), 'stats' (CallStats), 'recover'
 * (RecoveryAction).
 */
export class Health extends Emitter {
  /** @type {CallState} */
  state = "connecting";

  #peer;
  #machine;
  #options;
  /** @type {any} */
  #timer;
  #heardAt = 0;
  #statsAt = 0;
  #peerAway = false;
  #sampling = false;
  #again = false;
  /** @type {RTCPeerConnection | null} the one that was connected last */
  #up = null;
  #told = "setup 0";
  /** @type {Report | null} */
  #before = null;
  /** @type {(() => void)[]} */
  #offs = [];

  /**
   * @param {Peer} peer
   * @param {{canSignal: () => boolean, iceServers: () => IceServer[], now?: () => number}} options
   */
  constructor(peer, options) {
    super();
    this.#peer = peer;
    this.#options = { now: Date.now, ...options };
    this.#machine = new RecoveryMachine({ polite: peer.polite, now: this.#options.now() });
  }

  /** @returns {Recovery} */
  get recovery() {
    const { state, reason, attempts } = this.#machine;
    return { state, reason, attempts };
  }

  start() {
    this.#offs.push(
      this.#peer.on("rebuilt", () => (this.#before = null)),
      this.#peer.on("negotiated", () => this.#machine.negotiated(this.#options.now())),
      // No need to wait for the next sample to say what is certain.
      this.#peer.on("connection", (state) => (state === "connected" || state === "failed") && void this.#sample()),
    );
    this.#next(SAMPLE_MS);
    if (typeof window === "undefined") return;
    const changed = () => this.networkChanged();
    const connection = /** @type {any} */ (navigator).connection;
    window.addEventListener("online", changed);
    this.#offs.push(() => window.removeEventListener("online", changed));
    const moved = this.#watchAddress(connection);
    connection?.addEventListener?.("change", moved);
    this.#offs.push(() => connection?.removeEventListener?.("change", moved));
  }

  stop() {
    this.#machine.end();
    clearTimeout(this.#timer);
    for (const off of this.#offs) off();
    this.#offs = [];
  }

  /** @param {boolean} away  the peer's socket is gone: an offer would reach nobody now */
  peerIsAway(away) {
    const back = this.#peerAway && !away;
    this.#peerAway = away;
    if (back) this.#signalingBack();
  }

  /** A new socket of ours was welcomed. */
  welcomed() {
    this.#heardAt = this.#options.now();
    this.#signalingBack();
  }

  /** The socket gave a sign of life. What waited for one goes on at once. */
  heard() {
    const now = this.#options.now();
    const news = now - this.#heardAt > DOUBT_SAMPLE_MS;
    this.#heardAt = now;
    if (news && this.#inDoubt) void this.#sample();
  }

  networkChanged() {
    this.#machine.networkChanged(this.#options.now());
    void this.#sample();
  }

  /** `change` also comes when an estimate of the speed moved; only another kind of network is a change. @param {any} connection */
  #watchAddress(connection) {
    let type = connection?.type;
    return () => {
      const changed = connection.type !== undefined && connection.type !== type && connection.type !== "none";
      type = connection.type;
      if (changed) this.networkChanged();
    };
  }

  get #inDoubt() {
    return this.#machine.state !== "healthy" && this.#machine.state !== "setup";
  }

  #signalingBack() {
    this.#machine.signalingBack(this.#options.now());
    if (this.#inDoubt) void this.#sample();
  }

  /** @param {number} ms */
  #next(ms) {
    clearTimeout(this.#timer);
    if (this.#offs.length) this.#timer = setTimeout(() => void this.#sample(), ms);
  }

  /** One at a time; what is asked for meanwhile is done right after. */
  async #sample() {
    this.#again = true;
    if (this.#sampling) return;
    this.#sampling = true;
    while (this.#again && this.#offs.length) {
      this.#again = false;
      await this.#look();
    }
    this.#sampling = false;
    this.#next(this.#machine.quiet ? DOUBT_SAMPLE_MS : SAMPLE_MS);
  }

  async #look() {
    const { connection } = this.#peer;
    const report = await reportOf(connection);
    // Stopped or rebuilt while we waited: these figures are of a connection that is no more.
    if (!report || this.#offs.length === 0 || connection !== this.#peer.connection) return;
    const now = this.#options.now();
    if (connection.connectionState === "connected") this.#up = connection;
    const action = this.#machine.step({
      now,
      bytes: selectedPair(report)?.bytesReceived ?? 0,
      quietMs: quietMs(report),
      connection: connection.connectionState,
      up: this.#up === connection,
      expectsMedia: this.#peer.expectsMedia,
      canSignal: this.#options.canSignal(),
      heardAt: this.#heardAt,
      peerAway: this.#peerAway,
      hasRelay: turnPaths(this.#options.iceServers()).length > 0,
      offeredAt: this.#peer.offeredAt,
    });
    this.#show();
    if (action) this.emit("recover", action);
    if (now - this.#statsAt < STATS_EVERY_MS - SAMPLE_MS / 2) return;
    this.#statsAt = now;
    this.emit("stats", callStats(this.#before, report, this.#options.iceServers()));
    this.#before = report;
  }

  #show() {
    const { state, attempts } = this.#machine;
    const shown = state === "suspect" ? this.state : (SHOWN[state] ?? "reconnecting");
    const changed = shown !== this.state;
    this.state = shown;
    const step = `${state} ${attempts}`;
    if (step !== this.#told) {
      this.#told = step;
      this.emit("recovery", this.recovery);
    }
    if (changed) this.emit("state", shown);
  }
}

/**
 * @param {RTCPeerConnection} connection
 * @returns {Promise<Report | null>} null when none came
 */
async function reportOf(connection) {
  /** @type {any} */
  let timer;
  const late = new Promise((resolve) => (timer = setTimeout(() => resolve(null), REPORT_MS)));
  try {
    return /** @type {Report | null} */ (await Promise.race([connection.getStats(), late]));
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}
