import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

const REST = `data:text/javascript,export const start = (held) => globalThis.started.push(held);`;
const SITE = "https://shop.example";

let listeners;
let parent;
let locks;
let run = 0;

/** The page's head is being read: the script runs in a fresh copy of itself. @param {object} [options] */
async function arrive({
  stored = {},
  rest = REST,
  search = "",
  blocked = false,
  embedded = true,
  led = [],
  preview = false,
} = {}) {
  locks = { query: async () => ({ held: led.map((name) => ({ name })) }) };
  Object.defineProperty(globalThis, "navigator", { value: { locks }, configurable: true });
  listeners = {};
  const on = (name, listener) => {
    listeners[name] = [...(listeners[name] ?? []), listener];
  };
  const off = (name, listener) => {
    listeners[name] = (listeners[name] ?? []).filter((known) => known !== listener);
  };
  parent = { heard: [], postMessage: (data, origin) => parent.heard.push([data.event, data.detail, origin]) };
  const window = { addEventListener: on, removeEventListener: off };
  window.parent = embedded ? parent : window;
  Object.defineProperty(window, "sessionStorage", {
    get() {
      if (blocked) throw new Error("SecurityError");
      return {
        getItem: (key) => stored[key] ?? null,
        setItem: (key, value) => (stored[key] = value),
        removeItem: (key) => delete stored[key],
      };
    },
  });
  globalThis.started = [];
  const line = { dataset: { trouble: "It keeps trying." }, hidden: true };
  Object.assign(globalThis, {
    window,
    location: { search, hash: "" },
    Element: class {},
    HTMLElement: class {},
    HTMLSelectElement: class {},
    KeyboardEvent: class {},
    document: {
      documentElement: { dataset: preview ? { preview: "" } : {}, lang: "tr" },
      currentScript: { dataset: { rest, texts: "/texts/a.json" } },
      readyState: "complete",
      head: { append() {} },
      createElement: () => ({}),
      querySelector: (selector) => (selector === "[data-trouble]" ? line : null),
      addEventListener: on,
      removeEventListener: off,
    },
  });
  await import(`../../static/js/first.js?${++run}`);
  return line;
}

const settled = async () => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
};
const fire = (name, event) => {
  for (const listener of [...(listeners[name] ?? [])]) listener({ type: name, target: {}, ...event });
};
const hear = (command, value, { source = parent, origin = SITE } = {}) =>
  fire("message", { source, origin, data: { adminara: 1, command, value } });

beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
afterEach(() => mock.timers.reset());

test("nobody touches it: nothing more is fetched", async () => {
  await arrive();
  hear("configure", { locale: "tr", theme: "dark", open: true });
  hear("hidden");
  await settled();
  assert.deepEqual(globalThis.started, []);
  assert.equal(globalThis.document.documentElement.dataset.theme, "dark");
  assert.deepEqual(parent.heard, [["status-changed", { status: "idle" }, SITE]]);
});

for (const name of ["pointerdown", "focusin", "keydown", "input", "click"])
  test(`the first touch fetches the rest, once: ${name}`, async () => {
    await arrive();
    fire(name);
    fire(name);
    await settled();
    assert.equal(globalThis.started.length, 1);
    assert.deepEqual(Object.values(listeners).flat().length, 1); // that of a press on Join, which the view ends
  });

for (const [what, value] of [
  ["startCall", {}],
  ["setUser", { name: "Ada" }],
  ["configure", { handle: "h" }],
  ["configure", { locale: "en" }],
])
  test(`a site that asks for something gets it: ${what} ${JSON.stringify(value)}`, async () => {
    await arrive();
    hear("configure", { locale: "tr" });
    hear(what, value);
    await settled();
    assert.deepEqual(
      globalThis.started[0].messages.map(({ data }) => data.command),
      ["configure", what],
    );
  });

test("other windows, hosts without an origin and other words are not heard", async () => {
  await arrive();
  hear("startCall", {}, { source: {} });
  hear("startCall", {}, { origin: "null" });
  fire("message", { source: parent, origin: SITE, data: null });
  await settled();
  assert.deepEqual(globalThis.started, []);
});

test("what a site says is kept up to a bound", async () => {
  await arrive();
  for (let n = 0; n < 1000; n++) hear("hidden");
  fire("click");
  await settled();
  assert.equal(globalThis.started[0].messages.length, 100);
});

for (const key of ["token", "join", "said"])
  test(`a page with a conversation goes on at once and shows no form: ${key}`, async () => {
    await arrive({ stored: { [`adminara.${key}`]: "x" } });
    assert.equal(globalThis.document.documentElement.dataset.screen, "loading");
    await settled();
    assert.equal(globalThis.started.length, 1);
  });

test("where another tab has a conversation the page goes on at once, and does not say that there is none", async () => {
  await arrive({ led: ["adminara."] });
  hear("configure", { locale: "tr", open: false });
  await settled();
  assert.deepEqual([globalThis.document.documentElement.dataset.screen, parent.heard], ["loading", []]);
  assert.equal(globalThis.started.length, 1);
});

test("the rest of the page hears whether it is alone, as it is by then", async () => {
  await arrive({ led: ["adminara.other"] });
  fire("click");
  await settled();
  assert.equal(globalThis.started[0].alone, true);
  await arrive();
  locks.query = async () => ({ held: [{ name: "adminara." }] });
  fire("click");
  await settled();
  assert.equal(globalThis.started[0].alone, false);
  await arrive();
  locks.query = () => Promise.reject(new Error("SecurityError"));
  fire("click");
  await settled();
  assert.equal(globalThis.started[0].alone, true);
});

test("a preview is none of the tabs", async () => {
  await arrive({ led: ["adminara."], preview: true });
  await settled();
  assert.deepEqual([globalThis.document.documentElement.dataset.screen, globalThis.started], [undefined, []]);
});

test("conversations of other sites are nothing to it", async () => {
  await arrive({ led: ["adminara.", "adminara.other"], search: "?site=own" });
  hear("configure", { locale: "tr", open: false });
  await settled();
  assert.deepEqual(parent.heard, [["status-changed", { status: "idle" }, SITE]]);
  assert.equal(globalThis.started.length, 0);
});

test("a page that can store nothing says so at once", async () => {
  await arrive({ blocked: true });
  await settled();
  assert.equal(globalThis.started.length, 1);
});

test("a part that does not come is tried again, and the page says so", async () => {
  const line = await arrive({ rest: "data:text/javascript,throw 1;//" });
  fire("click");
  await settled();
  assert.deepEqual([line.textContent, line.hidden], ["It keeps trying.", false]);
  for (let n = 0; n < 100; n++) {
    mock.timers.tick(20_000);
    await settled();
  }
  assert.deepEqual(globalThis.started, []);
});

test("a press on Join waits for the view", async () => {
  await arrive();
  const button = { setAttribute() {}, disabled: false };
  const form = { dataset: {}, closest: () => ({}), querySelector: () => button };
  let kept = false;
  const preventDefault = () => {
    kept = true;
  };
  const press = { target: form, preventDefault };
  fire("submit", press);
  await settled();
  assert.deepEqual([kept, form.dataset.pressed, button.disabled, globalThis.started.length], [true, "", true, 1]);
  form.dataset.taken = "";
  kept = false;
  fire("submit", press);
  assert.equal(kept, false);
});
