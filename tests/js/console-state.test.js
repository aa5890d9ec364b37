import assert from "node:assert/strict";
import { test } from "node:test";

import { bannersFor } from "../../static/js/ui/console/banner-view.js";
import { initialState, returnsByItself, Store, situation } from "../../static/js/ui/console/state.js";
import "./texts.js";

const NOW = 1_700_000_000_000;
const READY = { conversation: "c1", peer: { name: "Zeynep" }, polite: false, ice_servers: [], media: "video" };

/** A console that is connected and knows that nothing goes on. @param {Record<string, unknown>} [more] */
function online(more = {}) {
  const store = new Store({ ...initialState("Deniz"), ...more });
  store.dispatch({ type: "connected", frame: { server_time: NOW + 5000, features: { queue: true } }, now: NOW });
  store.dispatch({ type: "resync", state: { phase: "idle", transcript: [] }, now: NOW });
  return store;
}

/** @param {Store} store @param {Record<string, unknown>} frame @param {number} [now] */
const shift = (store, frame, now = NOW) => store.dispatch({ type: "operator:state", frame, now });

test("the day begins on a break and the clock follows the server", () => {
  const { state } = online();
  assert.equal(situation(state), "break");
  assert.equal(state.connection, "online");
  assert.equal(state.offset, 5000);
});

test("a customer rings until the call is connected; attention stays until somebody reacts", () => {
  const store = online();
  shift(store, { available: true });
  store.dispatch({ type: "queue:ready", frame: READY, now: NOW });
  assert.equal(situation(store.state), "active");
  assert.deepEqual([store.state.ringing, store.state.attention], [true, true]);
  store.dispatch({ type: "call-state", state: "connected" });
  assert.deepEqual([store.state.ringing, store.state.attention], [false, true]);
  store.dispatch({ type: "acknowledge" });
  assert.equal(store.state.attention, false);
});

test("the same queue:ready again refreshes credentials and starts nothing anew", () => {
  const store = online();
  store.dispatch({ type: "queue:ready", frame: READY, now: NOW });
  store.dispatch({ type: "acknowledge" });
  store.dispatch({ type: "queue:ready", frame: { ...READY, ice_servers: [{ urls: ["turn:x"] }] }, now: NOW + 9000 });
  assert.equal(store.state.attention, false);
  assert.equal(store.state.customer?.iceServers.length, 1);
  assert.equal(store.state.customer?.since, NOW + 5000);
});

test("the end leaves a summary, the wrap-up counts down and ends by itself", () => {
  const store = online();
  store.dispatch({ type: "queue:ready", frame: READY, now: NOW });
  store.dispatch({
    type: "call:ended",
    frame: { conversation: "c1", reason: "hangup", by: "customer" },
    now: NOW + 65_000,
    lines: 4,
  });
  shift(store, { available: false, wrap_up_until: NOW + 5000 + 95_000 }, NOW + 65_000);
  assert.deepEqual(store.state.summary, {
    name: "Zeynep",
    media: "video",
    reason: "hangup",
    by: "customer",
    seconds: 65,
    lines: 4,
  });
  assert.equal(situation(store.state), "wrap-up");
  store.dispatch({ type: "tick", now: NOW + 94_000 });
  assert.equal(situation(store.state), "wrap-up");
  store.dispatch({ type: "tick", now: NOW + 95_000 });
  assert.equal(situation(store.state), "available");
});

test("the end of another conversation changes nothing", () => {
  const store = online();
  store.dispatch({ type: "queue:ready", frame: READY, now: NOW });
  const before = store.state;
  store.dispatch({ type: "call:ended", frame: { conversation: "other", reason: "x" }, now: NOW, lines: 0 });
  store.dispatch({ type: "peer:presence", frame: { conversation: "other", state: "away", grace_s: 9 }, now: NOW });
  store.dispatch({ type: "call:stats", frame: { conversation: "other", rtt_ms: 1 } });
  assert.equal(store.state, before);
});

test("one's own figures that come back from the server are not taken for the customer's", () => {
  const store = online();
  store.dispatch({ type: "queue:ready", frame: READY, now: NOW });
  store.dispatch({ type: "call:stats", frame: { from: "customer", rtt_ms: 80 } });
  store.dispatch({ type: "call:stats", frame: { from: "operator", rtt_ms: 5 } });
  assert.equal(store.state.stats.peer?.rtt, 80);
});

