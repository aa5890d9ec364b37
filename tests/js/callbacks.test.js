import assert from "node:assert/strict";
import { test } from "node:test";
import { CallbackRefused, CallbackServer } from "../../static/js/net/callbacks.js";
import { readBoard } from "../../static/js/ui/console/board/board-model.js";
import { initialState, reduce } from "../../static/js/ui/customer/state.js";

const JOINED = { type: "queue:joined", conversation: "c1", position: 3, waiting: 5 };
const play = (...events) => events.reduce((state, event) => reduce(state, { now: 1000, ...event }), initialState());

/** A server that answers so, and what it was asked. */
function server(answer) {
  const asked = [];
  const fetcher = async (url, options) => {
    asked.push([url, options]);
    return answer();
  };
  return { asked, server: new CallbackServer("/chat/", () => "secret", fetcher) };
}

test("it is asked for and taken back with the token in a header", async () => {
  globalThis.location = { origin: "https://ours.example" };
  const { asked, server: callbacks } = server(() => new Response(null, { status: 204 }));
  await callbacks.ask("a@b.example");
  await callbacks.cancel();
  assert.deepEqual(
    asked.map(([url, { method, body, headers }]) => [url.split("?")[0], method, body, headers.Authorization]),
    [
      ["/chat/callback/", "POST", '{"address":"a@b.example","origin":"https://ours.example"}', "Bearer secret"],
      ["/chat/callback/", "DELETE", undefined, "Bearer secret"],
    ],
  );
});

test("the way to the bot is asked for, and looked at, at an address of its own", async () => {
  globalThis.location = { origin: "https://ours.example" };
  const link = { link: "https://t.me/bot?start=x", code: "data:,", expires_s: 600 };
  const { asked, server: callbacks } = server(() => Response.json({ ...link, state: "open" }));
  assert.equal((await callbacks.start("")).link, link.link);
  assert.equal(await callbacks.telegram(), "open");
  assert.deepEqual(
    asked.map(([url, { method, body }]) => [url.split("?")[0], method, body]),
    [
      ["/chat/callback/telegram/", "POST", '{"address":"","origin":"https://ours.example"}'],
      ["/chat/callback/telegram/", "GET", undefined],
    ],
  );
});

test("a refusal comes with its words, and silence without any", async () => {
  const { server: full } = server(() =>
    Response.json({ error: { code: "callbacks_full", message: "in words" } }, { status: 409 }),
  );
  await assert.rejects(full.ask("a@b.example"), new CallbackRefused({ code: "callbacks_full", message: "in words" }));
  const { server: silent } = server(() => Promise.reject(new TypeError("network")));
  await assert.rejects(silent.cancel(), { message: "", code: "" });
});

test("a page that is loaded anew knows of it, without the address; one that asked keeps it", () => {
  const state = { phase: "waiting", conversation: "c1", position: 1, waiting: 1, transcript: [] };
  const resync = { type: "resync", state: { ...state, callback: { channel: "email" } } };
  assert.deepEqual(play(resync).callback, { channel: "email" });
  const asked = play(JOINED, { type: "callback", callback: { channel: "email", address: "a@b.example" } });
  assert.equal(reduce(asked, { ...resync, now: 1 }).callback.address, "a@b.example");
  assert.equal(reduce(asked, { type: "resync", state: { ...state, callback: null }, now: 1 }).callback, null);
  // A server of the release before says nothing of it.
  assert.equal(reduce(asked, { type: "resync", state, now: 1 }).callback, null);
  assert.equal(play(JOINED).callback, null);
});

test("the next conversation, and the queue after a call, begin without one", () => {
  const asked = { type: "callback", callback: { channel: "email" } };
  assert.equal(play(JOINED, asked, JOINED).callback, null);
  assert.equal(play(JOINED, asked, { type: "queue:returned", position: 1, waiting: 1 }).callback, null);
});

test("the board tells who is away, and nothing that it does not know", () => {
  const waiting = ["away", "called", "elsewhere", undefined].map((callback, index) => ({
    conversation: `c${index}`,
    callback,
  }));
  const { waiting: rows } = readBoard({ waiting }, 0);
  assert.deepEqual(
    rows.map((row) => row.callback),
    ["away", "called", "", ""],
  );
});
