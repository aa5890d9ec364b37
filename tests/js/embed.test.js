import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeStorage, HostPage, SERVICE, TEXTS } from "./fakes/host-page.js";

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

/** Loaded and opened, with the frame there. */
function opened(options) {
  const page = new HostPage(options).load();
  page.api.open();
  page.arrives();
  return page;
}

test("it stands beside the body, once, however often it is loaded", () => {
  const page = new HostPage().load();
  const { api } = page;
  page.load().load();
  assert.equal(page.roots.length, 1);
  assert.equal(page.api, api);
  assert.deepEqual(page.warnings, []);
});

test("calls made before it came are done, in their order; one that there is not stops none", async () => {
  const heard = [];
  const q = [["open"], ["dance"], 7, ["on", "ready", () => heard.push("ready")], (api) => heard.push(api.isOpen())];
  const page = new HostPage({ window: { Adminara: { q } } }).load();
  await settled();
  assert.deepEqual([page.api.isOpen(), heard], [true, [true, "ready"]]);
  assert.equal(page.warnings.length, 2);
});

for (const [what, window] of Object.entries({
  "an element named Adminara": { Adminara: { id: "Adminara", tagName: "DIV" } },
  "an element named adminaraSettings": { adminaraSettings: { id: "adminaraSettings" } },
  "settings that are none": { adminaraSettings: "left" },
  "a queue that is none": { Adminara: { q: "open" } },
  "no console": { console: undefined },
  "a console without words": { console: {} },
  "storage that throws": {
    get sessionStorage() {
      throw new Error("SecurityError");
    },
    get localStorage() {
      throw new Error("SecurityError");
    },
  },
  "no storage": { sessionStorage: null, localStorage: null },
  "storage that is full": {
    sessionStorage: { ...fakeStorage(), setItem: () => assert.fail() },
    localStorage: { ...fakeStorage(), setItem: () => assert.fail() },
  },
  "storage with somebody else's words in it": {
    sessionStorage: fakeStorage({ "adminara.active": "{half" }),
    localStorage: fakeStorage(),
  },
  "a CustomEvent that cannot be made": { CustomEvent: {} },
  "no constructed style sheets": { CSSStyleSheet: class {} },
}))
  test(`it works with ${what}`, async () => {
    const page = opened({ window });
    page.says("status-changed", { status: "in-call" });
    page.says("unread", { count: 2 });
    page.api.close();
    await settled();
    assert.deepEqual([page.api.status(), page.badge.textContent], ["in-call", "2"]);
  });

for (const [what, window] of Object.entries({
  "no MutationObserver": { MutationObserver: undefined },
  "a base address that is none": { adminaraSettings: { baseUrl: "https://" } },
  "no URL": { URL: undefined },
}))
  test(`the page never hears of it: ${what}`, () => {
    assert.match(new HostPage({ window }).load().warnings.join(), /^Adminara: /);
  });

test("without a tag that the browser names it finds its own, and without any it is the page's own", () => {
  const page = new HostPage();
  page.document.currentScript = null;
  page.load().api.open();
  assert.ok(page.frame.src.startsWith(`${SERVICE}/widget/?`));
  const alone = new HostPage({ tag: null }).load();
  alone.api.open();
  assert.ok(alone.frame.src.startsWith("https://shop.example/widget/?"));
});

const HOSTILE = [
  undefined,
  null,
  0,
  Number.NaN,
  1n,
  "",
  "\ud800",
  "constructor",
  "__proto__",
  "<script>",
  [],
  {},
  Symbol("s"),
  () => {
    throw new Error("of the page");
  },
  Object.create(null),
  new Proxy(
    {},
    {
      get() {
        throw new Error("of the page");
      },
      ownKeys() {
        throw new Error("of the page");
      },
    },
  ),
];

test("no method throws, whatever it is given", () => {
  const page = new HostPage().load();
  const methods = Object.entries(page.api).filter(([, value]) => typeof value === "function");
  for (const [name] of methods)
    for (const first of HOSTILE) for (const second of HOSTILE) page.api[name](first, second);
  page.api.open();
  assert.equal(page.api.isOpen(), true);
});

