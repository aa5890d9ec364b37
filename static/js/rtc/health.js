import { Emitter } from "../core/emitter.js";
import { RecoveryMachine, SAMPLE_MS } from "./recovery.js";
import { callStats, selectedPair } from "./stats.js";

/**
 * @import {CallState, IceServer} from "../core/types.js"
 * @import {Peer} from "./peer.js"
 * @import {Report} from "./stats.js"
 */

const STATS_EVERY = 4; // samples: 2 s

/** How a state of recovery is told to people; "suspect" is not worth a word yet. @type {Record<string, CallState>} */
const SHOWN = { setup: "connecting", flowing: "connected", hold: "failed" };

/**
 * Samples a call every 500 ms and says what to do and what to show.
 *
 * Events: 'state' (CallState), 'stats' (CallStats), 'recover' (RecoveryAction).
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
  #samples = 0;
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

  start() {
    this.#timer = setInterval(() => void this.#sample(), SAMPLE_MS);
    this.#offs.push(
      this.#peer.on("rebuilt", () => (this.#before = null)),
      // No need to wait for the next sample to say what is certain.
      this.#peer.on("connection", (state) => (state === "connected" || state === "failed") && void this.#sample()),
    );
    if (typeof window === "undefined") return;
    const changed = () => this.#machine.networkChanged();
    window.addEventListener("online", changed);
    this.#offs.push(() => window.removeEventListener("online", changed));
  }

  stop() {
    clearInterval(this.#timer);
    for (const off of this.#offs) off();
    this.#offs = [];
  }

  async #sample() {
    const connection = this.#peer.connection;
    /** @type {Report} */
    const report = await connection.getStats();
    // Stopped or rebuilt while we waited: these figures are of a connection that is no more.
    if (this.#offs.length === 0 || connection !== this.#peer.connection) return;
    const action = this.#machine.step({
      now: this.#options.now(),
      bytes: selectedPair(report)?.bytesReceived ?? 0,
      connection: connection.connectionState,
      expectsMedia: this.#peer.expectsMedia,
      canSignal: this.#options.canSignal(),
      peerAway: this.peerAway,
    });
    this.#show();
    if (action) this.emit("recover", action);
    this.#samples += 1;
    if (this.#samples % STATS_EVERY !== 0) return;
    this.emit("stats", callStats(this.#before, report, this.#options.iceServers()));
    this.#before = report;
  }

  #show() {
    const { state } = this.#machine;
    const shown = state === "suspect" ? this.state : (SHOWN[state] ?? "reconnecting");
    if (shown === this.state) return;
    this.state = shown;
    this.emit("state", shown);
  }
}
