import assert from "node:assert/strict";
import { test } from "node:test";
import { reconnectWords as consoleWords } from "../../static/js/ui/console/stage-view.js";
import { initialState as consoleState, Store } from "../../static/js/ui/console/state.js";
import { reconnectWords as customerWords } from "../../static/js/ui/customer/call/call-view.js";
import { endKind, isCut } from "../../static/js/ui/customer/end/ended-view.js";
import { initialState, reduce } from "../../static/js/ui/customer/state.js";
import { APPEAR_MS, noticeOf, ownTrouble, peerTrouble } from "../../static/js/ui/shared/call/trouble.js";
import { speak } from "./texts.js";

const recovery = (state, reason = "silence", attempts = 0) => ({ state, reason, attempts });
const QUIET = { own: null, peer: null, awayAt: null };

test("a doubt keeps the time of the silence and is told only if it lasts", () => {
  const doubt = ownTrouble(null, recovery("suspect"), 5000);
  assert.equal(doubt?.since, 4000);
  assert.equal(noticeOf({ ...QUIET, own: doubt })?.from, 6500, "told only if it lasts");
  const tried = ownTrouble(doubt, recovery("restart", "silence", 1), 6000);
  assert.deepEqual(noticeOf({ ...QUIET, own: tried }), {
    who: "own",
    step: "restart",
    reason: "silence",
    attempts: 1,
    since: 4000,
    from: 4000,
  });
  assert.equal(ownTrouble(tried, recovery("healthy"), 7000), null);
});

test("what the setup of a call tries is no outage", () => {
  assert.equal(ownTrouble(null, recovery("setup", "setup", 2), 5000), null);
});

test("the peer's trouble keeps its beginning through its steps and is shown after a second", () => {
  const first = peerTrouble(null, { state: "reconnecting", step: "restart" }, 1000);
  const second = peerTrouble(first, { state: "failed", step: "hold" }, 9000);
  assert.deepEqual([second?.step, second?.since], ["hold", 1000]);
  assert.equal(noticeOf({ ...QUIET, peer: second })?.from, 1000 + APPEAR_MS);
  assert.equal(peerTrouble(second, { state: "connected" }, 9500), null);
  assert.equal(peerTrouble(null, { state: "reconnecting", step: "unheard of" }, 1)?.step, "restart");
});

test("an absent peer is told before what our own side tries, and that before the peer's", () => {
  const own = ownTrouble(null, recovery("rebuild"), 0);
  const peer = peerTrouble(null, { state: "reconnecting", step: "restart" }, 0);
  assert.equal(noticeOf({ own, peer, awayAt: 500 })?.who, "away");
  assert.equal(noticeOf({ own, peer, awayAt: null })?.who, "own");
  assert.equal(noticeOf({ own: null, peer, awayAt: null })?.who, "peer");
});

test("every step has its words on both sides, and only a held call offers the head of the line", () => {
  speak("tr");
  for (const step of ["resignal", "restart", "restart-relay", "rebuild", "hold"]) {
    const notice = { who: "own", step, reason: "network", attempts: 2, since: 0, from: 0 };
    const plain = customerWords(notice, "Elif");
    assert.ok(!plain.title.includes("customer.") && !plain.text.includes("customer."), step);
    assert.equal("act" in plain, step === "hold");
    const exact = consoleWords(notice);
    assert.match(exact.text, /ağ değişti · 2\. deneme$/);
    assert.ok(!exact.text.includes("console."), step);
  }
});

test("the customer's page: steps, the peer's state, an absent peer, and nothing left of them in the next call", () => {
  const ready = { type: "queue:ready", conversation: "c1", peer: { name: "Elif" }, media: "video" };
  const play = (...events) => events.reduce((state, event) => reduce(state, { now: 1000, ...event }), initialState());
  const call = play(ready, { type: "call", patch: { recovery: recovery("restart", "failed", 1) } });
  assert.deepEqual(call.call.trouble, { step: "restart", reason: "failed", attempts: 1, since: 1000 });
  const back = reduce(call, { type: "call", patch: { muted: true }, now: 2000 });
  assert.equal(back.call.trouble, call.call.trouble);
  assert.equal(
    play(ready, { type: "call:state", state: "reconnecting", step: "rebuild" }).call.peerTrouble?.step,
    "rebuild",
  );
  const away = play(
    ready,
    { type: "peer:presence", state: "away", now: 5000 },
    { type: "peer:presence", state: "away", now: 6000 },
  );
  assert.equal(away.peer.awayAt, 5000);
  assert.equal(reduce(away, { type: "peer:presence", state: "connected", now: 7000 }).peer.awayAt, null);
  assert.equal(reduce(call, { ...ready, conversation: "c2", now: 9 }).call.trouble, null);
});

test("the console: the same, and only for the conversation on screen", () => {
  const store = new Store(consoleState("Deniz"));
  store.dispatch({ type: "queue:ready", frame: { conversation: "c1", peer: {}, media: "video" }, now: 0 });
  store.dispatch({ type: "recovery", recovery: recovery("restart-relay", "silence", 2), now: 9000 });
  assert.deepEqual(store.state.trouble, { step: "restart-relay", reason: "silence", attempts: 2, since: 8000 });
  store.dispatch({ type: "call:state", frame: { conversation: "other", state: "failed" }, now: 1 });
  assert.equal(store.state.peerTrouble, null);
  store.dispatch({ type: "call:state", frame: { conversation: "c1", state: "failed", step: "hold" }, now: 1 });
  store.dispatch({ type: "peer:presence", frame: { conversation: "c1", state: "away", grace_s: 60 }, now: 3 });
  assert.deepEqual([store.state.peerTrouble?.step, store.state.awayAt], ["hold", 3]);
  store.dispatch({ type: "call:ended", frame: { conversation: "c1", reason: "customer-lost" }, now: 4 });
  assert.deepEqual([store.state.trouble, store.state.peerTrouble, store.state.awayAt], [null, null, null]);
});

test("an end that the network made reads as one", () => {
  assert.ok(isCut("operator-lost") && isCut("customer-lost") && isCut("connection"));
  assert.ok(!isCut("operator"));
  assert.equal(endKind("max-wait", false), "timeout");
  assert.equal(endKind("abandoned", false), "lost");
});

test("a shared screen is told by its state, and forgotten with it", () => {
  const store = new Store(consoleState("Deniz"));
  store.dispatch({ type: "queue:ready", frame: { conversation: "c1", peer: {}, media: "video" }, now: 0 });
  store.dispatch({ type: "call:state", frame: { conversation: "c1", state: "connected", sharing: true }, now: 1 });
  assert.equal(store.state.peerSharing, true);
  store.dispatch({ type: "call:state", frame: { conversation: "c1", state: "connected" }, now: 2 });
  assert.equal(store.state.peerSharing, false);
  const customer = reduce(initialState(), { type: "call:state", state: "connected", sharing: true, now: 1 });
  assert.equal(customer.call.peerSharing, true);
});
