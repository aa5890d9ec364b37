import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Bridge } from "../../static/js/app/customer/host/bridge.js";
import { Emitter } from "../../static/js/core/emitter.js";
import { initialState, reduce } from "../../static/js/ui/customer/state.js";

const SITE = "https://shop.example";

let parent;
let listener;
let app;

/** An app that remembers what was asked of it. */
class FakeApp extends Emitter {
  state = reduce(initialState(), { type: "home" });
  visitor = {};
  questions = [];
  asked = [];
  suggest = (form) => this.asked.push(["suggest", form]);
  join = (form) => this.asked.push(["join", form]);
  leave = () => this.asked.push(["leave"]);
  hangUp = () => this.asked.push(["hangUp"]);
  clear = () => this.asked.push(["clear"]);
  tellRead = () => this.asked.push(["tellRead"]);
  resumeWith = (pass) => this.asked.push(["resumeWith", pass]);
  notices = 0;
  tellMemory = () => this.notices++;

  to(...events) {
    const before = this.state;
    for (const event of events) this.state = reduce(this.state, { now: 1000, ...event });
    this.emit("change", { state: this.state, before });
  }
}

function hear(command, value, { origin = SITE, source = parent } = {}) {
  listener({ source, origin, data: { adminara: 1, command, value } });
}

const names = () => parent.heard.map(([{ event }]) => event);

beforeEach(() => {
  parent = { heard: [], postMessage: (data, origin) => parent.heard.push([data, origin]) };
  globalThis.window = { parent, addEventListener: (_, given) => (listener = given) };
  globalThis.document = { addEventListener() {}, documentElement: { dataset: {} } };
  app = new FakeApp();
  new Bridge().attach(app, (locale) => app.asked.push(["locale", locale]));
});

test("nothing is said before the host has introduced itself, and then only to its origin", () => {
  app.to({ type: "join", form: { name: "Ayşe", topic: "", media: "chat" } });
  assert.deepEqual(parent.heard, []);
  hear("configure", { locale: "en", theme: "dark", open: false });
  assert.deepEqual([...new Set(parent.heard.map(([, origin]) => origin))], [SITE]);
  assert.deepEqual(app.asked, [["locale", "en"]]);
  assert.equal(document.documentElement.dataset.theme, "dark");
});

test("other windows and other origins are not heard", () => {
  hear("configure", { open: false });
  hear("reset", null, { source: {} });
  hear("reset", null, { origin: "https://evil.example" });
  listener({ source: parent, origin: SITE, data: { command: "reset" } });
  listener({ source: parent, origin: SITE, data: null });
  assert.deepEqual(app.asked, []);
});

test("a host without an origin is not heard at all", () => {
  hear("configure", { locale: "en" }, { origin: "null" });
  assert.deepEqual(app.asked, []);
  assert.deepEqual(parent.heard, []);
});

test("the way through queue and call is told, the token and the words are not", () => {
  hear("configure", {});
  app.to({ type: "join", form: { name: "Ayşe", topic: "", media: "video" } });
  app.to({ type: "queue:joined", conversation: "c1", token: "secret", position: 2, waiting: 2 });
  app.to({ type: "queue:position", position: 1, waiting: 1 });
  app.to({ type: "queue:ready", conversation: "c1", token: "secret", peer: { name: "Elif" }, media: "video" });
  app.emit("message", { text: "private" });
  app.to({ type: "call", patch: { state: "reconnecting" } });
  app.to({ type: "call:ended", reason: "operator" });
  const told = names().filter((name) => name !== "status-changed");
  assert.deepEqual(told, [
    "queue-joined",
    "queue-position",
    "queue-position",
    "call-started",
    "message",
    "call-reconnecting",
    "call-ended",
  ]);
  assert.ok(!JSON.stringify(parent.heard).match(/secret|private/));
});

