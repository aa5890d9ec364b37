/**
 * What the board shows, from `board` frames alone.
 *
 * The server sends how long each customer has waited at the time of sending; from there the seconds run here. Rows
 * carry a stable key so that the view changes only what changed.
 */

import { elapsedSeconds } from "../time.js";
import { answersOf } from "./answers.js";

/** More rows than anyone reads; the total still counts all. */
export const MAX_ROWS = 200;

/**
 * @typedef {{microphone?: string|boolean, camera?: string|boolean, turn?: {region?: string, transport?: string, ok?: boolean, rtt_ms?: number|null}[]}} DeviceCheck
 * @typedef {{id: string, name: string, state: "free"|"call"|"wrap-up"}} Colleague
 * @typedef {{key: string, name: string, topic: string, site: string, heldFor: string, callback: "away"|"called"|"", position: number, media: string, waitedBase: number,
 *     receivedAt: number, check: "ok"|"warning"|"none", checkDetail: DeviceCheck|null,
 *     answers: import("./answers.js").Answer[]}} WaitingRow
 * @typedef {{key: string, customer: string, operator: string, topic: string, media: string,
 *     since: number|null, mine: boolean}} ActiveRow
 * @typedef {{waiting: WaitingRow[], active: ActiveRow[], waitingTotal: number, waitingMine: number, activeTotal: number,
 *     operatorsAvailable: number|null, operators: Colleague[], lines: {key: string, name: string}[], known: boolean}} Board
 */

/** @returns {Board} */
export function emptyBoard() {
  return {
    waiting: [],
    active: [],
    waitingTotal: 0,
    waitingMine: 0,
    activeTotal: 0,
    operatorsAvailable: null,
    operators: [],
    lines: [],
    known: false,
  };
}

/**
 * @param {unknown} value
 * @param {string} [key]  what identifies one
 * @returns {Record<string, any>[]} the objects of a list, without those that cannot be identified
 */
function entries(value, key = "conversation") {
  if (!Array.isArray(value)) {
    return [];
  }
  return value.filter((entry) => entry && typeof entry === "object" && typeof entry[key] === "string");
}

/**
 * @param {unknown} value
 * @returns {string}
 */
function text(value) {
  return typeof value === "string" ? value : "";
}

/**
 * @param {unknown} raw
 * @returns {number|null} milliseconds since 1970
 */
export function parseMoment(raw) {
  if (typeof raw === "number" && Number.isFinite(raw) && raw > 0) {
    // Seconds and milliseconds are nine orders apart for any date that can occur here.
    return raw < 1e11 ? raw * 1000 : raw;
  }
  if (typeof raw === "string" && raw !== "") {
    const parsed = Date.parse(raw);
    return Number.isNaN(parsed) ? null : parsed;
  }
  return null;
}

/** Works, or was not asked for. */
const UNTROUBLED = new Set(["ok", "granted", "skipped", "pending", "running", "quiet"]);

/**
 * @param {unknown} value a device's result: true, false, or a word
 * @returns {boolean}
 */
export function deviceFailed(value) {
  return value === false || (typeof value === "string" && !UNTROUBLED.has(value));
}

/**
 * @param {any} turn `[{region, ok}]`
 * @returns {boolean} every probe failed
 */
export function relayFailed(turn) {
  return Array.isArray(turn) && turn.length > 0 && turn.every((probe) => !probe?.ok);
}

/**
 * @param {any} check the customer's `device:check` as the board hands it on
 * @returns {"ok"|"warning"|"none"}
 */
export function judgeCheck(check) {
  if (!check || typeof check !== "object") {
    return "none";
  }
  const failed =
    check.microphone === "quiet" ||
    deviceFailed(check.microphone) ||
    deviceFailed(check.camera) ||
    relayFailed(check.turn);
  return failed ? "warning" : "ok";
}

/**
 * @param {any} frame `board {waiting, active, waiting_total?, active_total?}`
 * @param {number} receivedAt local time in ms
 * @param {string} [myName] the operator's own name
 * @param {string|null} [myConversation] the conversation this console is in
 * @returns {Board}
 */
