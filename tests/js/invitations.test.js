import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { DeskCalls } from "../../static/js/app/console/calls.js";
import { Controller } from "../../static/js/app/console/controller.js";
import { MediaDesk } from "../../static/js/app/console/media-desk.js";
import { CustomerApp } from "../../static/js/app/customer/customer-app.js";
import { ReconnectPolicy } from "../../static/js/core/backoff.js";
import { Emitter } from "../../static/js/core/emitter.js";
import { memoryStore } from "../../static/js/core/storage.js";
import { Session } from "../../static/js/net/session.js";
import { noticeFor, soundsFor, titlesFor } from "../../static/js/ui/console/board/alerts.js";
import { ChatModel } from "../../static/js/ui/console/chat/chat-model.js";
import { stageLayout } from "../../static/js/ui/console/stage-view.js";
import { initialState, Store } from "../../static/js/ui/console/state.js";
import { FakeSocket } from "./fakes/socket.js";

const CHAT = { conversation: "c1", peer: { name: "Elif" }, polite: true, ice_servers: [], media: "chat" };
const INVITED = { type: "call:invite", conversation: "c1", invitation: 1, media: "video", by: "operator" };
const ACCEPTED = {
  ...{ type: "call:accept", conversation: "c1", invitation: 1, media: "video", by: "customer", polite: true },
  ...{ ice_servers: [{ urls: ["turn:a"] }], ice_policy: "all", token: "renewed" },
};
const ACTIVE = { phase: "active", ...CHAT, gen: 0, transcript: [], invitation: null };

/** @type {FakeCall[]} */
let calls;
let storage;
let opened;

class FakeCall extends Emitter {
  localStream = { getAudioTracks: () => [] };
  did = [];
  muted = false;
  cameraOff = true;
  constructor(options) {
    super();
    this.options = options;
    this.conversation = options.conversation;
    calls.push(this);
    for (const name of ["start", "close", "setLocalStream", "setCamera", "resync"])
      this[name] = () => void this.did.push(name);
  }
}

const acquire = async (media) => {
  opened.push(media);
  return { stream: null, media, problem: null };
};

beforeEach(() => {
  FakeSocket.reset();
  calls = [];
  opened = [];
  storage = memoryStore();
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
});

function session() {
  return new Session({
    url: "ws://x/",
    storage,
    WebSocket: FakeSocket,
    policy: new ReconnectPolicy({ delaysMs: [100], jitter: 0 }),
    watch: () => () => {},
  });
}

/** @param {{hidden?: boolean}} [page] */
function customer({ hidden = false } = {}) {
  const app = new CustomerApp({
    session: session(),
    storage,
    archive: async () => ({}),
    createCall: (options) => new FakeCall(options),
    acquire,
    release: () => {},
    isHidden: () => hidden,
    isOnline: () => true,
  });
  app.start();
  return app;
}

/** @param {{hidden?: boolean}} [page] */
function writing(page) {
  const app = customer(page);
  app.join({ name: "Ayşe", topic: "", media: "chat" });
  const joined = { conversation: "c1", token: "secret", epoch: 9, position: 1, waiting: 1, estimate: null };
  FakeSocket.last
    .open()
    .welcome()
    .give({ type: "queue:joined", ...joined });
  FakeSocket.last.give({ type: "queue:ready", seq: 1, ...CHAT });
  return app;
}

test("the customer's chat becomes the call that was accepted, with the servers that came with it", () => {
  const app = writing();
  assert.equal(calls.length, 0);
  FakeSocket.last.give({ ...INVITED, seq: 2 });
  assert.deepEqual(app.state.invitation, { invitation: 1, media: "video", by: "operator" });
  FakeSocket.last.give({ ...ACCEPTED, seq: 3 });
  assert.deepEqual([app.state.media, app.state.invitation, app.state.screen], ["video", null, "call"]);
  const [{ options }] = calls;
  assert.deepEqual([options.media, options.devices, options.polite, options.gen], ["video", "video", true, undefined]);
  assert.deepEqual(options.iceServers, ACCEPTED.ice_servers);
  assert.deepEqual(opened, ["video"]);
  assert.equal(storage.get("token"), "renewed");
});

