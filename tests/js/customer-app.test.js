import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { CustomerApp } from "../../static/js/app/customer/customer-app.js";
import { mailSaid } from "../../static/js/app/customer/letter.js";
import { ReconnectPolicy } from "../../static/js/core/backoff.js";
import { Emitter } from "../../static/js/core/emitter.js";
import { getLocale } from "../../static/js/core/i18n.js";
import { memoryStore } from "../../static/js/core/storage.js";
import { Session } from "../../static/js/net/session.js";
import { FakeSocket } from "./fakes/socket.js";

const FORM = { name: "Ayşe", topic: "", media: "video" };
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
  media: "video",
  token: "renewed",
};

/** A call that only remembers what was asked of it. */
class FakeCall extends Emitter {
  done = [];
  localStream = { getAudioTracks: () => [] };
  constructor(options) {
    super();
    this.options = options;
    this.conversation = options.conversation;
    for (const name of [
      "start",
      "close",
      "setLocalStream",
      "setMuted",
      "setCamera",
      "restartIce",
      "audioOnly",
      "resumeVideo",
      "resync",
    ]) {
      this[name] = async (...given) => void this.done.push([name, ...given]);
    }
  }
}

class FakeArchive {
  kept = new Map();
  asked = [];
  async read(token) {
    this.asked.push(token);
    const chat = this.kept.get(token);
    if (!chat) throw Object.assign(new Error("gone"), { gone: true });
    return chat;
  }
}

let calls;
let storage;
/** What the server still has of conversations that are over, by token; how often it was asked. */
let archive;

function page({ alone = false, ...more } = {}) {
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
    archive: async () => archive,
    createCall: (options) => {
      calls.push(new FakeCall(options));
      return calls.at(-1);
    },
    acquire: async (media) => ({ stream: null, media, problem: null }),
    release: () => {},
    isHidden: () => false,
    isOnline: () => true,
    ...more,
  });
  app.start(alone);
  return app;
}

function inCall(more = {}) {
  const app = page(more);
  app.join(FORM);
  FakeSocket.last.open().welcome().give(JOINED).give(READY);
  return app;
}

beforeEach(() => {
  FakeSocket.reset();
  calls = [];
  storage = memoryStore();
  archive = new FakeArchive();
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
});

test("a visitor who only looks opens no socket", () => {
  assert.equal(page().state.screen, "welcome");
  assert.equal(FakeSocket.made.length, 0);
});

test("who is known to be alone goes on in the form at once; else it is asked first", async () => {
  const tabs = { leader: null, closed: false, found: Promise.resolve(), on() {}, lead() {}, release() {} };
  const turn = async () => {
    for (let n = 0; n < 3; n++) await null;
  };
  assert.equal(page({ tabs, alone: true }).state.screen, "welcome");
  const unsure = page({ tabs });
  assert.equal(unsure.state.screen, "loading");
  await turn();
  assert.equal(unsure.state.screen, "welcome");
  const follows = page({ tabs: { ...tabs, leader: { token: "t" } } });
  await turn();
  assert.equal(follows.state.screen, "replaced");
});

test("a closed site is still closed when another tab's conversation is over", async () => {
  /** @type {Record<string, () => void>} */
  const heard = {};
  const tabs = { leader: { token: "t" }, closed: false, found: Promise.resolve(), lead() {}, release() {} };
  Object.assign(tabs, { on: (name, act) => (heard[name] = act) });
  const app = page({ tabs, hours: { opens: 5_000_000 } });
  for (let n = 0; n < 3; n++) await null;
  assert.equal(app.state.screen, "replaced");
  tabs.leader = null;
  heard.over();
  assert.deepEqual(
    [app.state.screen, app.state.refused?.code, app.state.refused?.opensAt],
    ["refused", "closed", 5_000_000],
  );
});

test("join, wait, talk", () => {
  const app = page();
  app.join(FORM);
  assert.equal(app.state.screen, "joining");
  FakeSocket.last.open().welcome();
  const [join] = FakeSocket.last.ofType("queue:join");
  assert.deepEqual([join.name, join.media, join.topic, typeof join.join_key], ["Ayşe", "video", undefined, "string"]);
  FakeSocket.last.give(JOINED);
  assert.equal(app.state.screen, "waiting");
  FakeSocket.last.give(READY);
  assert.equal(app.state.screen, "call");
  assert.equal(calls.length, 1);
  assert.deepEqual(
    [calls[0].options.conversation, calls[0].options.polite, calls[0].options.initiate],
    ["c1", true, undefined],
  );
});

