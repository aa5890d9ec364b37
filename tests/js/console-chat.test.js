import assert from "node:assert/strict";
import { test } from "node:test";

import { LINE_MOST, lengthOf, sendable } from "../../static/js/core/text.js";
import { ChatModel } from "../../static/js/ui/console/chat/chat-model.js";

/** @param {ChatModel} chat */
const shown = (chat) => chat.lines.map((line) => [line.from, line.id, line.text, line.state]);

test("a text is sent without its trailing space, and not when empty or too long", () => {
  assert.equal(sendable("  merhaba \n\n"), "  merhaba");
  assert.equal(sendable(" \n "), null);
  assert.equal(sendable("x".repeat(LINE_MOST)), "x".repeat(LINE_MOST));
  assert.equal(sendable("x".repeat(LINE_MOST + 1)), null);
  assert.equal(lengthOf("👍👍"), 2);
});

test("an own line is sending, sent, seen", () => {
  const chat = new ChatModel();
  chat.begin("c1");
  chat.say({ id: 5, text: "merhaba" }, 1);
  assert.deepEqual(shown(chat), [["own", 5, "merhaba", "sending"]]);
  assert.equal(chat.stored(5), true);
  assert.equal(chat.stored(5), false);
  chat.peerRead(5);
  assert.equal(chat.lines[0].state, "seen");
});

test("a line that the server never takes says so", () => {
  const chat = new ChatModel();
  chat.begin("c1");
  chat.say({ id: 5, text: "merhaba" }, 1);
  chat.refused(5);
  assert.equal(chat.lines[0].state, "failed");
});

test("a line delivered twice stands once, and the two sides' ids do not meet", () => {
  const chat = new ChatModel();
  chat.begin("c1");
  chat.say({ id: 1, text: "ben" }, 1);
  assert.equal(chat.receive({ id: 1, text: "siz", at: 2 }, 3), true);
  assert.equal(chat.receive({ id: 1, text: "siz", at: 2 }, 3), false);
  assert.equal(chat.lines.length, 2);
});

test("the transcript replaces the lines; what is still under way stays behind it", () => {
  const chat = new ChatModel();
  chat.begin("c1");
  chat.say({ id: 1, text: "bir" }, 1);
  chat.say({ id: 2, text: "iki" }, 2);
  chat.restore([
    { from: "customer", id: 1, text: "merhaba", at: 0 },
    { from: "operator", id: 1, text: "bir", at: 1 },
  ]);
  assert.deepEqual(shown(chat), [
    ["peer", 1, "merhaba", undefined],
    ["own", 1, "bir", "sent"],
    ["own", 2, "iki", "sending"],
  ]);
});

test("lines count as unread until they are reported, and a new conversation starts empty", () => {
  const chat = new ChatModel();
  chat.begin("c1");
  chat.receive({ id: 3, text: "a", at: 1 }, 1);
  chat.receive({ id: 4, text: "b", at: 2 }, 2);
  assert.deepEqual([chat.unreadCount(), chat.unreadId()], [2, 4]);
  chat.reportedRead(4);
  assert.deepEqual([chat.unreadCount(), chat.unreadId()], [0, 0]);
  chat.begin("c1");
  assert.equal(chat.lines.length, 2);
  chat.begin("c2");
  assert.equal(chat.lines.length, 0);
});