export function readBoard(frame, receivedAt, myName = "", myConversation = null) {
  const waiting = entries(frame?.waiting);
  const active = entries(frame?.active);
  const count = (/** @type {unknown} */ total, /** @type {number} */ least) =>
    typeof total === "number" && total >= least ? total : least;
  const waitingTotal = count(frame?.waiting_total, waiting.length);
  return {
    waiting: waiting.slice(0, MAX_ROWS).map((entry, index) => ({
      key: entry.conversation,
      name: text(entry.name),
      topic: text(entry.topic),
      site: [text(entry.line), text(entry.site)].filter(Boolean).join(" · "),
      heldFor: text(entry.held_for),
      callback: entry.callback === "away" || entry.callback === "called" ? entry.callback : "",
      position: typeof entry.position === "number" ? entry.position : index + 1,
      media: text(entry.media),
      waitedBase: typeof entry.waited_s === "number" ? entry.waited_s : 0,
      receivedAt,
      check: judgeCheck(entry.device_check),
      checkDetail: entry.device_check ?? null,
      answers: answersOf(entry.answers),
    })),
    active: active.slice(0, MAX_ROWS).map((entry) => ({
      key: entry.conversation,
      customer: text(entry.customer),
      operator: text(entry.operator),
      topic: text(entry.topic),
      media: text(entry.media),
      since: parseMoment(entry.since),
      mine:
        entry.conversation === myConversation ||
        (myConversation === null && myName !== "" && entry.operator === myName),
    })),
    waitingTotal,
    // Without departments all are everybody's.
    waitingMine: typeof frame?.waiting_mine === "number" ? frame.waiting_mine : waitingTotal,
    activeTotal: count(frame?.active_total, active.length),
    operatorsAvailable: typeof frame?.operators_available === "number" ? frame.operators_available : null,
    lines: entries(frame?.lines, "key").map((line) => ({ key: line.key, name: text(line.name) || line.key })),
    operators: (Array.isArray(frame?.operators) ? frame.operators : [])
      .filter((/** @type {any} */ entry) => typeof entry?.id === "string")
      .slice(0, MAX_ROWS)
      .map((/** @type {any} */ { id, name, state }) => ({
        id,
        name: text(name) || id,
        state: state === "free" || state === "wrap-up" ? state : "call",
      })),
    known: true,
  };
}

/**
 * @param {WaitingRow} row
 * @param {number} nowMs local time
 * @returns {number} seconds
 */
export function waitedSeconds(row, nowMs) {
  return Math.max(0, row.waitedBase + (nowMs - row.receivedAt) / 1000);
}

/**
 * @param {ActiveRow} row
 * @param {number} nowMs local time
 * @param {number} offsetMs server minus local
 * @returns {number} seconds
 */
export function talkedSeconds(row, nowMs, offsetMs) {
  return elapsedSeconds(row.since, nowMs, offsetMs);
}

/**
 * @param {Board} board
 * @param {number} nowMs
 * @returns {number} seconds the longest waiting customer has waited
 */
export function longestWait(board, nowMs) {
  return board.waiting.reduce((most, row) => Math.max(most, waitedSeconds(row, nowMs)), 0);
}

/**
 * How urgent a wait looks: 0 calm, 1 from two minutes on, 2 from five.
 * @param {number} seconds
 * @returns {0|1|2}
 */
export function urgency(seconds) {
  if (seconds >= 300) {
    return 2;
  }
  return seconds >= 120 ? 1 : 0;
}

/**
 * The steps that turn one order of keys into another with as few moves as the eye can follow: a row stays where it is
 * when its predecessor is already right.
 * @param {string[]} present keys in the order on screen
 * @param {string[]} wanted keys in the order to show
 * @returns {{remove: string[], place: {key: string, after: string|null}[]}}
 */
export function planKeys(present, wanted) {
  const keep = new Set(wanted);
  const remove = present.filter((key) => !keep.has(key));
  const order = present.filter((key) => keep.has(key));
  /** @type {{key: string, after: string|null}[]} */
  const place = [];
  wanted.forEach((key, index) => {
    if (order[index] === key) {
      return;
    }
    const old = order.indexOf(key);
    if (old !== -1) {
      order.splice(old, 1);
    }
    order.splice(index, 0, key);
    place.push({ key, after: index === 0 ? null : wanted[index - 1] });
  });
  return { remove, place };
}