test("while an earlier page's conversation is looked for, the site is not told that there is none", () => {
  const statuses = () =>
    parent.heard.filter(([{ event }]) => event === "status-changed").map(([{ detail }]) => detail.status);
  app.state = initialState();
  hear("configure", {});
  app.to({ type: "link", link: "connecting" });
  assert.deepEqual(statuses(), []);
  app.to({ type: "queue:ready", conversation: "c1", peer: { name: "Elif" }, media: "chat" });
  assert.deepEqual(statuses(), ["in-call"]);
  app.state = initialState();
  app.to({ type: "home" });
  assert.deepEqual(statuses(), ["in-call", "idle"]);
  // A loader that asks anew is told anew.
  hear("configure", {});
  assert.deepEqual(statuses(), ["in-call", "idle", "idle"]);
});

test("where the frame can store nothing the site keeps a handle, and the next frame gets it", () => {
  let site = null;
  new Bridge().attach(app, () => {}, { use: (given) => (site = given) });
  hear("configure", { open: false });
  assert.deepEqual([site, app.notices], [null, 1]);
  hear("configure", { open: false, keeps: true, handle: "sealed" });
  assert.equal(app.notices, 1);
  assert.deepEqual(app.asked, [["resumeWith", { handle: "sealed", origin: SITE }]]);
  site.keep("sealed anew");
  assert.equal(site.origin, SITE);
  assert.deepEqual(parent.heard.at(-1), [{ adminara: 1, event: "handle", detail: { handle: "sealed anew" } }, SITE]);
  for (const handle of ["", null, 5, {}, "x".repeat(5000)]) hear("configure", { open: false, keeps: true, handle });
  assert.equal(app.asked.length, 1);
});

test("what is asked for while an earlier page's conversation is looked for is done once it is known", async () => {
  app.state = initialState();
  hear("configure", { open: false });
  for (let n = 0; n < 100; n++) hear("leaveQueue");
  app.to({ type: "link", link: "connecting" });
  await null;
  assert.deepEqual(app.asked, []);
  app.to({ type: "queue:ready", conversation: "c1", peer: { name: "Elif" }, media: "chat" });
  assert.deepEqual(app.asked, []);
  await null;
  assert.deepEqual([app.asked.length, app.asked[0]], [20, ["hangUp"]]);
  app.state = initialState();
  hear("startCall", { name: "Zeynep" });
  app.to({ type: "home" });
  await null;
  assert.deepEqual(app.asked.at(-1), ["join", { name: "Zeynep", topic: "", media: "video" }]);
});

test("startCall joins with a name and fills the form without", () => {
  hear("startCall", { topic: "İade" });
  hear("startCall", { name: "Zeynep", media: "audio" });
  assert.deepEqual(app.asked, [
    ["suggest", { name: "", topic: "İade", media: "video" }],
    ["join", { name: "Zeynep", topic: "", media: "audio" }],
  ]);
});

test("only plain attributes go on to the queue", () => {
  hear("setUser", { name: "Zeynep", identity: "signed", attributes: { plan: "pro" } });
  hear("setAttributes", { orders: 3, vip: true, nested: {}, fn: null });
  assert.deepEqual(app.visitor, { identity: "signed", attributes: { plan: "pro", orders: 3, vip: true } });
  hear("reset");
  assert.deepEqual(app.visitor, {});
});

test("an attribute that has the name of a question fills its answer in; agreement comes from nobody else", () => {
  app.questions = [
    { key: "name", kind: "name", required: true, most: 80 },
    { key: "email", kind: "email", most: 20 },
    { key: "order", kind: "text", most: 5, required: true },
    { key: "terms", kind: "consent" },
    { key: "constructor", kind: "text", most: 5 },
  ];
  const attributes = { order: 1234567, email: "ada@example.org", terms: true, plan: "pro", name: "Eve" };
  hear("setAttributes", attributes);
  const answers = { email: "ada@example.org", order: "12345" };
  assert.deepEqual(app.asked, [["suggest", { answers }]]);
  assert.deepEqual(app.visitor.attributes, attributes);
  // What has to be answered first keeps the form open.
  hear("startCall", { name: "Ada" });
  assert.equal(app.asked.at(-1)[0], "suggest");
  app.state = { ...app.state, form: { ...app.state.form, answers } };
  hear("startCall", { name: "Ada" });
  assert.deepEqual(app.asked.at(-1), ["join", { name: "Ada", topic: "", media: "video", answers }]);
});

