import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { FileServer } from "../../static/js/net/files.js";
import { initialState, reduce } from "../../static/js/ui/customer/state.js";
import { kindText, sizeText, stateText } from "../../static/js/ui/shared/files/file-words.js";
import { speak } from "./texts.js";

const INFO = { id: "f", name: "a.pdf", size: 2048, mime: "application/pdf", state: "ready" };

/** A request of the browser, played by the test. */
class FakeRequest {
  /** @type {FakeRequest} */
  static last;
  headers = {};
  upload = {};
  constructor() {
    FakeRequest.last = this;
  }
  open(/** @type {string} */ method, /** @type {string} */ address) {
    this.opened = [method, address];
  }
  setRequestHeader(/** @type {string} */ name, /** @type {string} */ value) {
    this.headers[name] = value;
  }
  send(/** @type {FormData} */ form) {
    this.form = form;
  }
  abort() {
    this.aborted = true;
    this.onabort?.();
    this.onloadend?.();
  }
  answer(/** @type {number} */ status, /** @type {any} */ response) {
    Object.assign(this, { status, response });
    this.onload?.();
    this.onloadend?.();
  }
}

/** @param {any} [fetcher] */
const server = (fetcher) =>
  new FileServer({
    url: "/files/",
    headers: () => ({ Authorization: "Bearer secret" }),
    query: () => ({ conversation: "c 1" }),
    fetcher,
    Request: /** @type {any} */ (FakeRequest),
  });
const file = () => new File(["x"], "a.txt");

beforeEach(() => {
  speak("tr");
  mock.timers.enable({ apis: ["setTimeout"] });
});
afterEach(() => mock.timers.reset());

test("the token stands in a header and never in an address; the key and the language do", async () => {
  const { done } = server().send(file(), "k1", () => {});
  assert.deepEqual(FakeRequest.last.opened, ["POST", "/files/?conversation=c+1&key=k1&locale=tr"]);
  assert.deepEqual(FakeRequest.last.headers, { Authorization: "Bearer secret" });
  assert.equal(FakeRequest.last.form?.get("file")?.name, "a.txt");
  FakeRequest.last.answer(201, INFO);
  assert.deepEqual(await done, INFO);
  const asked = [];
  const files = server(async (/** @type {any} */ ...given) => {
    asked.push(given);
    return Response.json({ files: [INFO] });
  });
  assert.deepEqual(await files.all(), [INFO]);
  await files.one("f");
  assert.deepEqual(
    asked.map(([address]) => address),
    ["/files/?conversation=c+1&locale=tr", "/files/f/?conversation=c+1&locale=tr"],
  );
  for (const [, { headers, cache }] of asked)
    assert.deepEqual([headers.Authorization, cache], ["Bearer secret", "no-store"]);
});

test("a refusal brings the server's words, and nobody's answer is one that may come later", async () => {
  const sent = server().send(file(), "k", () => {});
  FakeRequest.last.answer(415, { error: { code: "file_type_refused", message: "in words", retryable: false } });
  await assert.rejects(sent.done, {
    code: "file_type_refused",
    message: "in words",
    retryable: false,
    retryAfter: null,
  });
  // A proxy that knows nothing of us, and an answer that is cut off.
  for (const [status, body] of /** @type {[number, any][]} */ ([
    [502, null],
    [413, null],
    [201, null],
  ])) {
    const other = server().send(file(), "k", () => {});
    FakeRequest.last.answer(status, body);
    await assert.rejects(other.done, { code: "", retryable: true });
  }
  for (const fetcher of [
    async () => new Response("<html>", { status: 502 }),
    async () => Promise.reject(new TypeError()),
  ])
    await assert.rejects(server(fetcher).all(), { code: "", retryable: true });
});

test("what is silent for too long is given up; as long as something goes out, it is not", async () => {
  const parts = [];
  const { done } = server().send(file(), "k", (part) => parts.push(part));
  for (let loaded = 1; loaded <= 4; loaded++) {
    mock.timers.tick(29_999);
    FakeRequest.last.upload.onprogress?.({ loaded, total: 4 });
  }
  assert.deepEqual(parts, [0.25, 0.5, 0.75, 1]);
  // All is there: it may be looked at for a while.
  mock.timers.tick(80_000);
  assert.ok(!FakeRequest.last.aborted);
  mock.timers.tick(10_000);
  assert.ok(FakeRequest.last.aborted);
  await assert.rejects(done, { code: "", retryable: true });
});

test("sizes and kinds in words", () => {
  assert.deepEqual([1, 1536, 1024 * 1024 - 1, 1_300_000].map(sizeText), ["1 kB", "2 kB", "1.024 kB", "1,2 MB"]);
  assert.equal(kindText(/** @type {any} */ (INFO)), "PDF · 2 kB");
  speak("en");
  assert.equal(sizeText(1_300_000), "1.2 MB");
});

test("every state of a file that cannot be opened says why", () => {
  const words = ["waiting", "refused", "erased"].map((state) => stateText(/** @type {any} */ ({ ...INFO, state })));
  assert.ok(words.every((word) => word && !word.startsWith("common.")));
  assert.equal(stateText(/** @type {any} */ (INFO)), "");
});

test("what is known of a file changes in its line alone, and a resync's chat has it too", () => {
  const known = { ...INFO, state: "waiting" };
  let state = reduce(initialState(), { type: "chat:message", id: 1, file: known, at: 1, now: 1 });
  state = reduce(state, { type: "chat:sent", id: 1, file: { ...INFO, id: "mine" }, now: 2 });
  const before = state.lines[1];
  state = reduce(state, { type: "chat:file", file: INFO, now: 3 });
  assert.deepEqual([state.lines[0].file, state.lines[0].text], [INFO, ""]);
  assert.equal(state.lines[1], before);
  const transcript = [{ from: "operator", id: 1, text: "", at: 1, file: INFO }];
  state = reduce(state, { type: "resync", state: { phase: "active", conversation: "c", transcript }, now: 4 });
  assert.deepEqual(
    state.lines.map(({ key, file: one }) => [key, one?.id]),
    [
      ["peer:1", "f"],
      ["own:1", "mine"],
    ],
  );
});
