import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { ReconnectPolicy } from "../../static/js/core/backoff.js";
import { pageId } from "../../static/js/core/random.js";
import { memoryStore } from "../../static/js/core/storage.js";
import { Session } from "../../static/js/net/session.js";
import { FakeSocket } from "./fakes/socket.js";

let watched;

function session(options = {}) {
  return new Session({
    url: "ws://x/ws/customer/",
    storage: memoryStore(),
    policy: new ReconnectPolicy({ delaysMs: [100], jitter: 0 }),
    race: new ReconnectPolicy({ delaysMs: [0, 300], jitter: 0 }),
    WebSocket: FakeSocket,
    watch: (actions) => {
      watched = actions;
      return () => {
        watched = null;
      };
    },
    ...options,
  });
}

function connected(options, welcome = { epoch: 7 }) {
  const made = session(options);
  made.start();
  FakeSocket.last.open().welcome(welcome);
  return made;
}

function record(target, ...names) {
  const heard = [];
  for (const name of names) target.on(name, (detail) => heard.push([name, detail]));
  return heard;
}

beforeEach(() => {
  FakeSocket.reset();
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
});

test("says hello under the subprotocol, without resume the first time", () => {
  session().start();
  assert.deepEqual(FakeSocket.last.protocols, ["adminara.v1"]);
  assert.deepEqual(FakeSocket.last.sent, []);
  FakeSocket.last.open();
  assert.deepEqual(FakeSocket.last.sent, [{ type: "hello", protocol: 1, request_id: pageId }]);
});

test("a reloaded page resumes by token alone, so the server sends the whole state", () => {
  const storage = memoryStore();
  storage.set("token", "secret");
  session({ storage, mobile: true }).start();
  FakeSocket.last.open();
  assert.deepEqual(FakeSocket.last.sent[0], {
    type: "hello",
    protocol: 1,
    request_id: pageId,
    mobile: true,
    resume: { token: "secret" },
  });
  assert.ok(!FakeSocket.last.url.includes("secret"));
});

test("a lost socket is resumed with token, epoch and last_seq", () => {
  const made = connected();
  FakeSocket.last.give({ type: "queue:joined", conversation: "c", token: "secret", epoch: 9, position: 1 });
  FakeSocket.last.give({ type: "queue:ready", seq: 1, token: "renewed" });
  FakeSocket.last.die();
  assert.equal(made.state, "down");
  mock.timers.tick(100);
  FakeSocket.last.open();
  assert.deepEqual(FakeSocket.last.sent[0].resume, { token: "renewed", epoch: 9, last_seq: 1 });
});

test("an operator resumes by epoch and last_seq only", () => {
  connected({ storage: undefined, hello: () => undefined });
  FakeSocket.last.give({ type: "call:ended", seq: 1 });
  FakeSocket.last.die();
  mock.timers.tick(100);
  FakeSocket.last.open();
  assert.deepEqual(FakeSocket.last.sent[0].resume, { epoch: 7, last_seq: 1 });
});

test("frames are told under their type, once and in order", () => {
  const made = connected();
  const heard = record(made, "chat:message");
  const socket = FakeSocket.last;
  for (const seq of [1, 2, 2, 1, 3]) socket.give({ type: "chat:message", seq, text: String(seq) });
  assert.deepEqual(
    heard.map(([, frame]) => frame.seq),
    [1, 2, 3],
  );
});

test("acks are cumulative and at most every 250 ms", () => {
  connected();
  const socket = FakeSocket.last;
  socket.give({ type: "chat:message", seq: 1 }).give({ type: "chat:message", seq: 2 });
  mock.timers.tick(249);
  assert.deepEqual(socket.ofType("ack"), []);
  mock.timers.tick(1);
  assert.deepEqual(socket.ofType("ack"), [{ type: "ack", seq: 2 }]);
  socket.give({ type: "chat:message", seq: 2 });
  mock.timers.tick(250);
  assert.deepEqual(
    socket.ofType("ack").map((frame) => frame.seq),
    [2, 2],
    "a doubled frame means that the ack was lost",
  );
});

