import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { CustomerApp } from "../../static/js/app/customer/customer-app.js";
import { ReconnectPolicy } from "../../static/js/core/backoff.js";
import { Emitter } from "../../static/js/core/emitter.js";
import { t } from "../../static/js/core/i18n.js";
import { memoryStore } from "../../static/js/core/storage.js";
import { Session } from "../../static/js/net/session.js";
import { errorCodes } from "./error-codes.js";
import { FakeSocket } from "./fakes/socket.js";
import { all, speak } from "./texts.js";

const FORM = { name: "Ayşe", topic: "", media: "chat" };
const JOINED = {
  type: "queue:joined",
  conversation: "c1",
  token: "secret",
  epoch: 9,
  position: 1,
  waiting: 1,
  estimate: null,
};
const READY = {
  type: "queue:ready",
  conversation: "c1",
  seq: 1,
  peer: { name: "Elif" },
  polite: true,
  ice_servers: [],
  media: "chat",
};
const WAITING = { phase: "waiting", conversation: "c1", position: 1, waiting: 1, estimate: null, transcript: [] };
const ACTIVE = { phase: "active", conversation: "c1", peer: { name: "Elif" }, media: "chat", gen: 0, transcript: [] };

class FakeCall extends Emitter {
  conversation = "c1";
  localStream = null;
  start() {}
  close() {}
  resync() {}
}

let storage;

beforeEach(() => {
  FakeSocket.reset();
  storage = memoryStore();
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
});

function page() {
  const session = new Session({
    url: "ws://x/",
    storage,
    WebSocket: FakeSocket,
    policy: new ReconnectPolicy({ delaysMs: [100], jitter: 0 }),
    watch: () => () => {},
  });
  const app = new CustomerApp({
    session,
    storage,
    createCall: () => new FakeCall(),
    acquire: async (media) => ({ stream: null, media, problem: null }),
    release: () => {},
    isHidden: () => false,
    isOnline: () => true,
  });
  app.start();
  return app;
}

function joining() {
  const app = page();
  app.join(FORM);
  FakeSocket.last.open().welcome();
  return app;
}

function waiting() {
  const app = joining();
  FakeSocket.last.give(JOINED);
  return app;
}

/** The page read anew after `before`. @param {() => void} before */
function reloaded(before) {
  before();
  FakeSocket.reset();
  return page();
}

function talking() {
  const app = joining();
  FakeSocket.last.give(JOINED).give(READY);
  return app;
}

/** Every state in which something is under way: how to come there, and which frame the refusal answers. */
const STATES = {
  loading: { start: () => reloaded(() => storage.set("token", "secret")), kind: "hello", state: ACTIVE },
  joining: { start: joining, kind: "queue:join", state: null },
  "joining, after a reload": { start: () => reloaded(joining), kind: "queue:join", state: null },
  checking: { start: () => reloaded(waiting), kind: "hello", state: WAITING },
  leaving: {
    start: () => {
      const app = waiting();
      app.leave();
      return app;
    },
    kind: "queue:leave",
    state: WAITING,
  },
  writing: {
    start: () => {
      const app = talking();
      app.sendChat("merhaba");
      return app;
    },
    kind: "chat:message",
    state: ACTIVE,
  },
  "hanging up": {
    start: () => {
      const app = talking();
      app.hangUp();
      return app;
    },
    kind: "call:end",
    state: ACTIVE,
  },
};

/** A server that refuses one kind of frame: once where a retry can help, for ever where it cannot. */
class Refuser {
  #answered = new WeakMap();
  #refusals = 0;

  constructor({ kind, state }, { code, retryable, closes }, named) {
    Object.assign(this, { kind, state, code, retryable, closes, named });
  }

  /** Answers everything that came since. */
  serve() {
    for (const socket of FakeSocket.made) {
      if (socket.closedByClient) continue;
      if (socket.readyState === 0) socket.open();
      const from = this.#answered.get(socket) ?? 0;
      this.#answered.set(socket, socket.sent.length);
      for (const frame of socket.sent.slice(from))
        if (socket.readyState === 1 && !socket.closedByClient) this.#answer(socket, frame);
    }
  }

  #answer(socket, frame) {
    if (frame.type === this.kind && !(this.retryable && this.#refusals > 0)) return this.#refuse(socket, frame);
    if (frame.type === "hello") this.#greet(socket, frame);
    else if (frame.type === "ping") socket.give({ type: "pong", t: frame.t });
    else if (frame.type === "queue:join") socket.give(JOINED);
    else if (frame.id) socket.give({ type: "ack", id: frame.id });
  }

  #greet(socket, frame) {
    socket.welcome({ epoch: frame.resume?.token ? 10 : null });
    if (frame.resume?.token && this.state) socket.give({ type: "resync", epoch: 10, seq: 0, state: this.state });
  }