test("who asks for video where it is switched off talks", () => {
  page({ video: false }).join(FORM);
  assert.equal(FakeSocket.last.open().welcome().ofType("queue:join")[0].media, "audio");
});

test("a lost answer to the join is asked for again under the same key, after a reload too", () => {
  page().join(FORM);
  FakeSocket.last.open().welcome();
  const [first] = FakeSocket.last.ofType("queue:join");
  FakeSocket.last.die();
  mock.timers.tick(100);
  FakeSocket.last.open().welcome();
  assert.equal(FakeSocket.last.ofType("queue:join")[0].join_key, first.join_key);
  page();
  FakeSocket.last.open().welcome();
  assert.equal(FakeSocket.last.ofType("queue:join")[0].join_key, first.join_key);
});

test("a reloaded page in a call builds it anew, one generation higher, and offers", () => {
  inCall();
  const app = page();
  assert.equal(app.state.screen, "loading");
  FakeSocket.last.open();
  assert.deepEqual(FakeSocket.last.sent[0].resume, { token: "renewed" });
  FakeSocket.last.welcome({ epoch: 10 }).give({
    type: "resync",
    epoch: 10,
    seq: 0,
    state: {
      phase: "active",
      conversation: "c1",
      peer: { name: "Elif" },
      polite: true,
      media: "video",
      ice_servers: [],
      gen: 4,
      transcript: [],
      since: 1,
    },
  });
  assert.equal(app.state.screen, "call");
  assert.deepEqual([calls[1].options.gen, calls[1].options.initiate], [5, true]);
});

test("a rebuilt mailbox does not touch a call that lives", () => {
  inCall();
  FakeSocket.last.give({
    type: "resync",
    epoch: 10,
    seq: 0,
    state: { phase: "active", conversation: "c1", peer: { name: "Elif" }, media: "video", gen: 2, transcript: [] },
  });
  assert.equal(calls.length, 1);
  assert.equal(calls[0].done.at(-1)[0], "resync");
});

test("a lost socket leaves the call alone", () => {
  const app = inCall();
  FakeSocket.last.die();
  assert.equal(app.state.screen, "call");
  assert.equal(app.state.link, "reconnecting");
  mock.timers.tick(100);
  FakeSocket.last.open().welcome({ resumed: true, epoch: 9 });
  assert.equal(app.state.link, "open");
  assert.ok(!calls[0].done.some(([name]) => name === "close"));
});

test("Redis out: temporarily unavailable until it is back", () => {
  const app = page();
  app.join(FORM);
  FakeSocket.last
    .open()
    .give({ type: "error", code: "store_unavailable", message: "", retryable: true, retry_after: 2 });
  FakeSocket.last.die(4503);
  assert.equal(app.state.link, "unavailable");
  mock.timers.tick(3000);
  FakeSocket.last.die(1006);
  assert.equal(app.state.link, "unavailable");
  mock.timers.tick(3000);
  FakeSocket.last.open().welcome();
  assert.equal(app.state.link, "open");
  assert.equal(FakeSocket.last.ofType("queue:join").length, 1);
});

test("a join that the store could not take is tried again on the same socket", () => {
  const app = page();
  app.join(FORM);
  FakeSocket.last.open().welcome().give({
    type: "error",
    code: "store_unavailable",
    message: "",
    retryable: true,
    retry_after: 2,
    ref: "queue:join",
  });
  assert.equal(app.state.link, "unavailable");
  mock.timers.tick(3000);
  assert.equal(FakeSocket.last.ofType("queue:join").length, 2);
});

test("refused: the socket stays, a later try gets a new key", () => {
  const app = page();
  app.join(FORM);
  FakeSocket.last.open().welcome().give({ type: "queue:refused", code: "full", message: "Dolu" });
  assert.equal(app.state.screen, "refused");
  const [first] = FakeSocket.last.ofType("queue:join");
  app.rejoin();
  FakeSocket.last.open().welcome();
  assert.notEqual(FakeSocket.last.ofType("queue:join")[0].join_key, first.join_key);
});

