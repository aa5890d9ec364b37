import assert from "node:assert/strict";
import { test } from "node:test";
import { initialState, reduce } from "../../static/js/ui/customer/state.js";

const JOIN = { type: "join", form: { name: "Ayşe", topic: "", media: "video" } };
const JOINED = {
  type: "queue:joined",
  conversation: "c1",
  position: 3,
  waiting: 5,
  estimate: { low_s: 60, high_s: 120 },
};
const READY = { type: "queue:ready", conversation: "c1", peer: { name: "Elif" }, media: "video", polite: true };

const play = (...events) => events.reduce((state, event) => reduce(state, { now: 1000, ...event }), initialState());

test("the way from the form to the end", () => {
  assert.equal(play().screen, "loading");
  assert.equal(play({ type: "home" }).screen, "welcome");
  assert.equal(play(JOIN).screen, "joining");
  const waiting = play(JOIN, JOINED);
  assert.deepEqual([waiting.screen, waiting.position, waiting.waiting], ["waiting", 3, 5]);
  const call = play(JOIN, JOINED, READY);
  assert.deepEqual([call.screen, call.peer.name, call.since], ["call", "Elif", 1000]);
  const ended = play(JOIN, JOINED, READY, { type: "call:ended", reason: "operator", now: 61_000 });
  assert.deepEqual([ended.screen, ended.ended], ["ended", { reason: "operator", by: "", durationMs: 60_000 }]);
});

test("who is typing is forgotten with the connection, of either side", () => {
  const typing = play(JOIN, JOINED, READY, { type: "chat:typing", on: true });
  assert.equal(typing.typing, true);
  assert.equal(reduce(typing, { type: "link", link: "reconnecting" }).typing, false);
  for (const state of ["away", "connected", "left"])
    assert.equal(reduce(typing, { type: "peer:presence", state, now: 2000 }).typing, false);
});

test("a position counts only while waiting", () => {
  assert.equal(play(JOIN, JOINED, { type: "queue:position", position: 1, waiting: 1 }).position, 1);
  assert.equal(play(JOIN, JOINED, READY, { type: "queue:position", position: 9 }).position, 3);
});

test("the second word about one end changes nothing", () => {
  const once = play(JOIN, JOINED, READY, { type: "call:ended", reason: "customer", now: 5000 });
  assert.equal(reduce(once, { type: "call:ended", reason: "operator", now: 9000 }), once);
});

test("a refusal keeps the form and says when to try again", () => {
  const state = play(JOIN, {
    type: "queue:refused",
    code: "full",
    message: "Dolu",
    retry_after: 30,
    estimate: { low_s: 1, high_s: 2 },
  });
  assert.equal(state.screen, "refused");
  assert.equal(state.refused?.retryAt, 31_000);
  assert.equal(state.form.name, "Ayşe");
});

test("own lines go from sending to sent to seen", () => {
  const states = (...events) =>
    play(JOIN, JOINED, READY, { type: "chat:sent", id: 4, text: "a" }, ...events).lines.map((line) => line.state);
  assert.deepEqual(states(), ["sending"]);
  assert.deepEqual(states({ type: "acked", id: 4 }), ["sent"]);
  assert.deepEqual(states({ type: "acked", id: 4 }, { type: "chat:read", upto_id: 4 }, { type: "acked", id: 4 }), [
    "seen",
  ]);
  assert.deepEqual(states({ type: "rejected", id: 4 }), ["failed"]);
});

test("what is not seen is counted", () => {
  const line = (id) => ({ type: "chat:message", id, text: "x", at: 1 });
  assert.equal(play(JOIN, READY, line(1), line(2)).unread, 2);
  assert.equal(play(JOIN, READY, { type: "toggle-chat", open: true }, line(1)).unread, 0);
  assert.equal(play(JOIN, READY, { type: "toggle-chat", open: true }, { ...line(1), hidden: true }).unread, 1);
  assert.equal(play(JOIN, READY, line(1), { type: "toggle-chat", open: true }).unread, 0);
});

test("chat opens by itself where there is nothing else", () => {
  assert.equal(play(JOIN, { ...READY, media: "chat" }).chatOpen, true);
  assert.equal(play(JOIN, READY).chatOpen, false);
});

test("resync draws each phase from nothing", () => {
  const sync = (state) => play({ type: "resync", state: { conversation: "c1", transcript: [], gen: 0, ...state } });
  assert.deepEqual(
    [sync({ phase: "waiting", position: 2, waiting: 2 }).screen, sync({ phase: "waiting", position: 2 }).position],
    ["waiting", 2],
  );
  const active = sync({
    phase: "active",
    peer: { name: "Elif" },
    media: "audio",
    since: 500,
    transcript: [
      { from: "customer", id: 3, text: "a", at: 1 },
      { from: "operator", id: 9, text: "b", at: 2 },
    ],
  });
  assert.deepEqual([active.screen, active.peer.name, active.since, active.media], ["call", "Elif", 500, "audio"]);
  assert.deepEqual(
    active.lines.map((line) => [line.key, line.state]),
    [
      ["own:3", "sent"],
      ["peer:9", undefined],
    ],
  );
  assert.equal(sync({ phase: "ended", reason: "grace", since: 500 }).screen, "ended");
  assert.equal(sync({ phase: "idle" }).screen, "welcome");
});

test("resync keeps own lines that the server does not have yet, and doubles none", () => {
  const state = play(
    JOIN,
    JOINED,
    READY,
    { type: "chat:sent", id: 1, text: "a" },
    { type: "chat:sent", id: 2, text: "b" },
    {
      type: "resync",
      state: {
        phase: "active",
        conversation: "c1",
        peer: { name: "Elif" },
        media: "video",
        transcript: [{ from: "customer", id: 1, text: "a", at: 1 }],
      },
    },
  );
  assert.deepEqual(
    state.lines.map((line) => line.key),
    ["own:1", "own:2"],
  );
});

test("unknown events change nothing", () => {
  const state = play(JOIN);
  assert.equal(reduce(state, { type: "board" }), state);
});