test("a customer whose connection is gone is waited for, with the time that is left", () => {
  const store = online();
  store.dispatch({ type: "queue:ready", frame: READY, now: NOW });
  store.dispatch({ type: "peer:presence", frame: { state: "away", grace_s: 60 }, now: NOW });
  assert.deepEqual([store.state.presence, store.state.awayUntil], ["away", NOW + 65_000]);
  store.dispatch({ type: "peer:presence", frame: { state: "connected" }, now: NOW });
  assert.deepEqual([store.state.presence, store.state.awayUntil], ["connected", null]);
});

test("a lost socket is reconnecting, 4503 is the store's outage, and both end with a welcome", () => {
  const store = online();
  store.dispatch({ type: "down", code: 1006, retryAt: NOW + 300 });
  assert.equal(store.state.connection, "reconnecting");
  store.dispatch({ type: "down", code: 4503, retryAt: NOW + 3000 });
  assert.deepEqual([store.state.connection, store.state.retryAt], ["store-out", NOW + 3000]);
  store.dispatch({ type: "connected", frame: { server_time: NOW }, now: NOW });
  assert.deepEqual([store.state.connection, store.state.retryAt], ["online", null]);
});

test("taken over elsewhere and signed out are final: no later loss changes the picture", () => {
  for (const end of ["replaced", "expired", "refused"]) {
    const store = online();
    store.dispatch({ type: "queue:ready", frame: READY, now: NOW });
    store.dispatch({ type: end });
    store.dispatch({ type: "down", code: 1006, retryAt: NOW });
    assert.equal(store.state.connection, end);
    assert.equal(store.state.ringing, false);
  }
});

test("after a reload the running conversation is drawn without a ring", () => {
  const store = new Store(initialState("Deniz"));
  store.dispatch({ type: "connected", frame: { server_time: NOW }, now: NOW });
  store.dispatch({ type: "resync", state: { ...READY, phase: "active", since: NOW - 9000, gen: 2 }, now: NOW });
  assert.deepEqual([store.state.phase, store.state.ringing, store.state.customer?.gen], ["active", false, 2]);
});

test("a customer matched during a gap rings when the rebuilt state tells of it", () => {
  const store = online();
  store.dispatch({ type: "resync", state: { ...READY, phase: "active", since: NOW }, now: NOW });
  assert.deepEqual([store.state.ringing, store.state.attention], [true, true]);
});

test("a resync without the conversation ends it here", () => {
  const store = online();
  store.dispatch({ type: "queue:ready", frame: READY, now: NOW });
  store.dispatch({ type: "resync", state: { phase: "idle", transcript: [] }, now: NOW + 1000 });
  assert.equal(store.state.phase, "ended");
});

test("mute and camera start afresh with every customer", () => {
  const store = online();
  store.dispatch({ type: "queue:ready", frame: READY, now: NOW });
  store.dispatch({ type: "muted", on: true });
  store.dispatch({ type: "call:ended", frame: { conversation: "c1" }, now: NOW, lines: 0 });
  store.dispatch({ type: "queue:ready", frame: { ...READY, conversation: "c2" }, now: NOW });
  assert.equal(store.state.muted, false);
});

test("availability lost in an outage returns by itself, after a sleep only when asked", () => {
  for (const slept of [false, true]) {
    const store = online();
    shift(store, { available: true });
    store.dispatch({ type: "tick", now: NOW });
    store.dispatch({ type: "down", code: 1006, retryAt: NOW });
    store.dispatch({ type: "tick", now: NOW + (slept ? 600_000 : 1000) });
    store.dispatch({ type: "connected", frame: { server_time: NOW }, now: NOW });
    shift(store, { available: false });
    assert.equal(store.state.lapsed, true);
    assert.equal(returnsByItself(store.state), !slept);
    store.dispatch({ type: "want-available", available: true });
    assert.equal(returnsByItself(store.state), false);
  }
});

