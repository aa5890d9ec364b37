import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Tabs } from "../../static/js/core/tabs.js";
import { FakeBrowser } from "./fakes/browser.js";

const WAITS = { token: "secret", media: "video", screen: "waiting" };
const TALKS = { ...WAITS, screen: "call" };
const CLOSED_MS = 5000;

let browser;

/** A page of ours in a tab, and what happened to it. */
async function page(made = browser.tab()) {
  const tabs = new Tabs(made);
  const heard = [];
  for (const name of ["led", "over", "closed", "taken"]) tabs.on(name, () => heard.push(name));
  const found = tabs.found;
  await settled();
  mock.timers.tick(1000);
  await found;
  await settled();
  const close = async () => {
    made.close();
    await settled();
  };
  return { tabs, heard, close };
}

async function settled() {
  for (let n = 0; n < 30; n++) await null;
}

async function later(ms) {
  mock.timers.tick(ms);
  await settled();
}

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  browser = new FakeBrowser();
  globalThis.location = { search: "" };
});
afterEach(() => mock.timers.reset());

test("one leads, and the others know what: those that were there, and those that come", async () => {
  const [a, b] = [await page(), await page()];
  assert.equal(b.tabs.leader, null);
  a.tabs.lead(WAITS);
  await settled();
  const c = await page();
  assert.deepEqual([a.tabs.leader, b.tabs.leader, c.tabs.leader], [null, WAITS, WAITS]);
  a.tabs.lead(TALKS);
  await settled();
  assert.deepEqual([b.tabs.leader, c.tabs.leader], [TALKS, TALKS]);
  a.tabs.release();
  await settled();
  assert.deepEqual([b.tabs.leader, c.tabs.leader, b.heard.at(-1), c.heard.at(-1)], [null, null, "over", "over"]);
  assert.deepEqual(a.heard, []);
  await later(CLOSED_MS);
  assert.ok(![...b.heard, ...c.heard].includes("closed"));
  assert.equal((await page()).tabs.leader, null);
});

test("what is told twice is heard once", async () => {
  const [a, b] = [await page(), await page()];
  a.tabs.lead(WAITS);
  await settled();
  a.tabs.lead({ ...WAITS });
  await settled();
  assert.deepEqual(b.heard, ["led"]);
});

test("the tab that takes it over leads, and the one before follows", async () => {
  const [a, b, c] = [await page(), await page(), await page()];
  a.tabs.lead(TALKS);
  await settled();
  b.tabs.lead(TALKS);
  await settled();
  assert.deepEqual(
    [a.heard.includes("taken"), a.tabs.leader, b.tabs.leader, c.tabs.leader],
    [true, TALKS, null, TALKS],
  );
  assert.ok(!c.heard.includes("closed"));
  // … and back.
  a.tabs.lead(TALKS);
  await settled();
  assert.deepEqual([b.heard.includes("taken"), a.tabs.leader, b.tabs.leader], [true, null, TALKS]);
  await a.close();
  await later(CLOSED_MS);
  assert.equal([b, c].filter(({ heard }) => heard.includes("closed")).length, 1);
});

test("when its tab is closed one of the others is the next, and new tabs learn of it from that one", async () => {
  const [a, b, c] = [await page(), await page(), await page()];
  a.tabs.lead(TALKS);
  await settled();
  await a.close();
  await later(CLOSED_MS - 1);
  assert.deepEqual([b.heard, c.heard], [["led"], ["led"]]);
  await later(1);
  assert.deepEqual([b.heard, c.heard, b.tabs.closed, b.tabs.leader], [["led", "closed"], ["led"], true, TALKS]);
  const d = await page();
  assert.deepEqual(d.tabs.leader, TALKS);
  b.tabs.lead(b.tabs.leader);
  await settled();
  assert.deepEqual([b.tabs.closed, b.tabs.leader, c.tabs.leader], [false, null, TALKS]);
  await b.close();
  await later(CLOSED_MS);
  assert.ok(c.heard.includes("closed"));
});

test("a tab that goes to its next page goes on leading", async () => {
  const [a, b] = [await page(), await page()];
  a.tabs.lead(TALKS);
  await settled();
  await a.close();
  await later(CLOSED_MS / 2);
  const next = await page();
  next.tabs.lead(TALKS);
  await settled();
  await later(CLOSED_MS * 10);
  assert.ok(!b.heard.includes("closed"));
  assert.deepEqual([b.tabs.leader, next.heard.includes("taken")], [TALKS, false]);
  await next.close();
  await later(CLOSED_MS);
  assert.ok(b.heard.includes("closed"));
});

test("what is over at once is not held for ever", async () => {
  const [a, b] = [await page(), await page()];
  a.tabs.lead(WAITS);
  a.tabs.release();
  await settled();
  assert.deepEqual(b.heard, ["led", "over"]);
  b.tabs.lead(WAITS);
  await settled();
  assert.deepEqual([a.heard, b.heard.includes("taken")], [["led"], false]);
});

test("a tab that holds the lock and does not answer keeps nobody waiting", async () => {
  const silent = browser.tab();
  void silent.locks.request("adminara.", {}, () => new Promise(() => {}));
  await settled();
  assert.equal((await page()).tabs.leader, null);
});

test("pages of other sites know nothing of each other", async () => {
  const a = await page();
  a.tabs.lead(WAITS);
  globalThis.location = { search: "?locale=tr&site=wK3v9QmZ0aXtB7dR" };
  const other = await page();
  assert.deepEqual([other.tabs.leader, other.heard], [null, []]);
});

for (const [what, browserOf] of Object.entries({
  "no locks (a page that is not secure)": () => ({ locks: null }),
  "no storage, and so no locks": () => ({ locks: { query: () => Promise.reject(new Error("SecurityError")) } }),
  "no channel": () => ({ ...browser.tab(), Channel: null }),
}))
  test(`every tab is on its own: ${what}`, async () => {
    const { tabs, heard } = await page({ close() {}, ...browserOf() });
    tabs.lead(WAITS);
    tabs.lead(TALKS);
    tabs.release();
    await later(CLOSED_MS);
    assert.deepEqual([tabs.leader, tabs.closed, heard], [null, false, []]);
  });