test("hanging up ends it here at once and says so to the server", () => {
  const app = inCall();
  app.hangUp();
  assert.equal(app.state.screen, "ended");
  assert.equal(calls[0].done.at(-1)[0], "close");
  const [end] = FakeSocket.last.ofType("call:end");
  assert.ok(end.id > 0);
  FakeSocket.last.give({ type: "call:ended", seq: 2, conversation: "c1", reason: "customer" });
  assert.ok(FakeSocket.last.closedByClient, "nothing is left to resume");
  assert.equal(storage.get("token"), null);
});

test("opened elsewhere: the call ends here, and continuing takes it over again", () => {
  const app = inCall();
  FakeSocket.last.die(4409);
  assert.equal(app.state.screen, "replaced");
  assert.equal(calls[0].done.at(-1)[0], "close");
  mock.timers.tick(60_000);
  assert.equal(FakeSocket.made.length, 1);
  app.continueHere();
  FakeSocket.last.open();
  assert.deepEqual(FakeSocket.last.sent[0].resume, { token: "renewed" });
});

test("an expired token leads back to the form", () => {
  storage.set("token", "old");
  const app = page();
  FakeSocket.last.open().give({ type: "error", code: "token_expired", message: "", retryable: false });
  assert.equal(app.state.screen, "welcome");
  assert.equal(app.state.notice, "customer.notice.expired");
  assert.equal(storage.get("token"), null);
});

test("chat is numbered, acknowledged and read", () => {
  const app = inCall();
  app.sendChat("merhaba");
  const [sent] = FakeSocket.last.ofType("chat:message");
  FakeSocket.last
    .give({ type: "ack", id: sent.id })
    .give({ type: "chat:message", seq: 2, id: 8, text: "selam", at: 1 });
  assert.deepEqual(
    app.state.lines.map((line) => line.state),
    ["sent", undefined],
  );
  assert.deepEqual(FakeSocket.last.ofType("chat:read"), [], "the chat is closed: nobody has seen it");
  app.toggleChat(true);
  assert.deepEqual(FakeSocket.last.ofType("chat:read"), [{ type: "chat:read", upto_id: 8 }]);
  assert.equal(app.state.unread, 0);
});

test("the operator may suspend the picture and give it back, never take it", () => {
  inCall();
  for (const action of ["ice-restart", "audio-only", "video"])
    FakeSocket.last.give({
      type: "call:control",
      seq: 2 + ["ice-restart", "audio-only", "video"].indexOf(action),
      action,
    });
  assert.deepEqual(
    calls[0].done.slice(-3).map(([name]) => name),
    ["restartIce", "audioOnly", "resumeVideo"],
  );
});

test("leaving gives the place back", () => {
  const app = page();
  app.join(FORM);
  FakeSocket.last.open().welcome().give(JOINED);
  app.leave();
  assert.equal(app.state.screen, "ended");
  assert.equal(FakeSocket.last.ofType("queue:leave")[0].reason, "left");
  FakeSocket.last.give({ type: "queue:left", reason: "left" });
  assert.equal(storage.get("token"), null);
});

test("after a call that the network ended, one press asks for the head of the line", () => {
  const app = inCall();
  FakeSocket.last.give({ type: "call:ended", conversation: "c1", seq: 2, reason: "operator-lost" });
  assert.deepEqual([app.state.screen, app.state.ended?.reason], ["ended", "operator-lost"]);
  app.rejoin();
  FakeSocket.last.open().welcome();
  const [join] = FakeSocket.last.ofType("queue:join");
  assert.equal(join.returning, "renewed");
  FakeSocket.last.give({ ...JOINED, conversation: "c2" });
  app.home();
  app.join(FORM);
  FakeSocket.last.open().welcome();
  assert.equal(FakeSocket.last.ofType("queue:join")[0].returning, undefined);
});

test("an end that somebody chose gives no claim to it", () => {
  const app = inCall();
  FakeSocket.last.give({ type: "call:ended", conversation: "c1", seq: 2, reason: "operator" });
  app.rejoin();
  FakeSocket.last.open().welcome();
  assert.equal(FakeSocket.last.ofType("queue:join")[0].returning, undefined);
});