test("availability lost in a wrap-up waits for a hand", () => {
  const store = online();
  shift(store, { available: false, wrap_up_until: NOW + 20_000 });
  store.dispatch({ type: "down", code: 1006, retryAt: NOW });
  store.dispatch({ type: "connected", frame: { server_time: NOW }, now: NOW });
  shift(store, { available: false });
  assert.deepEqual([store.state.lapsed, returnsByItself(store.state)], [true, false]);
});

test("in a conversation the switch keeps what was wanted for afterwards", () => {
  const store = online();
  shift(store, { available: true });
  shift(store, { available: false, conversation: "c1" });
  assert.equal(store.state.available, true);
  store.dispatch({ type: "want-available", available: false });
  shift(store, { available: false, conversation: "c1" });
  assert.equal(store.state.available, false);
  const reloaded = online();
  shift(reloaded, { available: false, conversation: "c1" });
  assert.equal(reloaded.state.available, true);
});

test("a refused store stays the reason while reconnecting fails in other ways", () => {
  const store = online();
  store.dispatch({ type: "down", code: 4503, retryAt: NOW });
  store.dispatch({ type: "down", code: 1006, retryAt: NOW });
  assert.equal(store.state.connection, "store-out");
});

test("a break that the operator took is none that was lost", () => {
  const store = online();
  shift(store, { available: true });
  store.dispatch({ type: "want-available", available: false });
  shift(store, { available: false });
  assert.equal(store.state.lapsed, false);
});

test("an event that changes nothing leaves the state as it is and tells nobody", () => {
  const store = online();
  let told = 0;
  store.subscribe(() => (told += 1));
  store.dispatch({ type: "acknowledge" });
  store.dispatch({ type: "no such event" });
  assert.equal(told, 0);
});

test("what a listener dispatches comes after everybody has heard of the change before", () => {
  const store = online();
  /** @type {string[]} */
  const heard = [];
  store.subscribe((state, before) => {
    heard.push(`first ${before.muted}→${state.muted}`);
    if (state.muted) store.dispatch({ type: "muted", on: false });
  });
  store.subscribe((state, before) => heard.push(`second ${before.muted}→${state.muted}`));
  store.dispatch({ type: "muted", on: true });
  assert.deepEqual(heard, ["first false→true", "second false→true", "first true→false", "second true→false"]);
});

test("what the console's own check finds is a banner, what it does not find clears nothing", () => {
  const store = online();
  const results = { microphone: { problem: null }, network: { state: "failed" } };
  store.dispatch({ type: "media-error", error: "camera" });
  store.dispatch({ type: "desk-check", results });
  assert.deepEqual([store.state.mediaError, store.state.relayOut], ["camera", true]);
  store.dispatch({ type: "relay-read" });
  store.dispatch({ type: "desk-check", results: { microphone: { problem: "denied" }, network: { state: "skipped" } } });
  assert.deepEqual([store.state.mediaError, store.state.relayOut], ["denied", false]);
});

test("the desk's check tells a slow way apart from none, and a new check begins clean", () => {
  const store = online();
  const results = (network, socket) => ({ microphone: { problem: null }, network: { state: network }, socket });
  store.dispatch({ type: "desk-check", results: results("warning", { state: "ok", rtt_ms: 900 }) });
  const banners = () => bannersFor(store.state, NOW).map(({ key, action }) => [key, action]);
  assert.deepEqual(banners(), [
    ["relay-slow", "dismiss-relay"],
    ["socket-slow", "recheck"],
  ]);
  store.dispatch({ type: "relay-read" });
  assert.deepEqual(banners(), []);
  store.dispatch({ type: "desk-check", results: results("failed", { state: "ok", rtt_ms: 20 }) });
  assert.deepEqual(banners(), [["relay", "recheck"]]);
});

test("a closed line says what customers read and when it ends; opened again, nothing is left of it", () => {
  const store = online();
  const closed = () => bannersFor(store.state, NOW).find(({ key }) => key === "closed")?.text;
  store.dispatch({
    type: "maintenance",
    frame: { on: true, message: "Taşınıyoruz", until: Date.UTC(2026, 0, 5, 12, 30) },
  });
  assert.match(closed() ?? "", /Taşınıyoruz.*5\.01\.2026/u);
  store.dispatch({ type: "maintenance", frame: { on: true } });
  assert.equal(closed(), "");
  store.dispatch({ type: "maintenance", frame: { on: false } });
  assert.equal(closed(), undefined);
});
