import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { CalledHere } from "../../static/js/net/called-here.js";

const WAYS = { key: "AQID", worker: "/turn/sw.js", scope: "/turn/" };

/** @type {any} */
let registration;
/** @type {any[]} */
let asked;
let permission = "default";
let answered = "granted";

/** @param {string} name @param {number[]} key */
const subscription = (name, key) => ({
  options: { applicationServerKey: new Uint8Array(key).buffer },
  toJSON: () => name,
  unsubscribe: async () => asked.push("unsubscribe"),
});

beforeEach(() => {
  asked = [];
  permission = "default";
  answered = "granted";
  registration = {
    active: {},
    pushManager: {
      getSubscription: async () => null,
      subscribe: async (options) => asked.push(options) && subscription("new", [1, 2, 3]),
    },
  };
  const serviceWorker = { register: async (worker, { scope }) => asked.push([worker, scope]) && registration };
  Object.defineProperty(globalThis, "navigator", { configurable: true, value: { serviceWorker, userAgent: "" } });
  const Notification = {
    get permission() {
      return permission;
    },
    requestPermission: async () => (permission = answered),
  };
  Object.assign(globalThis, { window: { Notification, PushManager: class {} }, Notification });
});

const here = () => new CalledHere(async () => WAYS);

test("how this browser stands, in a word", async () => {
  assert.equal(here().standing(), "ask");
  assert.equal(await here().allow(), true);
  answered = "denied";
  assert.equal(await here().allow(), false);
  assert.equal(here().standing(), "denied");
  delete globalThis.window.PushManager;
  assert.equal(here().standing(), "unsupported");
  navigator.userAgent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)";
  assert.equal(here().standing(), "homeScreen");
});

test("it subscribes with the worker of its own, once that serves", async () => {
  const installing = Object.assign(new EventTarget(), { state: "installing" });
  Object.assign(registration, { active: null, installing });
  const coming = here().subscribe();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(asked, [["/turn/sw.js", "/turn/"]]);
  installing.state = "activated";
  installing.dispatchEvent(new Event("statechange"));
  assert.equal(await coming, "new");
  assert.deepEqual(asked[1], { userVisibleOnly: true, applicationServerKey: "AQID" });
});

test("a worker that cannot be installed, or a push service that is not there, is said at once", async () => {
  const installing = Object.assign(new EventTarget(), { state: "redundant" });
  Object.assign(registration, { active: null, installing });
  await assert.rejects(here().subscribe(), { code: "not_here" });
  Object.assign(registration, { active: {}, installing: null });
  registration.pushManager.subscribe = () =>
    Promise.reject(new DOMException("push service not available", "AbortError"));
  await assert.rejects(here().subscribe(), { code: "not_here" });
});

test("the subscription that it has is taken, one for an older key is not", async () => {
  registration.pushManager.getSubscription = async () => subscription("known", [1, 2, 3]);
  assert.equal(await here().subscribe(), "known");
  registration.pushManager.getSubscription = async () => subscription("older", [9]);
  assert.equal(await here().subscribe(), "new");
  assert.equal(asked.includes("unsubscribe"), true);
});