test("a gap takes nothing and asks again through a new socket", () => {
  const made = connected();
  const heard = record(made, "chat:message");
  const first = FakeSocket.last;
  first.give({ type: "chat:message", seq: 1 }).give({ type: "chat:message", seq: 3 });
  assert.ok(first.closedByClient);
  mock.timers.tick(100);
  FakeSocket.last.open();
  assert.equal(FakeSocket.last.sent[0].resume.last_seq, 1);
  FakeSocket.last
    .welcome({ resumed: true, epoch: 7 })
    .give({ type: "chat:message", seq: 2 })
    .give({ type: "chat:message", seq: 3 });
  assert.deepEqual(
    heard.map(([, frame]) => frame.seq),
    [1, 2, 3],
  );
});

test("resync sets where the numbers go on, and says the state", () => {
  const made = connected();
  FakeSocket.last.give({ type: "chat:message", seq: 1 });
  const heard = record(made, "resync", "chat:message");
  FakeSocket.last
    .give({ type: "resync", epoch: 8, seq: 0, state: { phase: "active", gen: 5 } })
    .give({ type: "chat:message", seq: 1 });
  assert.deepEqual(
    heard.map(([name]) => name),
    ["resync", "chat:message"],
  );
  assert.equal(made.gen, 5);
  FakeSocket.last.die();
  mock.timers.tick(100);
  FakeSocket.last.open();
  assert.deepEqual(FakeSocket.last.sent[0].resume, { epoch: 8, last_seq: 1 });
});

test("numbered frames count above the server's last id", () => {
  const made = connected({}, { epoch: 7, last_id: 41 });
  assert.equal(made.sendNumbered("chat:message", { text: "a" }), 42);
  assert.deepEqual(FakeSocket.last.sent.at(-1), { type: "chat:message", text: "a", id: 42 });
});

test("what was not acknowledged is sent again on the next socket, in order", () => {
  const made = connected();
  const ids = ["a", "b", "c"].map((text) => made.sendNumbered("chat:message", { text }));
  FakeSocket.last.give({ type: "ack", id: ids[1] });
  FakeSocket.last.die();
  const late = made.sendNumbered("chat:message", { text: "d" });
  mock.timers.tick(100);
  FakeSocket.last.open().welcome({ resumed: true, epoch: 7, last_id: ids[1] });
  assert.deepEqual(
    FakeSocket.last.ofType("chat:message").map((frame) => frame.id),
    [ids[0], ids[2], late],
  );
});

test("what was acknowledged is sent again for ten seconds if the server lost it", () => {
  const made = connected();
  const id = made.sendNumbered("chat:message", { text: "a" });
  FakeSocket.last.give({ type: "ack", id });
  FakeSocket.last.die();
  mock.timers.tick(100);
  FakeSocket.last.open().welcome({ resumed: true, epoch: 7, last_id: 0 });
  assert.deepEqual(
    FakeSocket.last.ofType("chat:message").map((frame) => frame.id),
    [id],
  );
  FakeSocket.last.give({ type: "ack", id });
  mock.timers.tick(12_000);
  FakeSocket.last.give({ type: "ping", t: 1 });
  FakeSocket.last.die();
  mock.timers.tick(100);
  FakeSocket.last.open().welcome({ resumed: true, epoch: 7, last_id: 0 });
  assert.deepEqual(FakeSocket.last.ofType("chat:message"), []);
});

test("those ten seconds do not run while the socket is down: a store that died forgets what it acknowledged last", () => {
  const made = connected();
  const id = made.sendNumbered("chat:message", { text: "a" });
  FakeSocket.last.give({ type: "ack", id });
  for (let passed = 0; passed < 40; passed++) {
    FakeSocket.last.die();
    mock.timers.tick(1000);
  }
  FakeSocket.last.open().welcome({ resumed: false, epoch: 8, last_id: 0 });
  assert.deepEqual(
    FakeSocket.last.ofType("chat:message").map((frame) => frame.id),
    [id],
  );
});

