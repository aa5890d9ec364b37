/**
 * The console's whole state, what it means, and the store that holds it.
 */
import { emptyBoard } from "./board/board-model.js";
import { FRESH, reduce } from "./reduce.js";

/**
 * @import {Trouble} from "../shared/call/trouble.js"
 * @typedef {"connecting"|"online"|"reconnecting"|"store-out"|"replaced"|"expired"|"refused"} Connection
 * @typedef {"idle"|"active"|"ended"} Phase
 * @typedef {{conversation: string, name: string, topic: string, site: string, line: string, media: string, since: number|null,
 *     polite: boolean, iceServers: any[], icePolicy: "all"|"relay", gen: number, about: import("../../core/types.js").About,
 *     transfer: {from: string, note: string}|null}} Customer
 * @typedef {{rtt: number|null, jitter: number|null, loss: number|null, bitrate: number|null, codec: string,
 *     region: string, candidateType: string, quality: number|string|null}} Stats
 * @typedef {{name: string, media: string, reason: string, by: string, seconds: number, lines: number}} Summary
 * @typedef {{code: string, message: string, retryAt: number|null}} Fault
 * @typedef {{invitation: number, media: "audio"|"video", by: "customer"|"operator"}} Invitation  to make a call of the chat
 * @typedef {{
 *     connection: Connection, everOnline: boolean, synced: boolean, retryAt: number|null, fault: Fault|null, offset: number,
 *     available: boolean, wanted: boolean|null, wrapUpUntil: number|null, wrapUpFrom: number|null,
 *     phase: Phase, customer: Customer|null, presence: "connected"|"away"|"left", awayUntil: number|null,
 *     call: "none"|"connecting"|"connected"|"reconnecting"|"failed", trouble: Trouble|null, peerTrouble: Trouble|null, awayAt: number|null,
 *     ringing: boolean, attention: boolean, ending: boolean, invitation: Invitation|null, offersCalls: boolean, offersVideo: boolean,
 *     muted: boolean, cameraOff: boolean, opening: boolean, audioOnly: boolean, remoteVideo: boolean, sharing: boolean, peerSharing: boolean, mediaError: string|null, relayOut: boolean, relaySlow: boolean, socketSlow: boolean,
 *     lineClosed: boolean, lineNote: {message: string, until: number|null}|null, gap: "plain"|"wrap-up"|null, shiftKnown: boolean, lastTick: number, slept: boolean, lapsed: boolean, unanswered: boolean, sentAway: boolean, transfers: boolean,
 *     stats: {own: Stats|null, peer: Stats|null}, summary: Summary|null, outcomeMissing: boolean,
 *     board: import("./board/board-model.js").Board, me: string}} ConsoleState
 * @typedef {{type: string, [field: string]: any}} ConsoleEvent
 */

/**
 * @param {string} me the operator's name as the board gives it
 * @returns {ConsoleState}
 */
export function initialState(me) {
  return {
    connection: "connecting",
    everOnline: false,
    synced: false,
    retryAt: null,
    fault: null,
    offset: 0,
    available: false,
    wanted: null,
    wrapUpUntil: null,
    wrapUpFrom: null,
    phase: "idle",
    customer: null,
    ...FRESH,
    attention: false,
    mediaError: null,
    relayOut: false,
    relaySlow: false,
    socketSlow: false,
    lineClosed: false,
    offersCalls: false,
    offersVideo: true,
    lineNote: null,
    gap: null,
    shiftKnown: false,
    lastTick: 0,
    slept: false,
    lapsed: false,
    unanswered: false,
    sentAway: false,
    transfers: false,
    summary: null,
    outcomeMissing: false,
    board: emptyBoard(),
    me,
  };
}

/**
 * The operator's situation in one word, as the availability switch and the empty stage show it.
 * @param {ConsoleState} state
 * @returns {"active"|"wrap-up"|"available"|"break"}
 */
export function situation(state) {
  if (state.phase === "active") {
    return "active";
  }
  if (state.wrapUpUntil !== null) {
    return "wrap-up";
  }
  return state.available ? "available" : "break";
}

/**
 * The server takes an operator who was gone for long out of the line. A console that stood awake through the outage
 * goes back by itself; one that slept, or was in its wrap-up, asks first, since nobody may be sitting there.
 * @param {ConsoleState} state
 * @returns {boolean}
 */
export function returnsByItself(state) {
  return state.lapsed && !state.slept && state.connection === "online" && state.wanted === null;
}

/** Holds the state, applies events, tells the listeners once per change. */
export class Store {
  /** @param {ConsoleState} state */
  constructor(state) {
    this.state = state;
    /** @type {Set<(state: ConsoleState, before: ConsoleState) => void>} */
    this.listeners = new Set();
    /** @type {ConsoleEvent[]} */
    this.queue = [];
  }

  /**
   * @param {(state: ConsoleState, before: ConsoleState) => void} listener
   * @returns {() => void}
   */
  subscribe(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** @param {ConsoleEvent} event one that a listener dispatches waits until all have heard of the present one */
  dispatch(event) {
    this.queue.push(event);
    if (this.queue.length > 1) {
      return;
    }
    while (this.queue.length > 0) {
      const before = this.state;
      this.state = reduce(before, this.queue[0]);
      for (const listener of this.state === before ? [] : [...this.listeners]) {
        listener(this.state, before);
      }
      this.queue.shift();
    }
  }
}
