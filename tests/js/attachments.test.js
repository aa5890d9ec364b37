import assert from "node:assert/strict";
import { test } from "node:test";
import "./texts.js";

globalThis.addEventListener ??= () => {};
const { Attachments } = await import("../../static/js/app/customer/message/attachments.js");
const { Leaving, KEY } = await import("../../static/js/app/customer/message/leaving.js");
const { Uploads } = await import("../../static/js/app/uploads.js");
const { memoryStore } = await import("../../static/js/core/storage.js");
const { FileRefused } = await import("../../static/js/net/files.js");
const { MessageRefused } = await import("../../static/js/net/messages.js");

const MB = 2 ** 20;
const LIMITS = { most: 3, maxBytes: 2 * MB, wholeBytes: 3 * MB, accept: "", secs: 120, video: true };
const SAID = { text: "", name: "Ada", email: "ada@example.com", phone: "" };
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));
const file = (/** @type {string} */ name, size = 10) => new File(["x".repeat(size)], name, { type: "text/plain" });
const gone = () => new MessageRefused({ code: "files_gone", message: "Yok.", retryable: false });

/** A page with files, and a server; `refuse` says by name what is wrong with a file. */
function page({ storage = memoryStore(), refuse = {}, drafts = [], answers = [null] } = {}) {
  const here = { sent: [], uploads: [], bearers: [], phases: [] };
  class FileServer {
    constructor({ headers }) {
      this.headers = headers;
    }
    send(one, key, told, more) {
      here.bearers.push(this.headers().Authorization);
      here.uploads.push({ name: one.name, key, ...more });
      told(0.5);
      const wrong = refuse[one.name];
      const done = wrong ? Promise.reject(new FileRefused(wrong)) : Promise.resolve({ id: `id-${one.name}` });
      return { done, abort: () => {} };
    }
  }
  const messages = {
    draft: async () => {
      const next = drafts.length > 1 ? drafts.shift() : (drafts[0] ?? "d1");
      if (next instanceof Error) throw next;
      return next;
    },
    leave: async (message) => {
      here.sent.push(message);
      const next = answers.length > 1 ? answers.shift() : answers[0];
      if (next) throw next;
    },
  };
  const attachments = new Attachments({
    kit: { FileServer, FileRefused, Uploads },
    url: "/messages/files/",
    limits: LIMITS,
    messages,
  });
  const leaving = new Leaving({ storage, messages, attachments, known: () => ({}), extra: () => ({}) });
  leaving.watch((state) => here.phases.push(state.phase));
  return Object.assign(here, { attachments, leaving, storage, refuse });
}

test("nothing goes before it is sent; then the files go, and the message names them", async () => {
  const { attachments, leaving, uploads, sent, phases, bearers, storage } = page();
  attachments.add([file("a.txt")]);
  attachments.add([file("ses.webm")], "voice");
  await settled();
  assert.equal(uploads.length, 0);
  assert.equal(leaving.opened, true);
  await leaving.send(SAID);
  assert.deepEqual(
    uploads.map(({ name, kind }) => [name, kind]),
    [
      ["a.txt", "file"],
      ["ses.webm", "voice"],
    ],
  );
  assert.deepEqual(new Set(bearers), new Set(["Bearer d1"]));
  assert.deepEqual(sent[0].files, ["id-a.txt", "id-ses.webm"]);
  assert.equal(sent[0].text, "");
  assert.deepEqual(phases.slice(-3), ["uploading", "sending", "kept"]);
  assert.equal(attachments.count, 0);
  assert.equal(storage.get(KEY), null);
});