test("a call that was accepted without the camera opens none, on a page that was loaded anew neither", () => {
  const app = writing();
  FakeSocket.last.give({ ...INVITED, seq: 2 });
  app.keepDark(true);
  FakeSocket.last.give({ ...ACCEPTED, seq: 3 });
  assert.deepEqual([calls[0].options.media, calls[0].options.devices], ["video", "audio"]);
  FakeSocket.reset();
  customer();
  FakeSocket.last.open().welcome({ epoch: 10 });
  FakeSocket.last.give({ type: "resync", epoch: 10, seq: 0, state: { ...ACTIVE, media: "video" } });
  assert.deepEqual(opened, ["audio", "audio"]);
});

test("a page that was loaded anew shows what is open; a declined one is gone", () => {
  storage.set("token", "secret");
  const app = customer();
  FakeSocket.last.open().welcome({ epoch: 10 });
  const invitation = { invitation: 2, media: "audio", by: "customer" };
  FakeSocket.last.give({ type: "resync", epoch: 10, seq: 0, state: { ...ACTIVE, invitation } });
  assert.deepEqual(app.state.invitation, invitation);
  FakeSocket.last.give({ type: "call:decline", seq: 1, conversation: "c1", invitation: 2, by: "operator", own: false });
  assert.deepEqual([app.state.invitation, app.state.screen], [null, "call"]);
});

test("the same acceptance again is the same call; a server that forgot it is believed", () => {
  const app = writing();
  FakeSocket.last.give({ ...ACCEPTED, seq: 2 });
  FakeSocket.last.give({ ...ACCEPTED, seq: 3 });
  assert.equal(calls.length, 1);
  FakeSocket.last.give({ type: "resync", epoch: 12, seq: 0, state: ACTIVE });
  assert.deepEqual([app.state.media, calls[0].did.includes("close")], ["chat", true]);
});

test("nothing of a proposal outlives its conversation, and one that nobody sees is unread", () => {
  const app = writing({ hidden: true });
  FakeSocket.last.give({ ...INVITED, seq: 2 });
  assert.equal(app.state.unread, 1);
  FakeSocket.last.give({ type: "call:ended", seq: 3, conversation: "c1", reason: "hangup", by: "operator" });
  assert.equal(app.state.invitation, null);
});

test("who lost a call that began as a chat asks for a call again", () => {
  const app = writing();
  FakeSocket.last.give({ ...ACCEPTED, seq: 2 });
  FakeSocket.last.give({ type: "call:ended", seq: 3, conversation: "c1", reason: "operator-lost", by: "system" });
  app.rejoin();
  FakeSocket.last.open().welcome();
  const [join] = FakeSocket.last.ofType("queue:join");
  assert.deepEqual([join.media, join.returning], ["video", "renewed"]);
});

// ---- the console ----------------------------------------------------------------------------------------------------

const WRITING = { ...CHAT, polite: false, peer: { name: "Zeynep" } };
const ASKED = { ...INVITED, by: "customer" };

function desk({ camera = true } = {}) {
  const wire = Object.assign(new Emitter(), {
    sent: /** @type {any[]} */ ([]),
    start: () => {},
    send: () => true,
    sendNumbered: (type, fields) => wire.sent.push({ type, ...fields }),
    redraw: () => {},
  });
  const store = new Store(initialState("Deniz"));
  const said = /** @type {string[]} */ ([]);
  const media = new MediaDesk({ acquire, release: () => {}, remembered: async () => true });
  const createCall = (options) => new FakeCall(options);
  const parts = /** @type {any} */ ({ cameraWanted: () => camera });
  const cameraWanted = () => parts.cameraWanted();
  parts.calls = new DeskCalls({ store, media, createCall, cameraWanted, kept: storage, show: () => {} });
  const controller = new Controller({
    session: wire,
    store,
    chat: new ChatModel(),
    calls: parts.calls,
    media,
    cameraWanted: () => camera,
    chatIsSeen: () => true,
    say: (key) => said.push(key),
    now: () => 0,
  });
  controller.start();
  wire.emit("welcome", { server_time: 0, features: { queue: true, calls: true } });
  wire.emit("resync", { state: { phase: "idle", transcript: [] } });
  wire.emit("queue:ready", WRITING);
  store.dispatch({ type: "acknowledge" });
  return { wire, store, controller, said, parts };
}