test("acks are told once", () => {
  const made = connected();
  const heard = record(made, "acked");
  const id = made.sendNumbered("chat:message", { text: "a" });
  FakeSocket.last.give({ type: "ack", id }).give({ type: "ack", id });
  assert.deepEqual(heard, [["acked", { id }]]);
});

test("a refused frame is given up, a retryable one sent again", () => {
  const made = connected();
  const heard = record(made, "rejected");
  const [bad, busy] = ["a", "b"].map((text) => made.sendNumbered("chat:message", { text }));
  FakeSocket.last.give({ type: "error", code: "wrong_conversation", message: "", retryable: false, ref: bad });
  FakeSocket.last.give({
    type: "error",
    code: "store_unavailable",
    message: "",
    retryable: true,
    retry_after: 2,
    ref: busy,
  });
  assert.deepEqual(
    heard.map(([, { id }]) => id),
    [bad],
  );
  mock.timers.tick(2000);
  assert.deepEqual(
    FakeSocket.last.ofType("chat:message").map((frame) => frame.id),
    [bad, busy, busy],
  );
});

test("nothing numbered goes out before the first welcome, nor what no server would take", () => {
  const made = session();
  made.start();
  assert.throws(() => made.sendNumbered("chat:message", { text: "a" }), /welcome/);
  FakeSocket.last.open().welcome();
  assert.throws(() => made.sendNumbered("chat:message", { text: "x".repeat(70_000) }), RangeError);
});

test("pings are answered", () => {
  connected();
  FakeSocket.last.give({ type: "ping", t: 12 });
  assert.deepEqual(FakeSocket.last.sent.at(-1), { type: "pong", t: 12 });
});

test("4409 is terminal", () => {
  const made = connected();
  const heard = record(made, "replaced", "down");
  FakeSocket.last.die(4409);
  mock.timers.tick(60_000);
  assert.deepEqual(
    heard.map(([name]) => name),
    ["replaced"],
  );
  assert.equal(FakeSocket.made.length, 1);
  made.start();
  assert.equal(FakeSocket.made.length, 2, "only the customer's wish connects again");
});

test("4401 and 4400 end it too", () => {
  for (const [code, name] of [
    [4401, "unauthorized"],
    [4400, "fatal"],
    [4403, "fatal"],
  ]) {
    const made = connected();
    const heard = record(made, name);
    FakeSocket.last.die(code);
    assert.equal(heard.length, 1);
    assert.equal(made.state, name);
  }
});

test("4503 waits as long as the server asked for", () => {
  const made = connected();
  const heard = record(made, "down");
  FakeSocket.last.give({ type: "error", code: "store_unavailable", message: "", retryable: true, retry_after: 5 });
  FakeSocket.last.die(4503);
  const [, { code, retryInMs }] = heard[0];
  assert.equal(code, 4503);
  assert.ok(retryInMs >= 5000 && retryInMs <= 7500, String(retryInMs));
});

test("a silent socket is probed, then raced; the first welcome wins and the old one is dropped", () => {
  const made = connected();
  const [first] = FakeSocket.made;
  // In steps: mocked timers tell the time of the end to all that run within one tick.
  for (let passed = 0; passed < 26_000; passed += 2000) mock.timers.tick(2000);
  assert.equal(first.ofType("ping").length, 1);
  mock.timers.tick(1000);
  mock.timers.tick(0);
  assert.equal(FakeSocket.made.length, 2);
  assert.equal(made.connected, false);
  made.sendNumbered("chat:message", { text: "while in doubt" });
  assert.deepEqual(first.ofType("chat:message"), [], "nothing is put on a stalled socket");
  FakeSocket.last.open().welcome({ resumed: true, epoch: 7 });
  assert.ok(first.closedByClient);
  assert.equal(FakeSocket.last.ofType("chat:message").length, 1);
});