test("a file that is refused stops the message and leaves the text; without it the rest goes on", async () => {
  const refuse = { "b.exe": { code: "file_type_refused", message: "Olmaz.", retryable: false } };
  const { attachments, leaving, sent, uploads } = page({ refuse });
  attachments.add([file("a.txt"), file("b.exe")]);
  await leaving.send({ ...SAID, text: "Bakın." });
  assert.equal(leaving.state.phase, "stopped");
  assert.equal(leaving.state.fields.text, "Bakın.");
  assert.equal(sent.length, 0);
  assert.deepEqual(
    attachments.items.map(({ phase, message }) => [phase, message]),
    [
      ["done", ""],
      ["refused", "Olmaz."],
    ],
  );
  attachments.remove(attachments.items[1].key);
  await leaving.send(leaving.state.fields);
  assert.deepEqual(sent[0].files, ["id-a.txt"]);
  assert.deepEqual(
    uploads.map(({ name }) => name),
    ["a.txt", "b.exe"],
    "what is there is not sent twice",
  );
});

test("a draft that ended is asked for again, and the file keeps its key", async () => {
  const refuse = { "a.txt": { code: "draft_invalid", message: "Eski.", retryable: true, retry_after: 0.001 } };
  const { attachments, leaving, uploads, bearers, sent } = page({ refuse, drafts: ["d1", "d2"] });
  attachments.add([file("a.txt")]);
  const sending = leaving.send(SAID);
  await settled();
  delete refuse["a.txt"];
  await sending;
  assert.deepEqual([bearers[0], bearers.at(-1)], ["Bearer d1", "Bearer d2"]);
  assert.equal(new Set(uploads.map(({ key }) => key)).size, 1);
  assert.deepEqual(sent[0].files, ["id-a.txt"]);
});

test("who may not upload reads why, beside the file", async () => {
  const blocked = new MessageRefused({ code: "messages_off", message: "Kapalı.", retryable: false });
  const { attachments, leaving, uploads } = page({ drafts: [blocked] });
  attachments.add([file("a.txt")]);
  await leaving.send(SAID);
  assert.equal(uploads.length, 0);
  assert.equal(attachments.items[0].message, "Kapalı.");
  assert.equal(leaving.state.phase, "stopped");
});

test("who writes on while files go up sends nothing yet, and what is up stays up", async () => {
  const { attachments, leaving, sent } = page();
  attachments.add([file("a.txt")]);
  const sending = leaving.send(SAID);
  leaving.write({ ...SAID, text: "Bir de şu:" });
  await sending;
  assert.equal(leaving.state.phase, "writing");
  assert.equal(sent.length, 0);
  await leaving.send(leaving.state.fields);
  assert.deepEqual([sent.length, sent[0].text], [1, "Bir de şu:"]);
});

test("what the server has no longer is chosen again, and another page's is dropped", async () => {
  const storage = memoryStore();
  const { attachments, leaving, uploads, sent } = page({ storage, answers: [gone(), null] });
  attachments.add([file("a.txt")]);
  await leaving.send(SAID);
  assert.deepEqual([leaving.state.phase, leaving.state.message], ["refused", "Yok."]);
  assert.deepEqual(
    attachments.items.map(({ phase }) => phase),
    ["chosen"],
  );
  await leaving.send(SAID);
  assert.equal(uploads.length, 2);
  assert.notEqual(sent[1].key, "");
  assert.equal(leaving.state.phase, "kept");

  storage.set(
    KEY,
    JSON.stringify({
      fields: SAID,
      key: "k",
      why: "full",
      sent: false,
      files: [{ id: "1", name: "b", size: 3 }, { id: 2 }],
    }),
  );
  const next = page({ storage, answers: [gone()] });
  assert.deepEqual(next.attachments.kept, [{ id: "1", name: "b", size: 3 }]);
  await next.leaving.send(SAID);
  assert.equal(next.attachments.count, 0);
});

test("there are so many and so large together at most", () => {
  const { attachments } = page();
  assert.equal(attachments.add([file("a", 2 * MB)]), "");
  assert.match(attachments.add([file("b", 2 * MB), file("c", 10)]), /3 dosya|3 files/);
  assert.deepEqual(
    attachments.items.map((item) => item.file.name),
    ["a", "c"],
  );
  attachments.add([file("d"), file("e")]);
  assert.equal(attachments.count, 3);
});
