import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { ReconnectPolicy } from "../../static/js/core/backoff.js";
import { fetchPart, LaterPart } from "../../static/js/core/later.js";

const policy = new ReconnectPolicy({ delaysMs: [100], jitter: 0 });
const settled = async () => {
  for (let turn = 0; turn < 12; turn++) await Promise.resolve();
};

beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
afterEach(() => mock.timers.reset());

/** Loads that end so, one after the other: "down", "silent", or a module. @param {any[]} ends */
function loads(...ends) {
  const load = async () => {
    load.tried += 1;
    const end = ends.shift();
    if (end === "down") throw new TypeError("no network");
    return end === "silent" ? new Promise(() => {}) : end;
  };
  load.tried = 0;
  return load;
}

test("it is fetched over and over until it is there, and each failure is told", async () => {
  const load = loads("down", "silent", { a: 1 });
  const part = new LaterPart(load, { policy, patienceMs: 5000 });
  const trouble = mock.fn();
  const asked = part.insist(trouble);
  await settled();
  assert.deepEqual([load.tried, trouble.mock.callCount(), part.module], [1, 1, null]);
  mock.timers.tick(100);
  await settled();
  mock.timers.tick(4999);
  await settled();
  assert.deepEqual([load.tried, trouble.mock.callCount()], [2, 1]);
  mock.timers.tick(1);
  await settled();
  assert.equal(trouble.mock.callCount(), 2, "silence is a failure, too");
  mock.timers.tick(100);
  assert.deepEqual(await asked, { a: 1 });
  assert.equal(part.module, await part.insist());
  assert.equal(load.tried, 3, "what is there is not fetched again");
});

test("who asks while it is being fetched waits for the same", async () => {
  const load = loads({ a: 1 });
  const part = new LaterPart(load, { policy });
  const both = [part.insist(), part.insist()];
  assert.equal((await both[0])?.a, (await both[1])?.a);
  assert.equal(load.tried, 1);
});

test("it is given up after so many tries, and may be asked for again", async () => {
  const load = loads("down", "down", { a: 1 });
  const part = new LaterPart(load, { policy });
  const asked = part.insist(undefined, 2);
  for (let turn = 0; turn < 2; turn++) {
    await settled();
    mock.timers.tick(100);
  }
  assert.deepEqual([await asked, load.tried], [null, 2]);
  assert.deepEqual(await part.insist(), { a: 1 });
});

test("it comes by itself a while after it was first wished for", async () => {
  const load = loads({ a: 1 });
  const part = new LaterPart(load, { policy });
  part.soon();
  part.soon();
  mock.timers.tick(2000);
  assert.equal(load.tried, 0);
  mock.timers.tick(60_000);
  await settled();
  assert.deepEqual([load.tried, part.module], [1, { a: 1 }]);
});

/** A page that says where the part is. @param {string} script @param {boolean} [dressed]  whether the sheet comes */
function page(script, dressed = true) {
  /** @type {any[]} */
  const links = [];
  const config = JSON.stringify({ later: { end: { script, sheet: "/end.css" } } });
  const head = {
    append(/** @type {any} */ link) {
      links.push(link);
      queueMicrotask(() => (dressed ? link.onload() : link.onerror()));
    },
  };
  const createElement = () => ({
    remove() {
      links.splice(links.indexOf(this), 1);
    },
  });
  Object.assign(globalThis, { document: { head, createElement, getElementById: () => ({ textContent: config }) } });
  return links;
}

test("a joined part gets what the page has, and its sheet with it", async () => {
  const links = page("data:text/javascript,export const fill = (given) => [...given, 'part'];//");
  assert.deepEqual(await fetchPart("end", /** @type {any} */ (["page"])), ["page", "part"]);
  assert.match(links[0].href, /^\/end\.css/);
  assert.equal(links[0].rel, "stylesheet");
});

test("each try has an address of its own; without its sheet it does not count, and leaves none", async () => {
  const links = page("data:text/javascript,export const fill = () => 1;//", false);
  await assert.rejects(fetchPart("end", {}), /end\.css\?again=\d+/);
  await assert.rejects(fetchPart("end", {}), /end\.css\?again=\d+/);
  assert.deepEqual(links, []);
});