test("a held call is given up for the head of the line: ended first, then joined, with one press", () => {
  const app = inCall();
  app.goBack();
  assert.equal(app.state.screen, "joining");
  assert.equal(calls[0].done.at(-1)[0], "close");
  const socket = FakeSocket.last;
  assert.equal(socket.ofType("call:end")[0].reason, "connection");
  assert.equal(FakeSocket.made.length, 1);
  socket.give({ type: "call:ended", conversation: "c1", seq: 2, reason: "connection" });
  FakeSocket.last.open().welcome();
  assert.equal(FakeSocket.last.ofType("queue:join")[0].returning, "renewed");
  assert.equal(app.state.screen, "joining");
});

test("what the site says of its visitor never keeps the visitor from joining", () => {
  const app = page();
  const told = [];
  app.on("host-fault", (fault) => told.push(fault));
  app.visitor = { identity: "forged", attributes: { plan: "pro" } };
  app.join(FORM);
  FakeSocket.last.open().welcome();
  FakeSocket.last.give({ type: "error", code: "identity_invalid", message: "", retryable: false, ref: "queue:join" });
  FakeSocket.last.give({
    type: "error",
    code: "bad_frame",
    message: "",
    retryable: false,
    ref: "queue:join",
    fields: { "attributes.plan.str": "no" },
  });
  const joins = FakeSocket.last.ofType("queue:join");
  assert.deepEqual(
    joins.map(({ identity, attributes }) => [identity, attributes]),
    [
      ["forged", { plan: "pro" }],
      [undefined, { plan: "pro" }],
      [undefined, undefined],
    ],
  );
  assert.equal(new Set(joins.map((join) => join.join_key)).size, 1);
  assert.deepEqual(told, [
    { code: "identity_invalid", field: "identity" },
    { code: "bad_frame", field: "attributes" },
  ]);
  assert.equal(app.state.screen, "joining");
  FakeSocket.last.give({
    type: "error",
    code: "bad_frame",
    message: "",
    retryable: false,
    ref: "queue:join",
    fields: { attributes: "no" },
  });
  assert.equal(app.state.screen, "welcome");
});

test("what the site kept brings the conversation back where this page could keep nothing", () => {
  const app = page();
  const pass = { handle: "sealed", origin: "https://shop.example" };
  app.resumeWith(pass);
  assert.equal(app.state.screen, "loading");
  FakeSocket.last.open();
  assert.deepEqual(FakeSocket.last.sent[0].resume, pass);
  FakeSocket.last.welcome({ epoch: 9, token: "secret" }).give({
    type: "resync",
    epoch: 9,
    seq: 0,
    state: { phase: "active", conversation: "c1", media: "chat", gen: 0, peer: { name: "Elif" }, transcript: [] },
  });
  assert.deepEqual([app.state.screen, storage.get("token")], ["call", "secret"]);
  // From then on by the token, which stays here.
  FakeSocket.last.die();
  mock.timers.tick(100);
  FakeSocket.last.open();
  assert.deepEqual(FakeSocket.last.sent[0].resume, { token: "secret", epoch: 9, last_seq: 0 });
});

test("a handle that is no longer good leads to the form, with a word, and is not tried again", () => {
  const app = page();
  app.resumeWith({ handle: "old", origin: "https://shop.example" });
  FakeSocket.last
    .open()
    .give({ type: "error", code: "token_expired", message: "", retryable: false, ref: "hello" })
    .welcome();
  assert.deepEqual([app.state.screen, app.state.notice], ["welcome", "customer.notice.expired"]);
  app.join(FORM);
  FakeSocket.last.open();
  assert.equal(FakeSocket.last.sent[0].resume, undefined);
});

test("who is in a conversation here needs no handle", () => {
  const app = inCall();
  app.resumeWith({ handle: "sealed", origin: "https://shop.example" });
  assert.equal(app.state.screen, "call");
  assert.equal(FakeSocket.made.length, 1);
});

