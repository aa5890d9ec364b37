import assert from "node:assert/strict";
import { test } from "node:test";
import { dayHeads, dayText } from "../../static/js/ui/shared/chat/days.js";

const at = (day, hour) => new Date(2026, 2, day, hour).getTime();
const chat = (...times) => times.map((time, index) => ({ key: `${index}`, at: time }));
const heads = (lines, now) => [...dayHeads(lines, now)];

test("a chat of today needs no date", () => {
  assert.deepEqual(heads(chat(at(2, 9), at(2, 23)), at(2, 23)), []);
  assert.deepEqual(heads([], at(2, 9)), []);
});

test("over midnight each day has its date, the first one too", () => {
  assert.deepEqual(heads(chat(at(2, 22), at(2, 23), at(3, 0), at(3, 1)), at(3, 1)), ["0", "2"]);
});

test("what was said on another day says on which", () => {
  assert.deepEqual(heads(chat(at(2, 22), at(2, 23)), at(3, 9)), ["0"]);
});

test("in the reader's language", () => {
  assert.equal(dayText(at(2, 9), "tr"), "2 Mart 2026 Pazartesi");
  assert.equal(dayText(at(2, 9), "en"), "Monday, March 2, 2026");
});