test("a raced socket that spoke after all stays", () => {
  const made = connected();
  const [first] = FakeSocket.made;
  made.raceSocket();
  mock.timers.tick(0);
  made.sendNumbered("chat:message", { text: "a" });
  first.give({ type: "ping", t: 1 });
  assert.ok(FakeSocket.last.closedByClient);
  assert.ok(made.connected);
  assert.equal(first.ofType("chat:message").length, 1);
});

test("in a blackhole a fresh socket goes out every two seconds, and none waits for one that stalls", () => {
  for (const lost of [false, true]) {
    FakeSocket.reset();
    const made = connected();
    if (lost) FakeSocket.last.die();
    made.raceSocket();
    mock.timers.tick(0);
    for (let passed = 0; passed < 18_000; passed += 1000) {
      mock.timers.tick(1000);
      mock.timers.tick(0);
      made.raceSocket(); // what recovery asks for every second changes nothing
    }
    assert.equal(FakeSocket.made.length, 1 + 10, lost ? "after the end of the socket" : "beside a stalled socket");
    assert.equal(FakeSocket.made.filter((socket) => !socket.closedByClient && socket.readyState === 0).length, 1);
    FakeSocket.last.open();
    mock.timers.tick(2500);
    FakeSocket.last.welcome({ resumed: true, epoch: 7 });
    assert.ok(made.connected, "what is open may take longer to be welcomed");
    made.stop();
  }
});

test("our own race is no takeover: the old socket's 4409 is expected", () => {
  const made = connected();
  const heard = record(made, "replaced");
  const [first] = FakeSocket.made;
  made.raceSocket();
  mock.timers.tick(0);
  FakeSocket.last.open();
  first.die(4409);
  FakeSocket.last.welcome({ resumed: true, epoch: 7 });
  assert.deepEqual(heard, []);
  assert.equal(made.state, "open");
});

test("a race that the server saw in the wrong order costs one more try, another tab's takeover none", () => {
  const made = connected();
  const heard = record(made, "replaced");
  made.raceSocket();
  mock.timers.tick(0);
  FakeSocket.last.open().welcome({ resumed: true, epoch: 7 });
  FakeSocket.last.die(4409);
  mock.timers.tick(100);
  FakeSocket.last.open().welcome({ resumed: true, epoch: 7 });
  assert.deepEqual(heard, []);
  FakeSocket.last.die(4409);
  assert.equal(heard.length, 1);
});

test("`online` ends the wait for the next try", () => {
  connected({ policy: new ReconnectPolicy({ delaysMs: [60_000] }) });
  FakeSocket.last.die();
  watched.online();
  assert.equal(FakeSocket.made.length, 2);
});

test("a socket that never gets its welcome is given up", () => {
  const made = session();
  made.start();
  FakeSocket.last.open();
  mock.timers.tick(3000);
  assert.ok(FakeSocket.last.closedByClient);
  mock.timers.tick(100);
  assert.equal(FakeSocket.made.length, 2);
});

test("forgotten, the next hello starts anew and counts on", () => {
  const storage = memoryStore();
  const made = connected({ storage });
  FakeSocket.last.give({ type: "queue:joined", token: "secret", epoch: 9 });
  const id = made.sendNumbered("chat:message", { text: "a" });
  made.stop();
  made.forget();
  made.start();
  FakeSocket.last.open().welcome({ epoch: null });
  assert.deepEqual(FakeSocket.last.sent, [{ type: "hello", protocol: 1, request_id: pageId }]);
  assert.ok(made.sendNumbered("chat:message", { text: "b" }) > id);
});

test("the server's clock is known", () => {
  const made = connected({}, { server_time: 5000 });
  assert.equal(made.serverNow() - Date.now(), 5000);
});