/** A call in which each side said a line, over by now; its token is `renewed`. */
function talked(kept = {}) {
  const app = inCall();
  app.sendChat("merhaba");
  FakeSocket.last.give({ type: "ack", id: 1 }).give({ type: "chat:message", id: 1, text: "buyurun", at: 5, seq: 2 });
  const transcript = [
    { from: "customer", id: 1, text: "merhaba", at: 4 },
    { from: "operator", id: 1, text: "buyurun", at: 5 },
  ];
  const chat = {
    conversation: "c1",
    reason: "operator",
    media: "video",
    peer: { name: "Elif" },
    since: 1000,
    transcript,
  };
  archive.kept.set("renewed", { ...chat, ended_at: 61_000, ...kept });
  FakeSocket.last.give({ type: "call:ended", conversation: "c1", reason: "operator", seq: 3 });
  return app;
}

const settled = async () => {
  for (let turn = 0; turn < 9; turn += 1) await Promise.resolve();
};
const texts = (app) => app.state.lines.map(({ from, text }) => `${from} ${text}`);

test("what was said stays on the page after the end, and through reloads, without a socket", async () => {
  assert.deepEqual(texts(talked()), ["own merhaba", "peer buyurun"]);
  for (let reload = 0; reload < 2; reload += 1) {
    const sockets = FakeSocket.made.length;
    const app = page();
    assert.equal(app.state.screen, "loading");
    await settled();
    assert.deepEqual([app.state.screen, app.state.peer.name, app.state.ended.durationMs], ["ended", "Elif", 60_000]);
    assert.deepEqual(texts(app), ["own merhaba", "peer buyurun"]);
    assert.equal(FakeSocket.made.length, sockets);
  }
});

test("where nothing was said a reload shows the form", async () => {
  inCall();
  FakeSocket.last.give({ type: "call:ended", conversation: "c1", reason: "operator", seq: 2 });
  const app = page();
  await settled();
  assert.deepEqual([app.state.screen, archive.asked], ["welcome", []]);
});

test("where there is something to rate a reload shows the end again, until it is left", async () => {
  inCall({ ratings: true });
  FakeSocket.last
    .give({ ...READY, seq: 2, since: 500 })
    .give({ type: "call:ended", conversation: "c1", reason: "operator", seq: 3 });
  archive.kept.set("renewed", {
    conversation: "c1",
    reason: "operator",
    media: "video",
    peer: { name: "Elif" },
    since: 1000,
    ended_at: 2000,
    transcript: [],
  });
  const app = page({ ratings: true });
  await settled();
  assert.deepEqual([app.state.screen, app.said.token, app.state.lines], ["ended", "renewed", []]);
  app.clear();
  assert.equal(app.said.token, null);
});

test("who never talked has nothing to rate", () => {
  const app = page({ ratings: true });
  app.join({ name: "Ayşe", topic: "", media: "video" });
  FakeSocket.last.open().welcome().give(JOINED).give({ type: "queue:left", reason: "max-wait" });
  assert.deepEqual([app.state.screen, app.said.token], ["ended", null]);
});

test("clearing forgets it at once", async () => {
  const app = talked();
  app.clear();
  assert.deepEqual([app.state.screen, app.state.lines], ["welcome", []]);
  assert.equal(page().state.screen, "welcome");
  assert.deepEqual(archive.asked, []);
});

test("a new conversation takes its place; one that was refused does not", async () => {
  const app = talked();
  app.rejoin();
  FakeSocket.last.open().welcome().give({ type: "queue:refused", code: "full", message: "", retry_after: 30 });
  const again = page();
  await settled();
  assert.equal(again.state.screen, "ended");
  again.rejoin();
  FakeSocket.last.open().welcome().give(JOINED);
  again.leave();
  FakeSocket.last.give({ type: "queue:left", reason: "left", seq: 1 });
  assert.equal(page().state.screen, "welcome");
});

test("a day later it is gone: on a reload, and on a page that stood open", async () => {
  const open = talked();
  mock.timers.tick(23 * 3_600_000);
  assert.equal(open.state.screen, "ended");
  mock.timers.tick(3_600_000);
  assert.deepEqual([open.state.screen, open.state.lines], ["welcome", []]);
  assert.equal(page().state.screen, "welcome");
  assert.deepEqual(archive.asked, []);
});

