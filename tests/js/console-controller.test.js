import assert from "node:assert/strict";
import { test } from "node:test";
import { DeskCalls } from "../../static/js/app/console/calls.js";
import { Controller } from "../../static/js/app/console/controller.js";
import { MediaDesk, mediaErrorOf } from "../../static/js/app/console/media-desk.js";
import { Emitter } from "../../static/js/core/emitter.js";
import { bannersFor } from "../../static/js/ui/console/banner-view.js";
import { ChatModel } from "../../static/js/ui/console/chat/chat-model.js";
import { initialState, Store, situation } from "../../static/js/ui/console/state.js";

const NOW = 1_700_000_000_000;
const READY = { conversation: "c1", peer: { name: "Zeynep" }, polite: false, ice_servers: [], media: "video" };

/** The server's side of the wire, played by the test. */
class Wire extends Emitter {
  /** @type {Record<string, any>[]} */
  sent = [];
  up = true;
  lastId = 0;
  start() {
    this.emit("welcome", { server_time: NOW, features: { queue: true } });
    this.emit("resync", { state: { phase: "idle", transcript: [] } });
  }
  stop() {}
  probe() {}
  forgetPlace() {}
  send(/** @type {string} */ type, fields = {}) {
    if (this.up) this.sent.push({ type, ...fields });
    return this.up;
  }
  sendNumbered(/** @type {string} */ type, fields = {}) {
    this.lastId += 1;
    this.sent.push({ type, id: this.lastId, ...fields });
    return this.lastId;
  }
  /** @param {string} type */
  of(type) {
    return this.sent.filter((frame) => frame.type === type);
  }
}

/** A call without a network. */
class Line extends Emitter {
  /** @type {string[]} */
  did = [];
  muted = false;
  cameraOff = false;
  /** @param {any} options */
  constructor(options) {
    super();
    this.options = options;
  }
  start() {
    this.did.push("start");
  }
  close() {
    this.did.push("close");
  }
  setLocalStream() {
    this.did.push("stream");
  }
  setMuted(/** @type {boolean} */ muted) {
    this.muted = muted;
    this.emit("local", { muted, cameraOff: false });
  }
  async setCamera() {}
  async restartIce() {
    this.did.push("restart");
  }
  audioOnly() {
    this.did.push("audio only");
  }
  async resumeVideo() {
    this.did.push("video");
  }
  resync() {
    this.did.push("resync");
  }
}