test("nobody but the frame's own page is heard", async () => {
  const page = opened();
  const before = page.events.length;
  for (const message of [
    { origin: "https://evil.example" },
    { source: page.window },
    { source: null },
    { origin: "null" },
    { data: null },
    { data: "adminara" },
    { data: { adminara: 2, event: "minimize" } },
    { data: { event: "status-changed", detail: { status: "in-call" } } },
  ])
    page.says("status-changed", { status: "in-call" }, message);
  assert.deepEqual([page.api.status(), page.events.length], ["idle", before]);
  // … and what that one says amiss harms nobody.
  for (const detail of [null, undefined, 7, []])
    for (const event of [...page.api.events(), "locale", "handle", "minimize", "unfold", "constructor", null, 7])
      page.says(event, detail, { data: { adminara: 1, event, detail } });
  page.api.open();
  page.says("unread", { count: 1 });
  assert.deepEqual(page.events.at(-1), ["unread", { count: 1 }]);
});

test("one listener that throws stops neither the others nor us", async () => {
  const page = opened({ window: { setTimeout: (act, _, detail) => queueMicrotask(() => attempt(act, detail)) } });
  const heard = [];
  const attempt = (act, detail) => {
    try {
      act(detail);
    } catch {
      heard.push("thrown");
    }
  };
  page.api.on("message", () => assert.fail());
  const off = page.api.on("message", (detail) => heard.push(detail));
  page.says("message", { from: "operator" });
  await settled();
  off();
  page.says("message", { from: "operator" });
  await settled();
  assert.deepEqual(heard, ["thrown", { from: "operator" }, "thrown"]);
});

test("every event of the frame is one of the page, with what stands in it", () => {
  const page = opened();
  for (const name of page.api.events().filter((event) => event !== "ready")) {
    page.says(name, { status: "idle", position: 1, count: 0, mark: name });
    assert.deepEqual(page.events.at(-1), [name, { status: "idle", position: 1, count: 0, mark: name }]);
  }
  const before = page.events.length;
  for (const name of ["minimize", "unfold", "locale", "handle", "other"])
    page.says(name, { locale: "tr", handle: "h" });
  assert.ok(page.events.slice(before).every(([name]) => name === "closed" || name === "opened"));
});

test("it speaks every language of the service, and English to who speaks none of them", () => {
  const page = new HostPage().load();
  for (const [code, words] of Object.entries(TEXTS)) {
    page.api.setLocale(code);
    assert.equal(page.launcher.attributes["aria-label"], words.open);
    assert.deepEqual(Object.keys(words).sort(), Object.keys(TEXTS.en).sort());
  }
  page.api.setLocale("tr_TR");
  assert.equal(page.launcher.title, TEXTS.tr.open);
  page.api.setLocale("de-AT");
  assert.equal(page.launcher.title, TEXTS.en.open);
});

test("the visitor's language is the page's, else the browser's, or as the site wants it", () => {
  const label = (options) => new HostPage(options).load().launcher.title;
  assert.equal(label({ lang: "en-GB" }), TEXTS.en.open);
  assert.equal(label({ lang: "" }), TEXTS.tr.open);
  assert.equal(label({ lang: "en", tag: { useBrowserLanguage: "" } }), TEXTS.tr.open);
  assert.equal(label({ lang: "en", tag: { locale: "tr" } }), TEXTS.tr.open);
  assert.equal(label({ tag: { locale: "tr" }, window: { adminaraSettings: { locale: "en" } } }), TEXTS.en.open);
});

test("settings hold: of the tag, and above them those of the page", () => {
  const page = new HostPage({
    tag: { position: "left", theme: "dark", launcherTitle: "Ask us", hideLauncher: "true", site: "a&b", other: "x" },
    window: { adminaraSettings: { hideLauncher: false, baseUrl: "https://other.example/path" } },
  }).load();
  page.api.open();
  page.arrives();
  assert.deepEqual(
    [page.root.dataset.position, page.root.dataset.theme, page.launcher.hidden, page.api.settings().launcherTitle],
    ["left", "dark", false, "Ask us"],
  );
  assert.equal(page.frame.src, "https://other.example/widget/?site=a%26b&locale=en&line=");
  page.api.close();
  assert.equal(page.launcher.title, "Ask us");
  page.api.hide();
  assert.equal(page.launcher.hidden, true);
  page.api.show();
  assert.equal(page.launcher.hidden, false);
});

test("what a page's template left empty says nothing", () => {
  const empty = { site: "", line: "", position: "", locale: "", theme: "", launcherTitle: "", baseUrl: "" };
  const page = new HostPage({ lang: "tr", dir: "rtl", tag: { ...empty, hideLauncher: "" } }).load();
  const usual = new HostPage({ lang: "tr", dir: "rtl" }).load().api.settings();
  assert.deepEqual({ ...page.api.settings() }, { ...usual, hideLauncher: true });
  assert.equal(page.launcher.attributes["aria-label"], TEXTS.tr.open);
});