test("the customer's proposal rings at the console until somebody is there, and its title says why", () => {
  const { wire, store } = desk();
  const before = store.state;
  wire.emit("call:invite", ASKED);
  const { state } = store;
  assert.deepEqual(soundsFor(state, before), ["ring"]);
  assert.equal(noticeFor(state, before, { hidden: true, focused: false }), "invited");
  assert.equal(titlesFor(state, "Konsol", (name, invites) => `${name} ${invites}`).alert, "Zeynep true");
  store.dispatch({ type: "acknowledge" });
  assert.deepEqual([store.state.ringing, store.state.invitation?.media], [false, "video"]);
});

test("the operator answers with the number of the open invitation, and the stage takes the chat's place", () => {
  const { wire, store, controller } = desk();
  wire.emit("call:invite", ASKED);
  controller.answerInvitation(true);
  assert.deepEqual(wire.sent.at(-1), { type: "call:accept", conversation: "c1", invitation: 1 });
  wire.emit("call:accept", { ...ACCEPTED, by: "operator", polite: false });
  assert.equal(stageLayout(store.state), "video");
  assert.deepEqual([calls[0].options.polite, calls[0].options.devices], [false, "video"]);
  assert.equal(store.state.call, "connecting");
});

test("without the camera: for this call, by choice; for every call, by the console's setting", () => {
  const once = desk();
  once.wire.emit("call:invite", ASKED);
  once.controller.answerInvitation(true, { dark: true });
  once.wire.emit("call:accept", { ...ACCEPTED, polite: false });
  storage = memoryStore();
  const always = desk({ camera: false });
  always.wire.emit("call:accept", { ...ACCEPTED, polite: false });
  assert.deepEqual(
    calls.map(({ options }) => [options.media, options.devices]),
    [
      ["video", "audio"],
      ["video", "audio"],
    ],
  );
});

test("a camera that waits for the answer opens with it, unless the call was accepted without", async () => {
  const made = desk();
  made.wire.emit("call:ended", { conversation: "c1", reason: "hangup", by: "customer" });
  made.parts.cameraWanted = () => !made.controller.unanswered;
  made.controller.onanswer = () => made.parts.calls.openCamera(made.store.state.customer);
  made.wire.emit("queue:ready", { ...WRITING, conversation: "c2", media: "video" });
  const [call] = calls;
  assert.deepEqual([call.options.media, call.options.devices], ["video", "audio"]);
  made.controller.act();
  made.controller.act();
  assert.deepEqual(
    call.did.filter((name) => name === "setCamera"),
    ["setCamera"],
  );
  made.parts.calls.keepDark("c2");
  made.parts.calls.openCamera(made.store.state.customer);
  assert.equal(call.did.filter((name) => name === "setCamera").length, 1);
});

test("the operator proposes, takes back, and reads what became of it", () => {
  const { wire, store, controller, said } = desk();
  controller.invite("audio");
  assert.deepEqual(wire.sent.at(-1), { type: "call:invite", conversation: "c1", media: "audio" });
  wire.emit("call:invite", { ...INVITED, media: "audio" });
  assert.equal(store.state.ringing, false);
  controller.answerInvitation(false);
  assert.deepEqual(wire.sent.at(-1), { type: "call:decline", conversation: "c1", invitation: 1 });
  wire.emit("call:decline", { conversation: "c1", invitation: 1, by: "operator", own: true });
  wire.emit("call:invite", { ...INVITED, invitation: 2 });
  wire.emit("call:decline", { conversation: "c1", invitation: 2, by: "customer", own: false });
  assert.deepEqual([store.state.invitation, said], [null, ["console.invite.declined"]]);
});

test("a proposal of another conversation, or after the end, changes nothing", () => {
  const { wire, store, controller } = desk();
  wire.emit("call:invite", { ...ASKED, conversation: "c0" });
  assert.equal(store.state.invitation, null);
  wire.emit("call:ended", { conversation: "c1", reason: "hangup", by: "customer" });
  wire.emit("call:invite", ASKED);
  wire.emit("call:accept", ACCEPTED);
  controller.invite("video");
  controller.answerInvitation(true);
  assert.deepEqual([store.state.invitation, calls.length, wire.sent.length], [null, 0, 0]);
});

test("a console that was loaded anew shows what is open, and ends a call that the server forgot", () => {
  const { wire, store } = desk();
  wire.emit("call:accept", { ...ACCEPTED, polite: false });
  const invitation = { invitation: 3, media: "audio", by: "customer" };
  wire.emit("resync", { state: { ...ACTIVE, ...WRITING, invitation } });
  assert.deepEqual(store.state.invitation, invitation);
  assert.ok(calls[0].did.includes("close"));
});