  #refuse(socket, frame) {
    this.#refusals += 1;
    assert.ok(this.#refusals < 40, "it must not ask for ever");
    const ref = this.named ? { ref: frame.id ?? frame.type } : {};
    socket.give({
      type: "error",
      code: this.code,
      message: "Olmadı.",
      retryable: this.retryable,
      ...(this.retryable && { retry_after: 1 }),
      ...ref,
    });
    if (this.closes) socket.die(this.closes);
  }
}

/** What stands on the page, in every language, and that each has a way on. */
function assertSettled(app) {
  const { screen, lines, fault, notice, refused, link } = app.state;
  assert.ok(["welcome", "waiting", "call", "ended", "refused"].includes(screen), `still ${screen}`);
  assert.ok(screen !== "call" || !lines.some((line) => line.state === "sending"), "a line is sending for ever");
  assert.ok(
    !["connecting", "reconnecting", "unavailable"].includes(link) || screen === "ended",
    `the link is still ${link}`,
  );
  for (const language of Object.keys(all)) {
    speak(language);
    for (const key of [fault?.key, notice, refused && `customer.refused.${refused.code}`])
      if (key) assert.ok(!["", key].includes(t(key, fault?.vars)), key);
  }
}

/** A frame that is too large never leaves the page; see the last test. */
const CODES = errorCodes().filter(({ code }) => code !== "frame_too_large");

test("the reference lists the codes", () => {
  assert.ok(CODES.length > 15);
  assert.ok(CODES.some(({ retryable }) => retryable) && CODES.some(({ closes }) => closes === 4400));
});

for (const [name, state] of Object.entries(STATES)) {
  for (const error of CODES) {
    for (const named of [true, false]) {
      test(`${name}, ${error.code}${named ? "" : ", naming nothing"}: the page comes to a state with a word and a way on`, () => {
        const app = state.start();
        const server = new Refuser(state, error, named);
        for (let second = 0; second < 40; second += 1) {
          server.serve();
          mock.timers.tick(1000);
        }
        server.serve();
        assertSettled(app);
      });
    }
  }
}

test("half an emoji in the name: the join goes on without it", () => {
  const app = page();
  app.join({ ...FORM, name: "Ay\ud83dşe" });
  FakeSocket.last.open().welcome();
  assert.equal(FakeSocket.last.ofType("queue:join")[0].name, "Ayşe");
  assert.equal(app.state.form.name, "Ayşe");
});

test("a name that the server refuses comes back to the form with a word under it", () => {
  const app = joining();
  FakeSocket.last.give({
    type: "error",
    code: "bad_frame",
    message: "",
    retryable: false,
    ref: "queue:join",
    fields: { name: "must have something to see in it" },
  });
  assert.deepEqual(
    [app.state.screen, app.state.fault],
    ["welcome", { field: "name", key: "customer.welcome.nameRefused" }],
  );
  assert.equal(storage.get("join"), null, "a reload does not send it again");
  app.join({ ...FORM, name: "Ali" });
  assert.deepEqual([app.state.screen, app.state.fault], ["joining", null]);
});

test("a join can be given up while it has no answer", () => {
  const app = joining();
  app.cancelJoin();
  assert.equal(app.state.screen, "welcome");
  assert.equal(FakeSocket.last.ofType("queue:leave").length, 1);
  assert.equal(storage.get("join"), null);
});

test("a line that was refused says so, stays, and can be written anew", () => {
  const app = talking();
  app.sendChat("bir");
  app.sendChat("iki");
  const [one, two] = FakeSocket.last.ofType("chat:message");
  FakeSocket.last
    .give({ type: "ack", id: one.id })
    .give({ type: "error", code: "bad_frame", message: "", retryable: false, ref: two.id });
  assert.deepEqual(
    app.state.lines.map(({ state }) => state),
    ["sent", "failed"],
  );
  FakeSocket.last.give({
    type: "resync",
    epoch: 10,
    seq: 0,
    state: { ...ACTIVE, transcript: [{ from: "customer", id: one.id, text: "bir", at: 1 }] },
  });
  assert.deepEqual(
    app.state.lines.map(({ text }) => text),
    ["bir", "iki"],
    "what was not sent is not lost",
  );
  assert.equal(app.takeBack(app.state.lines[1].key), "iki");
  assert.deepEqual(
    app.state.lines.map(({ text }) => text),
    ["bir"],
  );
});

test("no frame of the page is larger than the server takes", () => {
  const app = talking();
  assert.throws(() => app.sendChat("ş".repeat(40_000)), RangeError);
});
