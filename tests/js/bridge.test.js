import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Bridge } from "../../static/js/app/bridge.js";
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
  asked = [];
  suggest = (form) => this.asked.push(["suggest", form]);
  join = (form) => this.asked.push(["join", form]);
  leave = () => this.asked.push(["leave"]);
  home = () => this.asked.push(["home"]);
  tellRead = () => this.asked.push(["tellRead"]);

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
  hear("configure", { locale: "en", theme: "dark" });
  assert.deepEqual([...new Set(parent.heard.map(([, origin]) => origin))], [SITE]);
  assert.deepEqual(app.asked, [["locale", "en"]]);
  assert.equal(document.documentElement.dataset.theme, "dark");
});

test("other windows and other origins are not heard", () => {
  hear("configure", {});
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
  assert.deepEqual(told, ["queue-joined", "queue-position", "queue-position", "call-started", "message", "call-reconnecting", "call-ended"]);
  assert.ok(!JSON.stringify(parent.heard).match(/secret|private/));
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