const errors = () => parent.heard.filter(([{ event }]) => event === "error").map(([{ detail }]) => detail);

test("leaveQueue hangs up in a call", () => {
  hear("configure", {});
  app.to({ type: "join", form: { name: "Ayşe", topic: "", media: "chat" } });
  hear("leaveQueue");
  assert.deepEqual(app.asked.at(-1), ["leave"]);
  app.state = { ...app.state, screen: "call" };
  hear("leaveQueue");
  assert.deepEqual(app.asked.at(-1), ["hangUp"]);
});

test("what a site says too long is cut, and the site is told; the visitor is not kept from joining", () => {
  hear("configure", {});
  hear("setUser", {
    name: "😀".repeat(100),
    identity: "x".repeat(5000),
    attributes: { plan: "p".repeat(300), n: 1e300, list: [1], ok: true },
  });
  assert.deepEqual(app.asked.at(-1), ["suggest", { name: "😀".repeat(80), answers: {} }]);
  assert.deepEqual(app.visitor, { attributes: { plan: "p".repeat(256), ok: true } });
  assert.deepEqual(errors(), [
    { code: "too_long", field: "name" },
    { code: "too_long", field: "identity" },
    { code: "too_long", field: "attributes.plan" },
    { code: "not_taken", field: "attributes.n" },
    { code: "not_taken", field: "attributes.list" },
  ]);
  hear("startCall", { name: "Ada", topic: "t".repeat(300), media: "hologram" });
  assert.deepEqual(app.asked.at(-1), ["join", { name: "Ada", topic: "t".repeat(200), media: "video" }]);
});

test("the frame knows from the site whether it is shown", () => {
  const bridge = new Bridge();
  bridge.attach(app, () => {});
  assert.equal(bridge.shown, false);
  hear("configure", { open: false });
  assert.equal(bridge.shown, false);
  hear("shown");
  assert.equal(bridge.shown, true);
  assert.deepEqual(app.asked.at(-1), ["tellRead"]);
  hear("hidden");
  assert.equal(bridge.shown, false);
});

test("a loader from before, that says nothing of its panel, is taken to show it", () => {
  const bridge = new Bridge();
  bridge.attach(app, () => {});
  hear("configure", { locale: "en" });
  assert.equal(bridge.shown, true);
});

test("whatever a site hands over, nothing throws and everything fits", () => {
  const values = [
    undefined,
    null,
    0,
    -1,
    NaN,
    Infinity,
    "",
    "x".repeat(100_000),
    true,
    [],
    {},
    [[]],
    { toString: null },
    Object.create(null),
    new Date(0),
    { a: { b: 1 } },
    { "": 1 },
    { __proto__: { x: 1 } },
    Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`k${n}`, n])),
    { ["k".repeat(500)]: "v" },
    { "\ud83d": "\ud83d" },
  ];
  hear("configure", {});
  for (const command of [
    "setUser",
    "setAttributes",
    "startCall",
    "leaveQueue",
    "setLocale",
    "configure",
    "nothing",
    undefined,
  ]) {
    for (const value of values) {
      hear(command, value);
      hear(command, {
        name: value,
        topic: value,
        identity: value,
        attributes: value,
        media: value,
        open: value,
        theme: value,
      });
      const { attributes = {}, identity = "" } = app.visitor;
      assert.ok(Object.keys(attributes).length <= 32 && identity.length <= 4096);
      for (const [name, fact] of Object.entries(attributes)) {
        assert.ok([...name].length <= 64 && ["string", "number", "boolean"].includes(typeof fact));
        assert.ok(typeof fact !== "string" || [...fact].length <= 256);
      }
    }
  }
});
