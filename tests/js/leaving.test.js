import assert from "node:assert/strict";
import { test } from "node:test";
import { KEY, Leaving } from "../../static/js/app/customer/message/leaving.js";
import { memoryStore } from "../../static/js/core/storage.js";
import { MessageRefused } from "../../static/js/net/messages.js";

const SAID = { text: "Kargom gelmedi.", name: "Ada", email: "ada@example.com", phone: "" };
const silent = () => new MessageRefused();
const busy = () => new MessageRefused({ code: "rate_limited", message: "Bekleyin.", retryable: true, retry_after: 90 });
const wrong = () =>
  new MessageRefused({
    code: "message_refused",
    message: "Hata.",
    retryable: false,
    fields: { email: "Bu adres olmaz." },
  });

/** A page's message, a server that gives these answers one after the other (null: kept), and what was sent. */
function page({ answers = [null], storage = memoryStore(), known = {} } = {}) {
  const here = { sent: [], phases: [], waits: [] };
  const messages = {
    leave: async (message) => {
      here.sent.push(message);
      const next = answers.length > 1 ? answers.shift() : answers[0];
      if (next) throw next;
    },
  };
  const wait = async (ms) => {
    here.waits.push(ms);
    assert.ok(here.waits.length < 50, "it never ends");
  };
  const leaving = new Leaving({ storage, messages, known: () => known, extra: () => ({ site: "s1" }), wait });
  leaving.watch((state) => here.phases.push(state.phase));
  return Object.assign(here, { leaving, storage });
}
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

test("it is sent once, with where and why, and nothing stays of it", async () => {
  const { leaving, sent, phases, storage } = page({ known: { name: "Ada" } });
  leaving.begin("full");
  assert.deepEqual(leaving.state.fields, { text: "", name: "Ada", email: "", phone: "" });
  assert.equal(leaving.opened, false);
  leaving.write({ ...SAID, text: " Kargom gelmedi. \ud83d" });
  assert.equal(leaving.opened, true);
  await leaving.send(leaving.state.fields);
  const { key, ...rest } = sent[0];
  assert.deepEqual(rest, { text: "Kargom gelmedi.", name: "Ada", email: "ada@example.com", site: "s1", why: "full" });
  assert.match(key, /^[0-9a-f]{32}$/);
  assert.deepEqual(phases.slice(-2), ["sending", "kept"]);
  assert.equal(storage.get(KEY), null);
  leaving.another();
  assert.deepEqual(leaving.state.fields, { ...SAID, text: "" });
});

test("what is missing is said before anything is sent", async () => {
  const { leaving, sent } = page();
  await leaving.send({ text: "\u200b", name: "", email: "", phone: "" });
  assert.deepEqual(Object.keys(leaving.state.faults), ["text", "email"]);
  assert.equal(sent.length, 0);
});

test("after answers that are lost it is tried again as the same message, also by the next page", async () => {
  const { leaving, sent, phases, waits } = page({ answers: [silent(), busy(), null] });
  leaving.begin("unavailable");
  await leaving.send(SAID);
  assert.deepEqual(phases.slice(-4), ["sending", "waiting", "waiting", "kept"]);
  assert.equal(new Set(sent.map(({ key }) => key)).size, 1);
  assert.ok(waits[1] >= 90_000, "no earlier than it was told");

  const storage = memoryStore();
  const first = page({ answers: [silent()], storage });
  first.leaving.begin("lost");
  const never = first.leaving.send(SAID).catch(() => {});
  first.leaving.watch(() => {});
  await settled();
  const next = page({ storage });
  await settled();
  assert.equal(next.leaving.state.phase, "kept");
  assert.equal(next.sent[0].key, first.sent[0].key);
  assert.equal(next.sent[0].why, "lost");
  await never;
});

test("what is refused stays to be mended, and other words are another message", async () => {
  const { leaving, sent, storage } = page({ answers: [wrong(), silent(), null] });
  await leaving.send(SAID);
  assert.equal(leaving.state.phase, "refused");
  assert.deepEqual(leaving.state.faults, { email: "Bu adres olmaz." });
  assert.equal(JSON.parse(storage.get(KEY)).sent, false);
  await leaving.send({ ...SAID, email: "ada@example.org" });
  assert.equal(leaving.state.phase, "kept");
  assert.notEqual(sent[1].key, sent[0].key);
  assert.equal(sent[2].key, sent[1].key);
});

test("who writes on gives up what was being sent", async () => {
  const { leaving, phases } = page({ answers: [silent()] });
  const sending = leaving.send(SAID);
  leaving.write({ ...SAID, text: "anders" });
  await sending;
  assert.equal(phases.at(-1), "writing");
  assert.equal(leaving.state.fields.text, "anders");
});

for (const kept of ["{", "[]", '{"fields":{"text":1}}', '{"fields":null,"key":"","why":"","sent":true}'])
  test(`what others put there is as nothing: ${kept}`, () => {
    const storage = memoryStore();
    storage.set(KEY, kept);
    const { leaving, sent } = page({ storage });
    assert.equal(leaving.state.fields.text, "");
    assert.equal(sent.length, 0);
  });
