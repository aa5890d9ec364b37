import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { LISTED_MOST, Uploads } from "../../static/js/app/uploads.js";
import { ReconnectPolicy } from "../../static/js/core/backoff.js";
import { FileRefused } from "../../static/js/net/files.js";
import "./texts.js";

const MB = 1024 * 1024;
const settled = async () => {
  for (let turn = 0; turn < 8; turn++) await Promise.resolve();
};

/** @param {string} name @param {number} [size] */
const file = (name, size = 10) => /** @type {File} */ ({ name, size, type: "" });

/** A server that answers when the test says so. */
function desk() {
  /** @type {{file: any, key: string, told: (part: number) => void, answer: (info?: any) => Promise<void>, refuse: (error?: any) => Promise<void>, aborted: boolean}[]} */
  const asked = [];
  /** @type {any[]} */
  const shared = [];
  const uploads = new Uploads({
    send: (sent, key, told) => {
      /** @type {PromiseWithResolvers<any>} */
      const { promise, resolve, reject } = Promise.withResolvers();
      const one = {
        file: sent,
        key,
        told,
        aborted: false,
        answer: async (info = { id: sent.name }) => {
          resolve(info);
          await settled();
        },
        refuse: async (/** @type {any} */ error) => {
          reject(new FileRefused(error));
          await settled();
        },
      };
      asked.push(one);
      const abort = () => {
        one.aborted = true;
        reject(new FileRefused());
      };
      return { done: promise, abort };
    },
    most: () => 2 * MB,
    shared: (info) => shared.push(info.id),
    changed: () => {},
    policy: new ReconnectPolicy({ delaysMs: [1000], jitter: 0, random: () => 0 }),
  });
  const phases = () => uploads.items.map((item) => [item.file.name, item.phase]);
  return { uploads, asked, shared, phases };
}

beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
afterEach(() => mock.timers.reset());

test("nothing goes before it is sent, and then one after the other", async () => {
  const { uploads, asked, shared, phases } = desk();
  uploads.add([file("a"), file("b")]);
  assert.deepEqual([uploads.ready, uploads.unsent, asked.length], [true, 2, 0]);
  uploads.send();
  assert.deepEqual(phases(), [
    ["a", "sending"],
    ["b", "queued"],
  ]);
  asked[0].told(0.4);
  assert.equal(uploads.items[0].part, 0.4);
  await asked[0].answer();
  assert.deepEqual(phases(), [["b", "sending"]]);
  await asked[1].answer();
  assert.deepEqual([shared, uploads.items, uploads.ready], [["a", "b"], [], false]);
});

test("what is too large says so at once and is not sent", () => {
  const { uploads, asked, phases } = desk();
  uploads.add([file("large", 2 * MB + 1), file("fits", 2 * MB)]);
  assert.equal(uploads.items[0].message, "Bir dosya en çok 2 MB olabilir.");
  uploads.send();
  assert.deepEqual(phases(), [
    ["large", "refused"],
    ["fits", "sending"],
  ]);
  assert.equal(asked.length, 1);
  assert.equal(uploads.unsent, 1);
});

test("of a folder full of files a screenful is taken", () => {
  const { uploads } = desk();
  const many = Array.from({ length: 500 }, (_, number) => file(String(number)));
  assert.equal(uploads.add(many), 500 - LISTED_MOST);
  assert.equal(uploads.add([file("more")]), 1);
  assert.equal(uploads.items.length, LISTED_MOST);
});

test("a lost connection keeps the file and its key, and is tried again by itself, by hand and when the network is back", async () => {
  const { uploads, asked, shared, phases } = desk();
  uploads.add([file("a"), file("b")]);
  uploads.send();
  asked[0].told(0.5);
  await asked[0].refuse();
  assert.match(uploads.items[0].message, /Bağlantı koptu/);
  // The one behind it is not held up.
  assert.deepEqual(phases(), [
    ["a", "trouble"],
    ["b", "sending"],
  ]);
  mock.timers.tick(1000);
  assert.deepEqual(phases()[0], ["a", "queued"]);
  await asked[1].answer();
  assert.deepEqual([asked[2].key, asked[2].file.name, uploads.items[0].part], [asked[0].key, "a", 0]);
  await asked[2].refuse();
  uploads.retry(uploads.items[0].key);
  await asked[3].refuse();
  uploads.hurry();
  assert.equal(asked[4].key, asked[0].key);
  await asked[4].answer();
  assert.deepEqual(shared, ["b", "a"]);
});

test("it gives up by itself after a few tries, and waits to be asked", async () => {
  const { uploads, asked } = desk();
  uploads.add([file("a")]);
  uploads.send();
  for (let tries = 1; tries < 50 && asked.length === tries; tries++) {
    await asked[tries - 1].refuse();
    mock.timers.tick(1000);
  }
  assert.equal(asked.length, 6);
  assert.match(uploads.items[0].message, /yeniden deneyebilirsiniz/);
  uploads.hurry();
  assert.equal(asked.length, 6);
  uploads.retry(asked[0].key);
  assert.equal(asked.length, 7);
});

test("the server's words are shown, and its patience is kept", async () => {
  const { uploads, asked, phases } = desk();
  uploads.add([file("a"), file("b"), file("c")]);
  uploads.send();
  await asked[0].refuse({ code: "file_type_refused", message: "not this kind", retryable: false });
  // No time is told: a file is a lot to send in vain.
  await asked[1].refuse({ code: "storage_full", message: "no room", retryable: true });
  await asked[2].refuse({ code: "uploads_busy", message: "busy", retryable: true, retry_after: 5 });
  assert.deepEqual(phases(), [
    ["a", "refused"],
    ["b", "trouble"],
    ["c", "trouble"],
  ]);
  assert.deepEqual(
    uploads.items.map(({ message }) => message),
    ["not this kind", "no room", "busy"],
  );
  mock.timers.tick(4999);
  assert.equal(asked.length, 3);
  mock.timers.tick(1);
  assert.deepEqual([asked.length, asked[3]?.file.name], [4, "c"]);
  mock.timers.tick(100_000);
  assert.equal(asked.length, 4);
});

test("what is taken back is cut off, tells nobody and lets the next one go", async () => {
  const { uploads, asked, shared } = desk();
  uploads.add([file("a"), file("b")]);
  uploads.send();
  uploads.remove(asked[0].key);
  await settled();
  assert.deepEqual([asked[0].aborted, asked.length, asked[1].file.name], [true, 2, "b"]);
  await asked[0].answer();
  await asked[1].answer();
  assert.deepEqual(shared, ["b"]);
});

test("at the end of the conversation everything is cut off, also what would be tried later", async () => {
  const { uploads, asked, shared } = desk();
  uploads.add([file("a"), file("b"), file("c")]);
  uploads.send();
  await asked[0].refuse();
  uploads.clear();
  await settled();
  mock.timers.tick(100_000);
  assert.deepEqual([uploads.items, asked.length, asked[1].aborted, shared], [[], 2, true, []]);
});
