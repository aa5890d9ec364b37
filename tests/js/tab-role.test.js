import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { TabRole } from "../../static/js/app/customer/tab-role.js";
import { Emitter } from "../../static/js/core/emitter.js";
import { memoryStore } from "../../static/js/core/storage.js";
import { initialState, reduce } from "../../static/js/ui/customer/state.js";

const FORM = { name: "Ada", topic: "", media: "chat" };
const LED = { token: "theirs", media: "chat", screen: "call", form: FORM };

class FakeTabs extends Emitter {
  leader = null;
  closed = false;
  found = Promise.resolve();
  done = [];
  lead = (led) => this.done.push(["lead", led]);
  release = () => this.done.push(["release"]);

  hear(name, led) {
    this.leader = led;
    this.closed = name === "closed";
    this.emit(name);
  }
}

let tabs;
let session;
let page;
let role;

beforeEach(async () => {
  tabs = new FakeTabs();
  const storage = memoryStore();
  session = {
    storage,
    get token() {
      return storage.get("token");
    },
    stop: () => page.done.push("stop"),
  };
  page = { state: reduce(initialState(), { type: "home" }), done: [] };
  page.home = (...anew) => page.done.push(anew.length ? ["home", ...anew] : "home");
  page.suggest = (form) => page.done.push(["suggest", form]);
  for (const name of ["stepAside", "continueHere", "leftBehind"]) page[name] = () => page.done.push(name);
  role = new TabRole(tabs, session, page);
  await null;
  tabs.done = [];
});

const on = (screen, more = {}) => ({ ...page.state, screen, ...more });

test("a conversation is told from its token on, and that it is over", async () => {
  role.tell(on("joining"));
  role.tell(on("waiting"));
  assert.deepEqual(tabs.done, []);
  session.storage.set("token", "ours");
  role.tell(on("waiting", { media: "audio", form: FORM }));
  role.tell(on("call", { media: "audio", form: FORM }));
  role.tell(on("replaced"));
  for (const screen of ["ended", "welcome", "refused"]) role.tell(on(screen));
  const leads = [
    ["lead", { token: "ours", media: "audio", screen: "waiting", form: FORM }],
    ["lead", { token: "ours", media: "audio", screen: "call", form: FORM }],
  ];
  assert.deepEqual(tabs.done, [...leads, ["release"], ["release"], ["release"]]);
});

test("a reloaded page leads before it has heard from the server, for what it asked for", () => {
  session.storage.set("token", "ours");
  role.tell(on("loading", { form: FORM }));
  assert.deepEqual(tabs.done, [["lead", { token: "ours", media: "chat", screen: "loading", form: FORM }]]);
});

test("a form makes way for another tab's conversation; one's own does not, nor what was said", () => {
  for (const screen of ["loading", "joining", "waiting", "call", "ended"]) {
    page.state = on(screen);
    tabs.hear("led", LED);
  }
  assert.deepEqual(page.done, []);
  for (const screen of ["welcome", "refused"]) {
    page.state = on(screen);
    tabs.hear("led", LED);
  }
  assert.deepEqual(page.done, ["home", "home"]);
});

test("no conversation is begun beside that of another tab", () => {
  assert.equal(role.follows(), false);
  tabs.leader = LED;
  assert.equal(role.follows(), true);
  assert.deepEqual(page.done, ["stepAside"]);
});

test("what a page shows that was only opened comes back when it is over there", () => {
  page.state = on("replaced");
  tabs.hear("over", null);
  assert.deepEqual(page.done, [["home", true]]);
});

test("whoever continues here does so with the token of that tab", () => {
  role.take();
  assert.deepEqual([session.token, tabs.done], [null, []]);
  tabs.leader = LED;
  role.take();
  assert.deepEqual([session.token, tabs.done], ["theirs", [["lead", LED]]]);
  assert.deepEqual([page.done, JSON.parse(session.storage.get("form"))], [[["suggest", FORM]], FORM]);
});

test("a tab whose conversation is taken stops, and does not take it back on its next page", () => {
  session.storage.set("token", "ours");
  tabs.hear("taken", LED);
  assert.deepEqual([session.token, page.done], [null, ["stop", "stepAside"]]);
});

for (const [led, act] of [
  [{ ...LED, screen: "waiting", media: "video" }, "continueHere"],
  [LED, "continueHere"],
  [{ ...LED, media: "video" }, "leftBehind"],
  [{ ...LED, media: "audio" }, "leftBehind"],
  [{ ...LED, media: "video", screen: "loading" }, "leftBehind"],
])
  test(`its tab was closed: ${led.screen} ${led.media}`, () => {
    tabs.hear("closed", led);
    assert.deepEqual(page.done, []);
    page.state = on("replaced");
    tabs.hear("closed", led);
    assert.deepEqual(page.done, [act]);
    // A page that was fetched only then.
    page.state = on("loading");
    page.stepAside = () => {
      page.state = on("replaced");
    };
    page.done = [];
    assert.equal(role.follows(), true);
    assert.deepEqual(page.done, [act]);
  });

test("without tabs a page is alone", () => {
  const alone = new TabRole(undefined, session, page);
  let known = false;
  alone.known(() => {
    known = true;
  });
  session.storage.set("token", "ours");
  alone.tell(on("waiting"));
  alone.take();
  alone.release();
  assert.deepEqual([known, alone.follows(), session.token], [true, false, "ours"]);
});