test("what the server no longer has is forgotten here too; one that does not answer is asked by the next page", async () => {
  talked();
  const chat = archive.kept.get("renewed");
  archive.read = async () => {
    throw Object.assign(new Error("no answer"), { gone: false });
  };
  const offline = page();
  await settled();
  assert.equal(offline.state.screen, "welcome");
  archive.read = async () => chat;
  const online = page();
  await settled();
  assert.equal(online.state.screen, "ended");
  archive.read = async () => {
    throw Object.assign(new Error("erased"), { gone: true });
  };
  page();
  await settled();
  assert.equal(storage.get("said"), null);
});

test("a line that was not delivered before the end says so", () => {
  const app = inCall();
  app.sendChat("duyuyor musunuz?");
  FakeSocket.last.give({ type: "call:ended", conversation: "c1", reason: "operator", seq: 2 });
  assert.equal(app.state.lines[0].state, "failed");
});

test("what stands in the storage is not believed", async () => {
  for (const junk of [
    "",
    "null",
    "[]",
    "{",
    '{"token":5,"until":1e300}',
    '{"token":"x"}',
    '{"token":"x","until":"z"}',
  ]) {
    storage.set("said", junk);
    const app = page();
    await settled();
    assert.equal(app.state.screen, "welcome", junk);
  }
  assert.deepEqual(archive.asked, []);
});

const letter = (told) => ({ address: "a@b.example", locale: getLocale(), told });

test("a letter is followed until it is sent or refused; one that takes its time is late", async () => {
  for (const [states, told] of [
    [
      ["sending", "sent"],
      ["sending", "sent"],
    ],
    [
      ["late", "late", "refused"],
      ["sending", "late", "refused"],
    ],
    [Array(8).fill("sending"), ["sending", "late"]],
    [Array(8).fill("late"), ["sending", "late"]],
  ]) {
    storage = memoryStore();
    const app = talked();
    const asked = [];
    archive.mail = async (...given) => void asked.push(given);
    archive.mailState = async () => states.shift() ?? assert.fail("asked too often");
    const heard = [];
    const done = mailSaid(
      app.said,
      archive,
      letter((state) => heard.push(state)),
    );
    for (let turn = 0; turn < 10; turn += 1) {
      await settled();
      mock.timers.tick(60_000);
    }
    await settled();
    await done;
    assert.deepEqual(heard, told);
    assert.deepEqual(asked, [["renewed", "a@b.example", getLocale()]]);
  }
});

test("a letter that was not even taken says why", async () => {
  const app = talked();
  archive.mail = async () => {
    throw new Error("Az önce bir sohbet gönderildi.");
  };
  await assert.rejects(
    mailSaid(
      app.said,
      archive,
      letter(() => assert.fail("nothing was sent")),
    ),
    /Az önce/,
  );
});

test("of whom was erased nothing stays on the page", async () => {
  const app = inCall();
  app.sendChat("adım Ayşe");
  FakeSocket.last
    .give({ type: "ack", id: 1 })
    .give({ type: "call:ended", conversation: "c1", reason: "erased", seq: 2 });
  assert.deepEqual([app.state.screen, app.state.lines, storage.get("said")], ["ended", [], null]);
});

test("a match that nobody answered leads back to the head of the queue, and the next one begins above its numbers", async () => {
  const app = inCall();
  const notices = [];
  app.on("toast", (toast) => notices.push(toast.keys[0]));
  FakeSocket.last.give({ type: "chat:message", conversation: "c1", seq: 2, id: 1, text: "Hello", at: 1 });
  FakeSocket.last.give({
    type: "queue:returned",
    conversation: "c1",
    seq: 3,
    reason: "unanswered",
    position: 1,
    waiting: 3,
  });
  assert.equal(app.state.screen, "waiting");
  assert.deepEqual([app.state.position, app.state.waiting, app.state.peer.name], [1, 3, ""]);
  assert.equal(app.state.lines.length, 1);
  assert.equal(calls[0].done.at(-1)[0], "close");
  assert.deepEqual(notices, ["customer.notice.returned"]);
  FakeSocket.last.give({ ...READY, seq: 4, peer: { name: "Deniz" }, gen: 1003 });
  assert.equal(app.state.screen, "call");
  assert.equal(app.state.peer.name, "Deniz");
  assert.equal(calls[1].options.gen, 1004);
  assert.equal(calls.length, 2);
});
