/**
 * When to ring, what the tab's title says, when the desktop is told. Decisions only; sounds and titles are made by
 * others, so that a whole day of them can be tested without a browser.
 */
import { situation } from "../state.js";

/**
 * @typedef {import("../state.js").ConsoleState} ConsoleState
 * @typedef {"ring"|"stop"|"knock"|"message"|"ended"} Sound
 */

/**
 * What should be heard when the state changes.
 * @param {ConsoleState} state
 * @param {ConsoleState} before
 * @returns {Sound[]}
 */
export function soundsFor(state, before) {
  /** @type {Sound[]} */
  const sounds = [];
  if (state.ringing && !before.ringing) {
    sounds.push("ring");
  }
  if (!state.ringing && before.ringing) {
    sounds.push("stop");
  }
  if (state.phase === "ended" && before.phase === "active" && !before.ending) {
    sounds.push("ended");
  }
  // Somebody whom this operator could take started to wait, on a break: one knock, not a ring.
  const waits = state.board.known && before.board.known && state.board.waitingMine > before.board.waitingMine;
  if (waits && situation(state) === "break" && state.connection === "online") {
    sounds.push("knock");
  }
  return sounds;
}

/**
 * @param {ConsoleState} state
 * @param {string} base the page's own title
 * @param {(name: string, invites: boolean) => string} readyText
 * @returns {{plain: string, alert: string}} what the tab says, and what in turns with it while attention is asked for
 */
export function titlesFor(state, base, readyText) {
  const waiting = state.board.waitingMine;
  return {
    plain: waiting > 0 ? `(${waiting}) ${base}` : base,
    alert: state.attention && state.phase === "active" ? readyText(state.customer?.name ?? "", invites(state)) : "",
  };
}

/**
 * @param {ConsoleState} state
 * @param {ConsoleState} before
 * @param {{hidden: boolean, focused: boolean}} page
 * @returns {"ready"|"invited"|"waiting"|null} the desktop notice to show, if any: only to somebody who is looking elsewhere
 */
export function noticeFor(state, before, page) {
  if (!page.hidden && page.focused) {
    return null;
  }
  if (state.attention && !before.attention && state.phase === "active") {
    return invites(state) ? "invited" : "ready";
  }
  const first = before.board.known && before.board.waitingMine === 0 && state.board.waitingMine > 0;
  return first && situation(state) === "break" ? "waiting" : null;
}

/** @param {ConsoleState} state whether the customer proposes a call */
function invites({ invitation }) {
  return invitation?.by === "customer";
}

/**
 * What a screen reader hears of the board: said again only when the count changes, never for the seconds.
 * @param {ConsoleState} state
 * @param {ConsoleState} before
 * @returns {boolean}
 */
export function boardIsNews(state, before) {
  return state.board.known && (!before.board.known || state.board.waitingTotal !== before.board.waitingTotal);
}
