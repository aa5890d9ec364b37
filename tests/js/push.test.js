import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { memoryStore } from "../../static/js/core/storage.js";
import { Push } from "../../static/js/net/push.js";

const PLACES = { url: "/admin/push/", worker: "/admin/sw.js", scope: "/admin/" };
/** base64url, as the server says it */
const KEY = "AQID";

/** @type {any} the browser's, of whoever made it */
let subscription;
/** @type {[method: string, body: any][]} what the server was told */
let asked;
/** @type {import("../../static/js/core/types.js").Store} of this browser */
let kept;

const pushManager = {
  getSubscription: async () => subscription,
  subscribe: async ({ applicationServerKey }) => {
    const key = Uint8Array.from(atob(applicationServerKey), (one) => one.charCodeAt(0)).buffer;
    subscription = {
      endpoint: "https://push.example/1",
      options: { applicationServerKey: key },
      toJSON: () => ({ endpoint: "https://push.example/1" }),
      unsubscribe: async () => {
        subscription = null;
      },
    };
    return subscription;
  },
};

/** The console of an operator who is signed in. @param {string} me */
function console_(me) {
  return new Push(PLACES, { me, kept }, async (_url, { method, body }) => {
    asked.push([method, body && JSON.parse(body)]);
    return /** @type {any} */ ({ ok: true, json: async () => ({ key: KEY }) });
  });
}

const told = () => asked.filter(([method]) => method !== "GET").map(([method]) => method);

beforeEach(() => {
  subscription = null;
  asked = [];
  kept = memoryStore();
  const registration = { pushManager };
  Object.defineProperty(globalThis, "navigator", {
    configurable: true,
    value: { serviceWorker: { register: async () => ({}), ready: Promise.resolve(registration) }, userAgent: "" },
  });
  const Notification = { permission: "granted", requestPermission: async () => "granted" };
  Object.assign(globalThis, { window: { Notification }, Notification, document: { cookie: "" } });
});

test("on, told again by the next page, off", async () => {
  assert.equal(await console_("ayse").on(), "on");
  await console_("ayse").start();
  assert.equal(await console_("ayse").off(), "off");
  assert.deepEqual(told(), ["POST", "POST", "DELETE"]);
  await console_("ayse").start();
  assert.equal(told().length, 3);
});

test("who signs in where a colleague wanted it is not told, until wanted; then the colleague is not", async () => {
  await console_("ayse").on();
  asked = [];
  const bora = console_("bora");
  await bora.start();
  assert.equal(await bora.state(), "off");
  assert.deepEqual(asked, []);
  assert.equal(await bora.on(), "on");
  assert.equal(await console_("ayse").state(), "off");
  await console_("ayse").start();
  assert.deepEqual(told(), ["POST"]);
});
