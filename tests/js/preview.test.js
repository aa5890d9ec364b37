import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Preview } from "../../static/js/app/customer/host/preview.js";
import { ChatModel } from "../../static/js/ui/console/chat/chat-model.js";

/** @type {string[]} */
let told;
/** @type {Preview} */
let preview;

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  told = [];
  preview = new Preview((text) => told.push(text));
});
afterEach(() => mock.timers.reset());

test("the newest text is told, once a second at most", () => {
  for (const text of ["m", "me", "mer"]) preview.write(text);
  assert.deepEqual(told, ["m"]);
  mock.timers.tick(1000);
  assert.deepEqual(told, ["m", "mer"]);
  mock.timers.tick(5000);
  assert.deepEqual(told, ["m", "mer"]);
  preview.write("merhaba");
  assert.deepEqual(told, ["m", "mer", "merhaba"]);
});

test("what was sent or taken out is told as nothing", () => {
  preview.write("merhaba");
  preview.write("merhaba!");
  preview.write("");
  mock.timers.tick(1000);
  assert.deepEqual(told, ["merhaba", ""]);
});

test("of a long text its end is told, and no half of a character", () => {
  preview.write(`${"😀".repeat(5000)}x\ud83d`);
  assert.equal([...told[0]].length, 500);
  assert.ok(told[0].endsWith("😀x"));
  assert.ok(told[0].isWellFormed());
});

test("the console shows it until the line comes, of this conversation alone", () => {
  const chat = new ChatModel();
  chat.begin("c1");
  assert.equal(chat.preview({ conversation: "c1", text: "mer \n" }), true);
  assert.equal(chat.peerDraft, "mer");
  assert.equal(chat.preview({ conversation: "c1", text: "mer" }), false);
  chat.receive({ id: 1, text: "merhaba", at: 5 }, 5);
  assert.equal(chat.peerDraft, "");
  for (const frame of [{ conversation: "c2", text: "x" }, { conversation: "c1", text: 5 }, undefined]) {
    chat.preview(frame);
    assert.equal(chat.peerDraft, "");
  }
  chat.preview({ conversation: "c1", text: "y" });
  chat.begin("c2");
  assert.equal(chat.peerDraft, "");
});