test("on pages from right to left it stands on the left, unless the site says otherwise", () => {
  const side = (options, style = {}) => {
    const page = new HostPage(options);
    page.style = style;
    return page.load().root.dataset.position;
  };
  assert.equal(side({}), "right");
  assert.equal(side({ dir: "rtl" }), "left");
  assert.equal(side({ dir: "rtl", tag: { position: "right" } }), "right");
  assert.equal(side({ tag: { position: "right" } }, { "--adminara-position": " left" }), "left");
});

test("the page's style has no say but by the variables", () => {
  const page = new HostPage().load();
  const rules = page.root.style.cssText.split(";");
  assert.equal(rules[0], "all:initial!important");
  assert.ok(rules.includes("z-index:var(--adminara-z-index,2147483000)!important"));
  assert.ok(rules.every((rule) => rule.endsWith("!important")));
  for (const name of ["accent", "on-accent", "offset-x", "offset-y"])
    assert.match(page.css, new RegExp(`var\\(--adminara-${name},`));
});

test("the launcher has the colour of its site, and the page's variables win over it", async () => {
  const colours = { primary: "#123456", primaryHover: "#102030", onPrimary: "#fefefe" };
  const page = new HostPage({ tag: { site: "k&y" } });
  const asked = [];
  page.imports = (address) => {
    asked.push(address);
    return Promise.resolve({ default: { key: "k", colours } });
  };
  page.load();
  assert.deepEqual(Object.keys(page.launcher.rules), []);
  await settled();
  assert.deepEqual(asked, [`${SERVICE}/site.js?site=k%26y`]);
  const painted = Object.entries(page.launcher.rules).map(([name, [value]]) => [name, value]);
  assert.deepEqual(
    painted,
    Object.entries(colours).map(([name, value]) => [`--ad-site-${name}`, value]),
  );
  for (const [theirs, name] of [
    ["accent", "primary"],
    ["on-accent", "onPrimary"],
    ["accent", "primaryHover"],
  ])
    assert.match(page.css, new RegExp(`var\\(--adminara-${theirs}, var\\(--ad-site-${name}, var\\(--ad-`));
});

test("the default site, which has no key, is asked about, too", async () => {
  const page = new HostPage({ tag: {} });
  const asked = [];
  page.imports = async (address) => asked.push(address) && { default: { key: "", colours: { primary: "#123456" } } };
  page.load();
  await settled();
  assert.deepEqual(asked, [`${SERVICE}/site.js?site=`]);
  assert.deepEqual(page.launcher.rules["--ad-site-primary"][0], "#123456");
});

/** Between the opening hours, in them, after all that is known. */
const MORNING = 1_800_000_000_000;
const HOUR = 3_600_000;
const shifts = [
  [MORNING, MORNING + 4 * HOUR],
  [MORNING + 30 * 24 * HOUR, MORNING + 30 * 24 * HOUR + HOUR],
];

/** @param {number} at  by the page's clock @param {any} hours */
async function pageAt(at, hours) {
  const timers = [];
  const clock = { at };
  const page = new HostPage({
    window: {
      Date: { now: () => clock.at },
      setTimeout: (act, ms, ...given) => (ms ? timers.push([act, ms]) : setTimeout(act, 0, ...given)),
    },
  });
  page.imports = async () => ({ default: { key: "", ...(hours && { hours }) } });
  page.load();
  await settled();
  const statuses = () => page.events.filter(([name]) => name === "status-changed").map(([, { status }]) => status);
  /** Lets all timers up to then fire. @param {number} until */
  const pass = (until) => {
    while (timers.length > 0 && clock.at + timers[0][1] <= until) {
      const [act, ms] = timers.shift();
      clock.at += ms;
      act();
    }
    clock.at = until;
  };
  return { page, timers, statuses, pass };
}

test("the status says that it is closed, and the page hears when that changes", async () => {
  const { page, timers, statuses, pass } = await pageAt(MORNING - 2 * HOUR - 5000, shifts);
  assert.equal(page.api.status(), "closed");
  assert.deepEqual(statuses(), ["closed"]);
  pass(MORNING - 1);
  assert.equal(page.api.status(), "closed");
  pass(MORNING);
  assert.equal(page.api.status(), "idle");
  pass(MORNING + 4 * HOUR);
  assert.deepEqual(statuses(), ["closed", "idle", "closed"]);
  // No timer of a browser is as long as that.
  assert.ok(timers.length === 1 && timers[0][1] <= HOUR);
  pass(MORNING + 30 * 24 * HOUR);
  assert.equal(page.api.status(), "idle");
  pass(MORNING + 31 * 24 * HOUR);
  assert.deepEqual([page.api.status(), timers.length], ["idle", 0]);
});

