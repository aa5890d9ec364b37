import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { ReconnectPolicy } from "../../static/js/core/backoff.js";
import { memoryStore } from "../../static/js/core/storage.js";
import { KEPT_MOST, keptLines } from "../../static/js/net/kept-lines.js";
import { Session } from "../../static/js/net/session.js";
import { FakeSocket } from "./fakes/socket.js";

/** A page of a customer who has a place; another one on the same storage is the page after a reload. */
function page(storage) {
  const made = new Session({
    url: "ws://x/ws/customer/",
    storage,
    policy: new ReconnectPolicy({ delaysMs: [100], jitter: 0 }),
    race: new ReconnectPolicy({ delaysMs: [0], jitter: 0 }),
    WebSocket: FakeSocket,
    watch: () => () => undefined,
  });
  const kept = [];
  made.on("kept", (line) => kept.push(line));
  made.start();
  return { made, kept, welcome: (fields) => FakeSocket.last.open().welcome({ epoch: 7, ...fields }) };
}

const lines = () => FakeSocket.last.sent.filter((frame) => frame.type === "chat:message");

function withToken() {
  const storage = memoryStore();
  storage.set("token", "secret");
  return storage;
}

beforeEach(() => {
  FakeSocket.reset();
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
});

test("a line typed while the socket was away is sent by the next page, once and under its own id", () => {
  const storage = withToken();
  const first = page(storage);
  first.welcome({ last_id: 3 });
  FakeSocket.last.die();
  const id = first.made.sendNumbered("chat:message", { text: "still here?" });
  first.made.stop();

  const second = page(storage);
  second.welcome({ last_id: 3 });
  assert.deepEqual(second.kept, [{ id, text: "still here?" }]);
  assert.deepEqual(lines(), [{ type: "chat:message", id, text: "still here?" }]);
  FakeSocket.last.give({ type: "ack", id });
  assert.ok(second.made.sendNumbered("chat:message", { text: "next" }) > id);
  second.made.stop();

  const third = page(storage);
  third.welcome({ last_id: id });
  assert.deepEqual(
    third.kept.map((line) => line.text),
    ["next"],
  );
});

test("a file that was on the server already goes along with the next page", () => {
  const storage = withToken();
  const first = page(storage);
  first.welcome({ last_id: 3 });
  FakeSocket.last.die();
  const file = "abcdefghijklmnopqrstu_";
  const id = first.made.sendNumbered("chat:message", { file });
  first.made.stop();

  const second = page(storage);
  second.welcome({ last_id: 3 });
  assert.deepEqual(second.kept, [{ id, file: { id: file, name: "", state: "waiting" } }]);
  assert.deepEqual(lines(), [{ type: "chat:message", id, file }]);
});

test("what was answered is not kept, and neither is anything but lines", () => {
  const storage = withToken();
  const first = page(storage);
  first.welcome({ last_id: 0 });
  first.made.sendNumbered("rtc:description", { description: { type: "offer", sdp: "x" }, gen: 1 });
  const id = first.made.sendNumbered("chat:message", { text: "said" });
  assert.equal(keptLines(storage).length, 1);
  FakeSocket.last.give({ type: "ack", id });
  assert.deepEqual(keptLines(storage), []);
  const refused = first.made.sendNumbered("chat:message", { text: "no" });
  FakeSocket.last.give({ type: "error", code: "bad_frame", message: "", retryable: false, ref: refused });
  assert.deepEqual(keptLines(storage), []);
});

test("with the conversation its lines are forgotten", () => {
  const storage = withToken();
  const first = page(storage);
  first.welcome({ last_id: 0 });
  first.made.sendNumbered("chat:message", { text: "said" });
  first.made.forget();
  assert.deepEqual(keptLines(storage), []);
  const second = page(storage);
  second.welcome({ last_id: 0 });
  assert.deepEqual(second.kept, []);
});

test("whatever else stands in the storage is left out", () => {
  const hostile = [
    "",
    "{",
    "null",
    "5",
    '"x"',
    "{}",
    "[[]]",
    "[[1]]",
    '[[1,""]]',
    '[["1","x"]]',
    '[[0,"x"]]',
    '[[-1,"x"]]',
    '[[1.5,"x"]]',
    '[[9007199254740993,"x"]]',
    '[[1,{"toString":1}]]',
    '[[1,"","../x"]]',
    '[[1,"",{"toString":1}]]',
    '[[1,"",["abcdefghijklmnopqrstuv"]]]',
    `[[1,"${"x".repeat(9000)}"]]`,
    "[".repeat(10_000),
  ];
  for (const text of hostile) {
    const storage = withToken();
    storage.set("unsent", text);
    assert.deepEqual(keptLines(storage), [], text.slice(0, 40));
  }
  const storage = withToken();
  storage.set("unsent", JSON.stringify(Array.from({ length: 10_000 }, (_, number) => [number + 1, "x"])));
  assert.equal(keptLines(storage).length, KEPT_MOST);
});

test("a storage without room harms nobody", () => {
  const storage = withToken();
  const full = {
    ...storage,
    set: () => {
      throw new Error("QuotaExceededError");
    },
  };
  const first = page(full);
  first.welcome({ last_id: 0 });
  first.made.sendNumbered("chat:message", { text: "said" });
  assert.equal(lines().length, 1);
});
