import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { DeskCalls } from "../../static/js/app/console/calls.js";
import { Controller } from "../../static/js/app/console/controller.js";
import { MediaDesk } from "../../static/js/app/console/media-desk.js";
import { ReconnectPolicy } from "../../static/js/core/backoff.js";
import { Emitter } from "../../static/js/core/emitter.js";
import { Session } from "../../static/js/net/session.js";
import { bannersFor } from "../../static/js/ui/console/banner-view.js";
import { ChatModel } from "../../static/js/ui/console/chat/chat-model.js";
import { initialState, Store, situation } from "../../static/js/ui/console/state.js";
import { errorCodes } from "./error-codes.js";
import { FakeSocket } from "./fakes/socket.js";
import { all, speak } from "./texts.js";

const IDLE = { phase: "idle", transcript: [] };
const ACTIVE = { phase: "active", conversation: "c1", peer: { name: "Zeynep" }, media: "chat", gen: 0, transcript: [] };
const CODES = errorCodes().filter(({ code }) => code !== "frame_too_large");
/** For the server there is no such call any more. */
const ENDED_THERE = new Set(["not_in_call", "wrong_conversation", "not_attached"]);

class FakeCall extends Emitter {
  conversation = "c1";
  start() {}
  close() {}
  setLocalStream() {}
  resync() {}
}

beforeEach(() => {
  FakeSocket.reset();
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
});

/** @param {any} snapshot what the server says is going on */
function console_(snapshot) {
  const session = new Session({
    url: "ws://x/",
    WebSocket: FakeSocket,
    policy: new ReconnectPolicy({ delaysMs: [100], jitter: 0 }),
    watch: () => () => {},
  });
  const store = new Store(initialState("Deniz"));
  const chat = new ChatModel();
  const media = new MediaDesk({
    acquire: async () => ({ stream: null, media: "chat", problem: null }),
    release: () => {},
    remembered: async () => true,
  });
  const calls = new DeskCalls({
    store,
    media,
    cameraWanted: () => false,
    show: () => {},
    createCall: () => new FakeCall(),
  });
  const controller = new Controller({
    session,
    store,
    chat,
    calls,
    media,
    cameraWanted: () => false,
    chatIsSeen: () => false,
    say: () => {},
    now: () => Date.now(),
  });
  controller.start();
  greet(FakeSocket.last.open(), snapshot);
  return { controller, store, chat };
}

/** @param {FakeSocket} socket @param {any} snapshot */
function greet(socket, snapshot) {
  socket.welcome({ epoch: 3, authenticated: true }).give({ type: "resync", epoch: 3, seq: 0, state: snapshot });
  socket.give({ type: "operator:state", available: false, conversation: snapshot.conversation ?? null });
}

const STATES = {
  "going available": { at: IDLE, kind: "operator:available", act: (desk) => desk.controller.setAvailable(true) },
  writing: { at: ACTIVE, kind: "chat:message", act: (desk) => desk.controller.sendChat("merhaba") },
  steering: { at: ACTIVE, kind: "call:control", act: (desk) => desk.controller.control("chat") },
  proposing: { at: ACTIVE, kind: "call:invite", act: (desk) => desk.controller.invite("video") },
  ending: { at: ACTIVE, kind: "call:end", act: (desk) => desk.controller.end() },
};

for (const [name, { at, kind, act }] of Object.entries(STATES)) {
  for (const { code, retryable, closes } of CODES) {
    for (const named of [true, false]) {
      test(`${name}, ${code}${named ? "" : ", naming nothing"}: the console comes to a state with a word and a way on`, () => {
        const desk = console_(at);
        act(desk);
        const words = new Set();
        let refusals = 0;
        const answered = new WeakMap();
        const answer = (/** @type {FakeSocket} */ socket, /** @type {any} */ frame) => {
          if (frame.type === kind && !(retryable && refusals > 0)) {
            refusals += 1;
            assert.ok(refusals < 40, "it must not ask for ever");
            const ref = named ? { ref: frame.id ?? frame.type } : {};
            socket.give({
              type: "error",
              code,
              message: "Olmadı.",
              retryable,
              ...(retryable && { retry_after: 1 }),
              ...ref,
            });
            if (closes) socket.die(closes);
          } else if (frame.type === "hello" && socket !== FakeSocket.made[0])
            greet(socket, ENDED_THERE.has(code) ? IDLE : at);
          else if (frame.type === "ping") socket.give({ type: "pong", t: frame.t });
          else if (frame.type === "operator:available")
            socket.give({ type: "operator:state", available: frame.available });
          else if (frame.id) socket.give({ type: "ack", id: frame.id });
        };
        for (let second = 0; second < 40; second += 1) {
          for (const socket of FakeSocket.made) {
            if (socket.closedByClient) continue;
            if (socket.readyState === 0) socket.open();
            const from = answered.get(socket) ?? 0;
            answered.set(socket, socket.sent.length);
            for (const frame of socket.sent.slice(from)) if (socket.readyState === 1) answer(socket, frame);
          }
          for (const banner of bannersFor(desk.store.state, Date.now())) words.add(banner.title);
          mock.timers.tick(1000);
        }
        const { state } = desk.store;
        assert.equal(state.wanted, null, "the switch waits for ever");
        assert.ok(
          state.connection !== "online" || !desk.chat.lines.some((line) => line.delivery === "sending"),
          "a line is sending for ever",
        );
        if (named && kind === "call:end" && ENDED_THERE.has(code))
          assert.notEqual(situation(state), "active", "the call that is over stays on screen");
        if (!retryable || closes) assert.ok(words.size > 0, "nobody was told");
        assert.ok(["online", "refused", "expired"].includes(state.connection), state.connection);
        if (state.connection === "online" && state.phase === "active" && !(retryable && kind === "call:end"))
          assert.equal(state.ending, false);
      });
    }
  }
}

test("a line that was refused comes back into the box", () => {
  const desk = console_(ACTIVE);
  desk.controller.sendChat("merhaba");
  const [line] = FakeSocket.last.ofType("chat:message");
  FakeSocket.last.give({ type: "error", code: "bad_frame", message: "", retryable: false, ref: line.id });
  assert.deepEqual(
    desk.chat.lines.map(({ state }) => state),
    ["failed"],
  );
  assert.equal(desk.chat.takeBack(`own:${line.id}`), "merhaba");
  assert.deepEqual(desk.chat.lines, []);
});

test("every banner has its word in every language", () => {
  const base = initialState("Deniz");
  const online = { ...base, connection: /** @type {const} */ ("online") };
  const states = [
    ...["connecting", "reconnecting", "store-out", "replaced", "expired", "refused"].map((connection) => ({
      ...base,
      connection,
    })),
    { ...online, lineClosed: true },
    { ...online, lapsed: true },
    { ...online, relayOut: true },
    { ...online, relaySlow: true },
    { ...online, socketSlow: true },
    ...["denied", "missing", "busy", "insecure", "camera"].map((mediaError) => ({ ...online, mediaError })),
  ];
  for (const language of Object.keys(all)) {
    speak(language);
    const titles = states.map((state) =>
      bannersFor(/** @type {any} */ (state), 0)
        .map(({ title }) => title)
        .join(),
    );
    assert.ok(
      titles.every((title) => title && !title.includes("console.")),
      titles.join("\n"),
    );
    assert.equal(new Set(titles).size, titles.length, "no two states share a word");
  }
});
