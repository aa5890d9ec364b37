import assert from "node:assert/strict";
import { test } from "node:test";

import { askWhileIdle, IdleDesk } from "../../static/js/app/console/idle-watch.js";
import { fetchDay } from "../../static/js/net/desk/day.js";
import { dayTexts } from "../../static/js/ui/console/idle/day-view.js";
import { stageLayout } from "../../static/js/ui/console/stage-view.js";
import { initialState, Store } from "../../static/js/ui/console/state.js";
import "./texts.js";

const NOW = 1_700_000_000_000;
const MINUTE = 60_000;
const DAY = { answered: 3, handling_median_s: 125, wait_median_s: null, kept_pct: 50 };

/** A console that is connected, with nobody there. */
function online() {
  const store = new Store(initialState("Deniz"));
  store.dispatch({ type: "connected", frame: { server_time: NOW, features: {} }, now: NOW });
  store.dispatch({ type: "resync", state: { phase: "idle", transcript: [] }, now: NOW });
  return store;
}

test("what was not measured is a dash", () => {
  assert.deepEqual(dayTexts(DAY), { answered: "3", handling: "02:05", wait: "–", kept: "%50" });
  assert.equal(dayTexts({ ...DAY, kept_pct: null }).kept, "–");
});

test("the day is asked for while nobody is there, every five minutes, and soon after an end", async () => {
  const store = new Store(initialState("Deniz"));
  /** @type {any[]} */
  const told = [];
  let asked = 0;
  const ask = async () => {
    asked += 1;
    return asked === 1 ? null : DAY;
  };
  const now = askWhileIdle({ store, everyMs: 5 * MINUTE, ask, tell: (day) => told.push(day) });
  const tick = (/** @type {number} */ ms) => store.dispatch({ type: "tick", now: NOW + ms });
  tick(0);
  assert.equal(asked, 0, "not before there is a connection");
  store.dispatch({ type: "connected", frame: { server_time: NOW, features: {} }, now: NOW });
  assert.equal(asked, 1);
  tick(4 * MINUTE);
  assert.equal(asked, 1);
  tick(5 * MINUTE);
  await null;
  assert.deepEqual([asked, told], [2, [DAY]], "a question without an answer tells nothing");
  store.dispatch({ type: "queue:ready", frame: { conversation: "c1", media: "chat" }, now: NOW });
  tick(30 * MINUTE);
  assert.equal(asked, 2, "not in a conversation");
  store.dispatch({ type: "call:ended", frame: { conversation: "c1", reason: "hangup" }, now: NOW, lines: 0 });
  tick(31 * MINUTE);
  assert.equal(asked, 3);
  now();
  assert.equal(asked, 4);
});

test("who takes a message is told who was faster, and sees the list anew", async () => {
  const store = online();
  /** @type {any[]} */
  const said = [];
  let listed = 0;
  /** @type {any} */
  let answer = { outcome: "won", by: "" };
  const list = async () => {
    listed += 1;
    return null;
  };
  const leftMessages = { list, take: async () => answer };
  const desk = new IdleDesk({ askDay: async () => null, askAgenda: async () => null, leftMessages });
  desk.watch(store, { day: { tell: () => {} }, left: { tell: () => {} } }, () => {});
  await desk.take("m1", (text) => said.push(text));
  assert.deepEqual([listed, said], [1, []]);
  answer = { outcome: "taken", by: "Efe" };
  await desk.take("m1", (text) => said.push(text));
  answer = null;
  await desk.take("m1", (text) => said.push(text));
  assert.equal(listed, 3);
  assert.match(said[0], /Efe/);
  assert.equal(said.length, 2);
});

test("nobody answering is no error", async () => {
  assert.equal(await fetchDay("/d/", async () => Promise.reject(new TypeError("out"))), null);
  assert.equal(await fetchDay("/d/", async () => new Response("", { status: 401 })), null);
  assert.equal(await fetchDay("/d/", async () => new Response("<p>no JSON</p>")), null);
  assert.deepEqual(await fetchDay("/d/", async () => Response.json(DAY)), DAY);
});

test("on a break the stage shows what comes, not the last customer", () => {
  const store = online();
  const shift = (/** @type {any} */ frame) => store.dispatch({ type: "operator:state", frame, now: NOW });
  store.dispatch({ type: "queue:ready", frame: { conversation: "c1", media: "chat" }, now: NOW });
  store.dispatch({ type: "call:ended", frame: { conversation: "c1", reason: "hangup" }, now: NOW, lines: 1 });
  shift({ available: false, wrap_up_until: NOW + MINUTE });
  assert.equal(stageLayout(store.state), "ended");
  shift({ available: false });
  assert.equal(stageLayout(store.state), "idle");
});
