/**
 * Why the two cannot hear each other right now, in the pages' terms. Pure.
 *
 * @import {CallState} from "../../../core/types.js"
 * @typedef {'resignal' | 'restart' | 'restart-relay' | 'rebuild' | 'hold'} TroubleStep  what is being tried, as
 *   rtc/recovery.js names it
 * @typedef {{step: string, reason: string | null, attempts: number, since: number}} Trouble  since: ms, by the clock
 *   that was handed in. step "suspect": a doubt, told only if it lasts
 * @typedef {{who: 'own' | 'peer' | 'away', step: TroubleStep, reason: string | null, attempts: number, since: number,
 *   from: number}} Notice  from: ms, not to be shown before
 */

/** Bytes stopped so long ago when a doubt arises. */
const DOUBT_MS = 1000;
/** A doubt that lasts, because an offer still waits for its answer, is told after so long a silence. */
const LASTING_MS = 2500;
/** What passes within this time is not shown: a page that reloads, a socket that is replaced. */
export const APPEAR_MS = 1000;

const STEPS = /** @type {const} */ (["resignal", "restart", "restart-relay", "rebuild", "hold"]);

/**
 * @param {Trouble | null} before
 * @param {{state: string, reason: string, attempts: number}} recovery  of the call's 'recovery' event
 * @param {number} now
 * @returns {Trouble | null} null while media flows or never flowed
 */
export function ownTrouble(before, { state, reason, attempts }, now) {
  if (state !== "suspect" && !isStep(state)) return null;
  const since = before?.since ?? (reason === "silence" ? now - DOUBT_MS : now);
  return { step: state, reason, attempts, since };
}

/**
 * @param {Trouble | null} before
 * @param {{state: CallState, step?: string | null, reason?: string | null, attempt?: number | null}} frame  `call:state` of the peer
 * @param {number} now
 * @returns {Trouble | null}
 */
export function peerTrouble(before, { state, step, reason, attempt }, now) {
  if (state !== "reconnecting" && state !== "failed") return null;
  const known = step && isStep(step) ? step : state === "failed" ? "hold" : "restart";
  return { step: known, reason: reason ?? null, attempts: attempt ?? 0, since: before?.since ?? now };
}

/**
 * The one thing to say. Somebody whose page is gone is waited for, whatever our own side tries; then our own side; the
 * peer's alone is told last, as it may hear us well.
 * @param {{own: Trouble | null, peer: Trouble | null, awayAt: number | null}} known  awayAt: ms, the peer's page is gone since
 * @returns {Notice | null}
 */
export function noticeOf({ own, peer, awayAt }) {
  if (awayAt !== null)
    return { who: "away", step: "resignal", reason: null, attempts: 0, since: awayAt, from: awayAt + APPEAR_MS };
  if (own && own.step === "suspect") return { who: "own", ...own, step: "resignal", from: own.since + LASTING_MS };
  if (own && isStep(own.step)) return { who: "own", ...own, step: own.step, from: own.since };
  if (peer && isStep(peer.step)) return { who: "peer", ...peer, step: peer.step, from: peer.since + APPEAR_MS };
  return null;
}

/** @param {string} state @returns {state is TroubleStep} */
function isStep(state) {
  return STEPS.includes(/** @type {any} */ (state));
}