/** @param {{seen?: boolean, problem?: any, devices?: Promise<any>}} [options] */
function console_({ seen = true, problem = null, devices } = {}) {
  const session = new Wire();
  const store = new Store(initialState("Deniz"));
  const chat = new ChatModel();
  /** @type {Line[]} */
  const lines = [];
  /** @type {string[]} */
  const said = [];
  const media = new MediaDesk({
    acquire: async () => devices ?? { stream: null, media: "chat", problem },
    release: () => {},
    remembered: async () => true,
  });
  const calls = new DeskCalls({
    store,
    media,
    cameraWanted: () => true,
    show: () => {},
    createCall: (options) => {
      const line = new Line(options);
      lines.push(line);
      return line;
    },
  });
  const controller = new Controller({
    session,
    store,
    chat,
    calls,
    media,
    cameraWanted: () => true,
    chatIsSeen: () => seen,
    say: (key) => said.push(key),
    now: () => NOW,
  });
  controller.start();
  return { session, store, chat, lines, said, calls, controller };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("after a loss the console says that it has caught up, however it did", () => {
  const { session, said } = console_();
  assert.deepEqual(said, [], "the first connection is no news");
  session.emit("down", { code: 1006, retryInMs: 0 });
  assert.deepEqual(said, []);
  session.emit("welcome", { server_time: NOW, features: {}, resumed: true, missed: 2 });
  assert.deepEqual(said, ["console.caught-up"]);
  session.emit("down", { code: 1006, retryInMs: 0 });
  session.emit("welcome", { server_time: NOW, features: {}, resumed: false });
  assert.deepEqual(said.length, 1, "not before the whole state is here");
  session.emit("resync", { state: { phase: "idle", transcript: [] } });
  assert.deepEqual(said.length, 2);
  session.emit("resync", { state: { phase: "idle", transcript: [] } });
  assert.deepEqual(said.length, 2, "once for each loss");
});

test("available is asked of the server and believed only from its answer", async () => {
  const { session, store, controller } = console_();
  controller.setAvailable(true);
  assert.deepEqual(session.of("operator:available"), [{ type: "operator:available", available: true }]);
  assert.deepEqual([store.state.available, store.state.wanted], [false, true]);
  session.emit("operator:state", { available: true });
  assert.deepEqual([store.state.available, store.state.wanted], [true, null]);
});

test("a file is sent as a line of its own, and what is known of it changes in place", () => {
  const { session, chat, controller } = console_();
  session.emit("queue:ready", READY);
  const file = { id: "f", name: "a.pdf", size: 1, mime: "application/pdf", state: "ready" };
  controller.sendFile(file);
  assert.deepEqual(session.of("chat:message"), [{ type: "chat:message", id: 1, conversation: "c1", file: "f" }]);
  session.emit("chat:message", { id: 7, text: "", at: NOW, file: { ...file, id: "g", state: "waiting" } });
  session.emit("chat:file", { file: { ...file, id: "g" } });
  assert.deepEqual(
    chat.lines.map((line) => [line.from, line.text, line.file?.id, line.file?.state]),
    [
      ["own", "", "f", "ready"],
      ["peer", "", "g", "ready"],
    ],
  );
});

test("a lost socket takes no wish along", () => {
  const { session, store, controller } = console_();
  session.up = false;
  controller.setAvailable(true);
  assert.equal(store.state.wanted, null);
});

test("queue:ready begins the call at once, impolite, with the credentials it brought", async () => {
  const { session, store, lines } = console_();
  session.emit("queue:ready", { ...READY, ice_servers: [{ urls: ["turn:a"] }] });
  await settled();
  assert.equal(lines.length, 1);
  assert.deepEqual(
    [lines[0].options.polite, lines[0].options.conversation, lines[0].options.gen, lines[0].options.iceServers.length],
    [false, "c1", 0, 1],
  );
  assert.equal(lines[0].options.initiate, undefined);
  assert.deepEqual(lines[0].did, ["start", "stream"]);
  session.emit("queue:ready", READY);
  assert.equal(lines.length, 1, "the same conversation again is the same call");
  assert.equal(store.state.call, "connecting");
});

test("after another operator the call begins above that one's, as on the customer's page", async () => {
  const drawn = console_();
  drawn.session.emit("queue:ready", { ...READY, gen: 1000 });
  await settled();
  assert.equal(drawn.lines[0].options.gen, 1001);
  // Where something was said before, the whole state tells of it.
  const told = console_();
  told.session.emit("resync", { state: { ...READY, phase: "active", gen: 1000, transcript: [] } });
  await settled();
  assert.deepEqual([told.lines[0].options.gen, told.lines[0].options.initiate], [1001, undefined]);
});

test("a chat needs no call", () => {
  const { session, lines, store } = console_();
  session.emit("queue:ready", { ...READY, media: "chat" });
  assert.equal(lines.length, 0);
  assert.equal(situation(store.state), "active");
});

test("devices do not hold the call up; they join it when they are there", async () => {
  /** @type {(value: any) => void} */
  let give = () => {};
  const devices = new Promise((resolve) => (give = resolve));
  const { session, lines } = console_({ devices });
  session.emit("queue:ready", READY);
  await settled();
  assert.deepEqual(lines[0].did, ["start"]);
  assert.equal(lines[0].options.devices, "video");
  give({ stream: null, media: "chat", problem: null });
  await settled();
  assert.deepEqual(lines[0].did, ["start", "stream"]);
});

test("without a microphone the banner says so and the conversation goes on", async () => {
  const { session, store } = console_({ problem: { device: "microphone", code: "denied" } });
  session.emit("queue:ready", READY);
  await settled();
  assert.equal(store.state.mediaError, "denied");
  assert.equal(store.state.phase, "active");
});

test("devices tried again in a call join that call", async () => {
  const { session, controller, lines } = console_({ problem: { device: "microphone", code: "denied" } });
  session.emit("queue:ready", READY);
  await settled();
  controller.retryMedia();
  await settled();
  assert.deepEqual(lines[0].did, ["start", "stream", "stream"]);
});

test("which device problem deserves a banner", () => {
  assert.equal(mediaErrorOf(null), null);
  assert.equal(mediaErrorOf({ device: "camera", code: "missing" }), null);
  assert.equal(mediaErrorOf({ device: "camera", code: "busy" }), "camera");
  assert.equal(mediaErrorOf({ device: "microphone", code: "insecure" }), "insecure");
});

test("a reloaded page offers anew, one generation higher, and gets its lines back", () => {
  const { session, store, lines, chat } = console_();
  store.state = { ...initialState("Deniz"), connection: "online" };
  const transcript = [{ from: "customer", id: 1, text: "merhaba", at: NOW }];
  session.emit("resync", { state: { ...READY, phase: "active", gen: 3, since: NOW, transcript } });
  assert.deepEqual([lines[0].options.initiate, lines[0].options.gen], [true, 4]);
  assert.equal(chat.lines.length, 1);
});

test("a customer matched during a gap is met like any other", () => {
  const { session, lines } = console_();
  session.emit("resync", { state: { ...READY, phase: "active", gen: 0, since: NOW, transcript: [] } });
  assert.equal(lines[0].options.initiate, undefined);
});

test("a rebuilt mailbox in the middle of a call is negotiated on, not begun again", async () => {
  const { session, lines } = console_();
  session.emit("queue:ready", READY);
  await settled();
  session.emit("resync", { state: { ...READY, phase: "active", gen: 1, transcript: [] } });
  assert.equal(lines.length, 1);
  assert.equal(lines[0].did.at(-1), "resync");
});

test("every line goes to the conversation it was typed for", () => {
  const { session, controller, chat } = console_();
  controller.sendChat("kimseye");
  assert.equal(session.of("chat:message").length, 0);
  session.emit("queue:ready", { ...READY, media: "chat" });
  controller.sendChat("merhaba");
  assert.deepEqual(session.of("chat:message"), [{ type: "chat:message", id: 1, conversation: "c1", text: "merhaba" }]);
  assert.equal(chat.lines[0].state, "sending");
  session.emit("acked", { id: 1 });
  assert.equal(chat.lines[0].state, "sent");
  session.emit("chat:read", { upto_id: 1 });
  assert.equal(chat.lines[0].state, "seen");
});

test("lines are reported as read only when somebody sees them", () => {
  for (const seen of [true, false]) {
    const { session } = console_({ seen });
    session.emit("queue:ready", { ...READY, media: "chat" });
    session.emit("chat:message", { conversation: "c1", id: 7, text: "merhaba", at: NOW });
    assert.deepEqual(
      session.of("chat:read").map((frame) => frame.upto_id),
      seen ? [7] : [],
    );
  }
});

test("typing is told, and its end", () => {
  const { session, controller } = console_();
  session.emit("queue:ready", { ...READY, media: "chat" });
  for (const on of [true, false]) controller.typing(on);
  assert.deepEqual(
    session.of("chat:typing").map((frame) => frame.on),
    [true, false],
  );
});

test("ending is asked once and waits for the server's word", async () => {
  const { session, controller, store, lines } = console_();
  session.emit("queue:ready", READY);
  await settled();
  controller.end();
  controller.end();
  assert.equal(session.of("call:end").length, 1);
  assert.equal(store.state.phase, "active");
  session.emit("call:ended", { conversation: "c1", reason: "operator" });
  assert.equal(store.state.phase, "ended");
  assert.equal(lines[0].did.at(-1), "close");
});

test("an end that the server refuses can be asked for again", () => {
  const { session, controller, store } = console_();
  session.emit("queue:ready", { ...READY, media: "chat" });
  controller.end();
  session.emit("rejected", { id: 1, frame: { type: "call:end" } });
  assert.equal(store.state.ending, false);
  controller.end();
  assert.equal(session.of("call:end").length, 2);
});

test("the three buttons reach the customer, and our own side where it has a part", async () => {
  const { session, controller, lines, store } = console_();
  session.emit("queue:ready", READY);
  await settled();
  for (const action of /** @type {const} */ (["ice-restart", "audio-only", "video", "chat"]))
    controller.control(action);
  assert.deepEqual(
    session.of("call:control").map((frame) => frame.action),
    ["ice-restart", "audio-only", "video", "chat"],
  );
  assert.deepEqual(lines[0].did.slice(2), ["restart", "audio only", "video"]);
  assert.equal(store.state.audioOnly, false);
});

test("taken over elsewhere: our call closes without a word, and only a hand brings the console back", async () => {
  const { session, controller, store, lines } = console_();
  session.emit("queue:ready", READY);
  await settled();
  session.emit("replaced");
  assert.equal(lines[0].did.at(-1), "close");
  assert.equal(session.of("call:end").length, 0);
  assert.equal(store.state.connection, "replaced");
  session.emit("down", { code: 1006, retryInMs: 100 });
  assert.equal(store.state.connection, "replaced");
  session.start = () => {
    session.emit("welcome", { server_time: NOW });
    session.emit("resync", { state: { ...READY, phase: "active", gen: 2, since: NOW, transcript: [] } });
  };
  controller.continueHere();
  assert.equal(store.state.connection, "online");
  assert.deepEqual([lines.length, lines[1].options.gen, store.state.ringing], [2, 3, false]);
});

test("availability that an outage took is asked for again without a hand", () => {
  const { session, controller } = console_();
  controller.setAvailable(true);
  session.emit("operator:state", { available: true });
  session.emit("down", { code: 1006, retryInMs: 100 });
  session.emit("welcome", { server_time: NOW });
  session.emit("operator:state", { available: false });
  assert.deepEqual(
    session.of("operator:available").map((frame) => frame.available),
    [true, true],
  );
});

test("a match rings until somebody acts, and both are said again on each new connection", () => {
  const { session, store, controller } = console_();
  session.emit("queue:ready", READY);
  assert.deepEqual(session.of("call:ringing"), [{ type: "call:ringing", conversation: "c1" }]);
  session.emit("welcome", { server_time: NOW, features: {} });
  assert.equal(session.of("call:ringing").length, 2);
  session.up = false;
  controller.act();
  session.up = true;
  assert.deepEqual(session.of("call:answered"), []);
  session.emit("welcome", { server_time: NOW, features: {} });
  controller.act();
  assert.deepEqual(session.of("call:answered"), [{ type: "call:answered", conversation: "c1" }]);
  assert.equal(session.of("call:ringing").length, 2);
  // The same customer again, after another operator had been asked: it has to be answered anew.
  session.emit("call:ended", { conversation: "c1", reason: "operator", by: "operator" });
  session.emit("queue:ready", { ...READY, conversation: "c2" });
  assert.equal(session.of("call:ringing").length, 3);
  assert.equal(store.state.phase, "active");
});

test("who did not answer is on a break that does not end by itself", () => {
  const { session, store, lines } = console_();
  session.emit("operator:state", { available: true, conversation: null });
  session.emit("queue:ready", READY);
  session.emit("down", { code: 1006, retryInMs: 0 });
  session.emit("welcome", { server_time: NOW, features: {} });
  session.emit("call:ended", { conversation: "c1", reason: "unanswered", by: "system" });
  session.emit("operator:state", { available: false, conversation: null, break_reason: "unanswered" });
  assert.equal(store.state.unanswered, true);
  assert.equal(store.state.lapsed, false);
  assert.equal(situation(store.state), "break");
  assert.deepEqual(session.of("operator:available"), []);
  assert.equal(lines[0].did.at(-1), "close");
  session.emit("operator:state", { available: true, conversation: null });
  assert.equal(store.state.unanswered, false);
});

test("who is sent on a break goes when the call is over, and not back by itself", () => {
  const { session, store } = console_();
  session.emit("operator:state", { available: true, conversation: null });
  session.emit("queue:ready", READY);
  session.emit("operator:state", { available: false, conversation: "c1", break_reason: "supervisor" });
  assert.equal(store.state.available, false);
  assert.equal(store.state.sentAway, true);
  session.emit("down", { code: 1006, retryInMs: 0 });
  session.emit("welcome", { server_time: NOW, features: {} });
  session.emit("call:ended", { conversation: "c1", reason: "operator", by: "operator" });
  session.emit("operator:state", { available: false, conversation: null, break_reason: "supervisor" });
  assert.deepEqual([store.state.sentAway, store.state.lapsed], [true, false]);
  assert.ok(bannersFor(store.state, NOW).some(({ key }) => key === "sent-away"));
  assert.deepEqual(session.of("operator:available"), []);
  session.emit("operator:state", { available: true, conversation: null });
  assert.equal(store.state.sentAway, false);
});

test("a customer is passed on to a department", () => {
  const { session, controller } = console_();
  session.emit("queue:ready", READY);
  controller.transfer(null, "", "tech");
  assert.equal(session.of("call:transfer")[0].to_line, "tech");
  assert.equal(session.of("call:transfer")[0].to_operator, null);
});

test("a customer is passed on by name, and what the colleague should know goes along", () => {
  const { session, store, controller, lines } = console_();
  session.emit("queue:ready", { ...READY, peer: { name: "Zeynep", transfer: { from: "Eda", note: "refund" } } });
  assert.deepEqual(store.state.customer?.transfer, { from: "Eda", note: "refund" });
  controller.transfer("fatma", "wants Fatma");
  controller.transfer(null, "");
  assert.deepEqual(session.of("call:transfer"), [
    { type: "call:transfer", id: 1, conversation: "c1", to_operator: "fatma", note: "wants Fatma" },
    { type: "call:transfer", id: 2, conversation: "c1", to_operator: null, note: null },
  ]);
  session.emit("call:ended", { conversation: "c1", reason: "transferred", by: "operator" });
  assert.equal(lines[0].did.at(-1), "close");
  controller.transfer("fatma", "");
  assert.equal(session.of("call:transfer").length, 2);
});
