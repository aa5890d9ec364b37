import assert from "node:assert/strict";
import { test } from "node:test";
import {
  encodeFrame,
  isVisible,
  LINE_MOST,
  lengthOf,
  roomLeft,
  sendable,
  wellFormed,
} from "../../static/js/core/text.js";
import { faultFrom, faultOf, tidyForm } from "../../static/js/ui/customer/join-form.js";
import { isSendingKey } from "../../static/js/ui/shared/chat/sending-key.js";

/** The same numbers on every run. @param {number} seed */
function random(seed) {
  let state = seed;
  return () => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

const UNITS = [
  "a",
  "ş",
  " ",
  "\n",
  "\\",
  '"',
  "\ud83d",
  "\udc4d",
  "\ud83d\udc4d",
  "\u200d",
  "\u202e",
  "\ud800\udc00",
  "\\ud83d",
  "\udfff",
];

test("whatever stands in a frame, its text is one that a strict parser takes, and whole characters stay", () => {
  const next = random(12);
  for (let run = 0; run < 3000; run += 1) {
    const text = Array.from({ length: 1 + next() * 12 }, () => UNITS[Math.floor(next() * UNITS.length)]).join("");
    const frame = JSON.parse(encodeFrame({ type: "x", text, deep: { [text]: [text, 1, null, true] } }));
    assert.ok(!/\p{Surrogate}/u.test(JSON.stringify(frame.text) + frame.text), "no half is left");
    assert.equal(frame.text, text.replace(/\p{Surrogate}/gu, ""));
    assert.deepEqual(frame.deep, { [wellFormed(text)]: [wellFormed(text), 1, null, true] });
  }
});

test("a line is as long as the server counts it", () => {
  assert.equal(lengthOf("👍👍"), 2);
  assert.equal(roomLeft(`${"👍".repeat(LINE_MOST)}  \n`), 0);
  assert.equal(roomLeft("x".repeat(LINE_MOST + 7)), -7);
  assert.equal(sendable("👍".repeat(LINE_MOST)), "👍".repeat(LINE_MOST));
  assert.equal(sendable("x".repeat(LINE_MOST + 1)), null);
});

test("what nobody can see is not sent", () => {
  for (const text of [
    "",
    " \n",
    "\u200b\u200d",
    "\u3164",
    "\u2800",
    "\u202e",
    "\u115f",
    "\ud83d",
    "\ufe0f",
    "\u00ad",
    "\u0301",
  ]) {
    assert.equal(sendable(text), null, JSON.stringify(text));
  }
  for (const text of ["a", "می\u200cخواهم", "क्\u200dष", "👨\u200d👩\u200d👧", "❤\ufe0f", ".", "٥", "😀"])
    assert.ok(isVisible(text), text);
});

test("the form says what is wrong with it before the server has to", () => {
  const questions = [
    { key: "name", kind: "name", required: true, most: 80 },
    { key: "topic", kind: "topic", most: 200 },
    { key: "email", kind: "email", most: 254, required: true, spares: true },
    { key: "phone", kind: "phone", most: 32 },
    { key: "order", kind: "text", most: 10 },
    { key: "terms", kind: "consent", required: true },
  ];
  const good = { email: "ada@example.org", terms: true };
  const form = (/** @type {any} */ { answers = {}, ...fields }, signed = false) =>
    faultOf(
      tidyForm({ name: "Ali", topic: "", media: "chat", ...fields, answers: { ...good, ...answers } }),
      questions,
      signed,
    );
  assert.equal(form({}), null);
  assert.equal(form({ name: " \ud83d" })?.key, "customer.welcome.nameMissing");
  assert.equal(form({ name: "\u200b\u3164" })?.key, "customer.welcome.nameUnseen");
  assert.equal(form({ name: "👍".repeat(80) }), null);
  assert.deepEqual(form({ name: "x".repeat(83) })?.vars, { most: 80, n: 3 });
  assert.deepEqual([form({ topic: "x".repeat(201) })?.field], ["topic"]);
  const wrong = {
    email: ["", "ada", "a b@c.de", "ada@example"],
    phone: ["12", "call me", "0212 x 5550101"],
    order: ["x".repeat(11)],
    terms: [""],
  };
  for (const [key, values] of Object.entries(wrong))
    for (const value of values) assert.equal(form({ answers: { [key]: value } })?.field, key, `${key}: ${value}`);
  assert.equal(form({ answers: { phone: "+90 (212) 555-01.01", order: " 1234567890 " } }), null);
  // Whom the site has signed is not asked.
  assert.equal(form({ answers: { email: "" } }, true), null);
  assert.deepEqual(tidyForm({ name: " a ", topic: "", media: "chat", answers: { a: " b ", c: "", e: true } }), {
    name: "a",
    topic: "",
    media: "chat",
    answers: { a: "b", e: true },
  });
});

test("a refusal by the server stands where it can be mended", () => {
  assert.equal(faultFrom({ code: "bad_frame", fields: { name: "…" } }).field, "name");
  assert.equal(faultFrom({ code: "bad_frame", fields: { topic: "…" } }).field, "topic");
  const order = { field: "order", key: "customer.welcome.said", vars: { reason: "Which order?" } };
  assert.deepEqual(faultFrom({ code: "answers_refused", fields: { "answers.order": "Which order?" } }), order);
  assert.deepEqual(faultFrom({ code: "rate_limited", message: "Yavaş.", retryable: true }), {
    field: null,
    key: "customer.welcome.waits",
    vars: { reason: "Yavaş." },
  });
  assert.deepEqual(faultFrom({ code: "internal", message: "" }).vars, { reason: "internal" });
});

test("only an Enter of one's own sends: none that takes an input method's word, Safari's neither", () => {
  const key = (/** @type {any} */ more) =>
    isSendingKey({ key: "Enter", shiftKey: false, isComposing: false, keyCode: 13, ...more });
  assert.ok(key({}));
  assert.ok(!key({ shiftKey: true }));
  assert.ok(!key({ isComposing: true, keyCode: 229 }));
  assert.ok(!key({ keyCode: 229 }), "Safari: the composition has ended before the key is told");
  assert.ok(!key({ key: "a", keyCode: 65 }));
});
