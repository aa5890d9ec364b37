import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { beforeEach, test } from "node:test";
import { runInNewContext } from "node:vm";

const read = (name) => readFileSync(new URL(`../../static/js/worker/${name}.js`, import.meta.url), "utf8");
/** In one script, as the server sends it. */
const SOURCE = `${read("standing-in")}${read("turn-worker")}`.replace(/^import .*$|^export (?=const|function)/gm, "");
const FACTS = {
  cache: "adminara-turn-2",
  offline: "/turn/offline/?locale=tr",
  files: ["/static/a.css"],
  icon: "/i.png",
};
const TOLD = { title: "Sıranız yaklaştı", body: "…", tag: "t", url: "/turn/#place=secret" };

/** @type {Record<string, (event: any) => void>} */
let on;
/** @type {any[]} */
let windows;
/** @type {any[][]} what the worker did */
let done;
/** @type {Map<string, string[]>} */
let kept;
/** @type {() => Promise<any>} */
let network;

/** A tab. @param {string} name @param {boolean} holds  its customer waits there */
const tab = (name, holds) => ({
  postMessage: (_words, [port]) => {
    if (holds) port.postMessage("this page");
    port.close();
  },
  focus: async () => done.push(["focus", name]),
});

/** @param {string} kind @param {object} [event] */
async function happens(kind, event = {}) {
  const waits = [];
  let answer;
  on[kind]({ waitUntil: (work) => waits.push(work), respondWith: (work) => (answer = work), ...event });
  await Promise.all(waits);
  return answer;
}

beforeEach(() => {
  on = {};
  windows = [];
  done = [];
  kept = new Map([
    ["adminara-turn-1", []],
    ["adminara-console-1", []],
  ]);
  network = async () => "from the network";
  const self = {
    addEventListener: (kind, act) => Object.assign(on, { [kind]: act }),
    skipWaiting: async () => done.push(["skip"]),
    registration: { showNotification: async (title, { tag, data }) => done.push(["show", title, tag, data.url]) },
    clients: { matchAll: async () => windows, openWindow: async (url) => done.push(["open", url]) },
  };
  const caches = {
    open: async (name) => ({ addAll: async (all) => kept.set(name, all) }),
    keys: async () => [...kept.keys()],
    delete: async (name) => kept.delete(name),
    match: async (path) => (path === FACTS.offline ? "the page without a network" : undefined),
  };
  const fetch = () => network();
  const source = SOURCE.replace("/* facts */ {}", JSON.stringify(FACTS));
  runInNewContext(source, { self, caches, fetch, URL, MessageChannel, setTimeout, Promise });
});

test("what is pushed is shown, and what it cannot read is not", async () => {
  await happens("push", { data: { json: () => TOLD } });
  await happens("push", { data: null });
  assert.deepEqual(done, [["show", TOLD.title, "t", TOLD.url]]);
});

test("a press brings the page to the front that holds the place, and no other one", async () => {
  const notification = { close: () => done.push(["close"]), data: { url: TOLD.url } };
  windows = [tab("a form", false), tab("theirs", true)];
  await happens("notificationclick", { notification });
  assert.deepEqual(done, [["close"], ["focus", "theirs"]]);
  done = [];
  windows = [tab("a form", false)];
  await happens("notificationclick", { notification });
  assert.deepEqual(done, [["close"], ["open", TOLD.url]]);
});

test("it serves its own page alone, keeps a page for strangers, and drops what an older version kept", async () => {
  await happens("install");
  await happens("activate");
  assert.deepEqual(done, [["skip"]]);
  assert.deepEqual([...kept.keys()], ["adminara-console-1", "adminara-turn-2"]);
  assert.deepEqual([...kept.get("adminara-turn-2")], [FACTS.offline, ...FACTS.files]);
  const turn = { url: "https://ours.example/turn/", mode: "navigate", method: "GET" };
  assert.equal(await happens("fetch", { request: turn }), "from the network");
  network = () => Promise.reject(new TypeError("no network"));
  assert.equal(await happens("fetch", { request: turn }), "the page without a network");
  const script = { url: "https://ours.example/static/b.js", mode: "cors", method: "GET" };
  assert.equal(await happens("fetch", { request: script }), undefined);
});
