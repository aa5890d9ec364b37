import assert from "node:assert/strict";
import { test } from "node:test";

import { boardIsNews, noticeFor, soundsFor, titlesFor } from "../../static/js/ui/console/board/alerts.js";
import { Prefs } from "../../static/js/ui/console/prefs.js";
import { shortcutFor, shortcutsOf } from "../../static/js/ui/console/shortcuts.js";
import { initialState } from "../../static/js/ui/console/state.js";

/** @param {Record<string, unknown>} [change] */
const state = (change = {}) => ({ ...initialState("Deniz"), connection: /** @type {const} */ ("online"), ...change });
/**
 * @param {number} n
 * @param {number} [mine] of them in departments that the operator serves
 */
const board = (n, mine = n) => ({ ...initialState("").board, known: true, waitingTotal: n, waitingMine: mine });
const customer = { name: "Zeynep" };
const away = { hidden: true, focused: false };

test("it rings from ready to the stop, and only then", () => {
  const ringing = state({ phase: "active", ringing: true, attention: true });
  assert.deepEqual(soundsFor(ringing, state()), ["ring"]);
  assert.deepEqual(soundsFor(ringing, ringing), []);
  assert.deepEqual(soundsFor(state({ phase: "active" }), ringing), ["stop"]);
});

test("an end that the operator did not ask for is heard", () => {
  const talking = state({ phase: "active" });
  assert.deepEqual(soundsFor(state({ phase: "ended" }), talking), ["ended"]);
  assert.deepEqual(soundsFor(state({ phase: "ended" }), { ...talking, ending: true }), []);
});

test("somebody who begins to wait knocks only on an operator's break", () => {
  const before = state({ board: board(0) });
  assert.deepEqual(soundsFor(state({ board: board(1) }), before), ["knock"]);
  assert.deepEqual(soundsFor(state({ board: board(1), available: true }), before), []);
  assert.deepEqual(soundsFor(state({ board: board(3) }), state()), [], "the first board after loading is no news");
  assert.deepEqual(soundsFor(state({ board: board(0) }), state({ board: board(2) })), []);
});

test("who waits for a department of others calls nobody", () => {
  const before = state({ board: board(1, 0) });
  const theirs = state({ board: board(2, 0) });
  assert.deepEqual(soundsFor(theirs, before), []);
  assert.equal(noticeFor(theirs, state({ board: board(0) }), away), null);
  assert.equal(titlesFor(theirs, "Konsol", (who) => who).plain, "Konsol");
  const own = state({ board: board(2, 1) });
  assert.deepEqual(soundsFor(own, before), ["knock"]);
  assert.equal(noticeFor(own, before, away), "waiting");
  assert.equal(titlesFor(own, "Konsol", (who) => who).plain, "(1) Konsol");
});

test("the title counts who waits; in turns with it stands the name of who is there", () => {
  const titles = (/** @type {any} */ fields) => titlesFor(state(fields), "Konsol", (who) => `● ${who}`);
  assert.deepEqual(titles({ board: board(0) }), { plain: "Konsol", alert: "" });
  assert.deepEqual(titles({ board: board(3) }), { plain: "(3) Konsol", alert: "" });
  const rings = { board: board(3), phase: "active", attention: true, customer };
  assert.deepEqual(titles(rings), { plain: "(3) Konsol", alert: "● Zeynep" });
});

test("the desktop is told only when nobody looks at the page", () => {
  const rings = state({ phase: "active", attention: true });
  assert.equal(noticeFor(rings, state(), away), "ready");
  assert.equal(noticeFor(rings, state(), { hidden: false, focused: true }), null);
  assert.equal(noticeFor(rings, rings, away), null);
  assert.equal(noticeFor(state({ board: board(1) }), state({ board: board(0) }), away), "waiting");
  assert.equal(noticeFor(state({ board: board(2) }), state({ board: board(1) }), away), null);
});

test("a screen reader hears of the board when its count changes", () => {
  assert.equal(boardIsNews(state({ board: board(1) }), state({ board: board(1) })), false);
  assert.equal(boardIsNews(state({ board: board(2) }), state({ board: board(1) })), true);
});

test("single keys work outside of fields and without modifiers", () => {
  const plain = { ctrlKey: false, altKey: false, metaKey: false, target: { closest: () => null } };
  assert.equal(shortcutFor({ ...plain, key: "M" }), "mute");
  assert.equal(shortcutFor({ ...plain, key: "?" }), "help");
  assert.equal(shortcutFor({ ...plain, key: "m", ctrlKey: true }), null);
  assert.equal(shortcutFor({ ...plain, key: "m", target: { closest: () => ({}) } }), null);
  assert.equal(shortcutFor({ ...plain, key: "q" }), null);
  const inDialog = { closest: (/** @type {string} */ what) => (what === "dialog" ? {} : null) };
  assert.equal(shortcutFor({ ...plain, key: "x", target: inDialog }), null);
  assert.equal(shortcutFor({ ...plain, key: "m", target: inDialog }), "mute");
  assert.equal(shortcutFor({ ...plain, key: "?", target: inDialog }), "help");
});

test("the list of keys has none of what is switched off", () => {
  const keys = (/** @type {{video: boolean, transfer: boolean}} */ offers) => shortcutsOf(offers).map(([key]) => key);
  const all = keys({ video: true, transfer: true });
  assert.deepEqual(
    all.filter((key) => !keys({ video: false, transfer: false }).includes(key)),
    ["k", "v", "p"],
  );
});

test("preferences are remembered, and kept for the page where nothing can be stored", () => {
  /** @type {Map<string, string>} */
  const kept = new Map();
  const storage = {
    getItem: (/** @type {string} */ key) => kept.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => void kept.set(key, value),
  };
  new Prefs(storage).set("sound", false);
  assert.equal(new Prefs(storage).get("sound"), false);
  assert.equal(new Prefs(storage).get("keys"), true);
  const forgetful = new Prefs(null);
  forgetful.set("camera", false);
  assert.equal(forgetful.get("camera"), false);
});