test("a conversation goes on after closing time, and its status is told", async () => {
  const { page, statuses, pass } = await pageAt(MORNING + 3 * HOUR, shifts);
  page.api.open();
  page.says("status-changed", { status: "in-call" });
  pass(MORNING + 5 * HOUR);
  assert.equal(page.api.status(), "in-call");
  page.says("status-changed", { status: "ended" });
  page.says("status-changed", { status: "idle" });
  assert.deepEqual(statuses(), ["in-call", "ended", "closed"]);
});

test("without hours it is always open, with none left for long it is closed", async () => {
  assert.equal((await pageAt(MORNING, undefined)).page.api.status(), "idle");
  assert.equal((await pageAt(MORNING, [])).page.api.status(), "closed");
});

test("a key that there is not is told, and keeps nobody from support", async () => {
  const page = new HostPage({ tag: { site: "absent" } });
  page.imports = async () => ({ default: null });
  page.load();
  await settled();
  assert.match(page.warnings[0], /no site has the key "absent"/);
  const [name, { code, field }] = page.events.at(-1);
  assert.deepEqual([name, code, field], ["error", "site_unknown", "site"]);
  page.api.open();
  assert.equal(page.api.isOpen(), true);
});

test("a page that takes it out gets it back, with what it had said", () => {
  const page = opened();
  page.api.setUser({ name: "Ada", attributes: { plan: "free", orders: 3 } });
  page.api.setAttributes({ plan: "pro" });
  page.frame.contentWindow.heard.length = 0;
  page.root.remove();
  assert.equal(page.roots.length, 1);
  page.arrives();
  assert.deepEqual(page.heard.at(-1), ["setUser", { name: "Ada", attributes: { plan: "pro", orders: 3 } }]);
  page.api.reset();
  page.frame.contentWindow.heard.length = 0;
  page.arrives();
  assert.deepEqual(
    page.heard.map(([command]) => command),
    ["configure", "page"],
  );
});

test("a conversation is found again by the next page of the tab", () => {
  const page = opened();
  page.says("status-changed", { status: "waiting" });
  page.says("unread", { count: 3 });
  page.says("handle", { handle: "sealed" });
  const { sessionStorage, localStorage } = page.window;
  const next = new HostPage({ window: { sessionStorage, localStorage } }).load();
  next.arrives();
  assert.deepEqual([next.api.isOpen(), next.badge.textContent, next.frame !== undefined], [true, "3", true]);
  assert.equal(next.heard[0][1].handle, "sealed");
  next.says("status-changed", { status: "ended" });
  assert.deepEqual([sessionStorage.items, localStorage.items], [{}, {}]);
  const after = new HostPage({ window: { sessionStorage, localStorage } }).load();
  assert.deepEqual([after.api.isOpen(), after.frame], [false, undefined]);
});

test("other tabs of the site follow a conversation, and say where it is", () => {
  const localStorage = fakeStorage();
  const [leads, other] = [opened({ window: { localStorage } }), new HostPage({ window: { localStorage } }).load()];
  assert.equal(other.frame, undefined);
  leads.says("status-changed", { status: "joining" });
  assert.deepEqual(localStorage.items, {});
  leads.says("status-changed", { status: "waiting" });
  other.window.dispatchEvent(new Event("storage"));
  other.arrives();
  other.says("status-changed", { status: "elsewhere" });
  assert.deepEqual(
    [other.api.status(), other.api.isOpen(), other.badge.hidden, other.launcher.attributes["aria-label"]],
    ["elsewhere", false, false, `${TEXTS.en.open}, ${TEXTS.en.elsewhere}`],
  );
  assert.deepEqual(other.events.map(([name]) => name).slice(-2), ["elsewhere", "status-changed"]);
  assert.deepEqual(other.window.sessionStorage.items, {});
  // A tab that comes later does the same at once; that the conversation stands there is not over.
  assert.notEqual(new HostPage({ window: { localStorage } }).load().frame, undefined);
  // Of a conversation that begins while its panel is open it is told.
  other.window.dispatchEvent(new Event("storage"));
  assert.deepEqual(other.heard.at(-1), ["follow", undefined]);
  // The tab with the call was closed: the visitor is asked.
  other.says("unfold");
  assert.deepEqual([other.api.isOpen(), other.document.activeElement], [true, null]);
  other.says("status-changed", { status: "idle" });
  assert.equal(new HostPage({ window: { localStorage } }).load().frame, undefined);
});
