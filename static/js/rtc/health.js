import { Emitter } from "../core/emitter.js";
import { RecoveryMachine, SAMPLE_MS } from "./recovery.js";
import { turnPaths } from "./regions.js";
import { callStats, selectedPair } from "./stats.js";

/**
 * @import {CallState, IceServer} from "../core/types.js"
 * @import {Peer} from "./peer.js"
 * @import {RecoveryReason, RecoveryState} from "./recovery.js"
 * @import {Report} from "./stats.js"
 *
 * @typedef {{state: RecoveryState, reason: RecoveryReason, attempts: number}} Recovery
 */

const STATS_EVERY_MS = 2000;

/** How a state of recovery is told to people; "suspect" is not worth a word yet. @type {Record<string, CallState>} */
const SHOWN = { setup: "connecting", healthy: "connected", hold: "failed" };

/**
 * Samples a call every 500 ms and says what to do and what to show.
 *
 * Events: 'state' (CallState), 'recovery' (Recovery: what is being tried and why), 'stats' (CallStats), 'recover'
 * (RecoveryAction).
 */
export class Health extends Emitter {
  /** @type {CallState} */
  state = "connecting";
  /** The peer's socket is gone: an offer would reach nobody. */
  peerAway = false;

  #peer;
  #machine;
  #options;
  /** @type {any} */
  #timer;
  #heardAt = 0;
  #statsAt = 0;
  #told = "setup";
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
    this.#timer = setInterval(() => void this.#sample(), SAMPLE_MS);
    this.#offs.push(
      this.#peer.on("rebuilt", () => (this.#before = null)),
      // No need to wait for the next sample to say what is certain.
      this.#peer.on("connection", (state) => (state === "connected" || state === "failed") && void this.#sample()),
    );
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
    clearInterval(this.#timer);
    for (const off of this.#offs) off();
    this.#offs = [];
  }

  /** The socket gave a sign of life. What waited for one goes on at once. */
  heard() {
    this.#heardAt = this.#options.now();
    if (this.#machine.state !== "healthy" && this.#machine.state !== "setup") void this.#sample();
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

  async #sample() {
    const connection = this.#peer.connection;
    /** @type {Report} */
    const report = await connection.getStats();
    // Stopped or rebuilt while we waited: these figures are of a connection that is no more.
    if (this.#offs.length === 0 || connection !== this.#peer.connection) return;
    const now = this.#options.now();
    const action = this.#machine.step({
      now,
      bytes: selectedPair(report)?.bytesReceived ?? 0,
      connection: connection.connectionState,
      expectsMedia: this.#peer.expectsMedia,
      canSignal: this.#options.canSignal(),
      heardAt: this.#heardAt,
      peerAway: this.peerAway,
      hasRelay: turnPaths(this.#options.iceServers()).length > 0,
    });
    this.#show();
    if (action) this.emit("recover", action);
    if (now - this.#statsAt < STATS_EVERY_MS - SAMPLE_MS / 2) return;
    this.#statsAt = now;
    this.emit("stats", callStats(this.#before, report, this.#options.iceServers()));
    this.#before = report;
  }

  #show() {
    const { state } = this.#machine;
    const shown = state === "suspect" ? this.state : (SHOWN[state] ?? "reconnecting");
    const changed = shown !== this.state;
    this.state = shown;
    if (state !== this.#told) {
      this.#told = state;
      this.emit("recovery", this.recovery);
    }
    if (changed) this.emit("state", shown);
  }
}
