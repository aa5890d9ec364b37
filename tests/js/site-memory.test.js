import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { SiteMemory } from "../../static/js/app/customer/host/site-memory.js";
import { Emitter } from "../../static/js/core/emitter.js";

const SITE = "https://shop.example";
let session;
let kept;

/** A session that remembers what it sent. */
function fresh({ persistent = false, token = "secret" } = {}) {
  session = Object.assign(new Emitter(), {
    storage: { persistent },
    token,
    sent: [],
    send: (...frame) => session.sent.push(frame),
  });
  new SiteMemory(session).use({ origin: SITE, keep: (handle) => kept.push(handle) });
}

beforeEach(() => {
  kept = [];
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
});

test("a handle is asked for with each welcome and join, kept by the site, and replaced long before it ends", () => {
  fresh();
  assert.deepEqual(session.sent, [["resume:ask", { origin: SITE }]]);
  session.emit("queue:joined", {});
  session.emit("welcome", {});
  assert.equal(session.sent.length, 3);
  session.emit("resume:handle", { handle: "one", expires_s: 600 });
  mock.timers.tick(239_000);
  assert.equal(session.sent.length, 3);
  mock.timers.tick(2000);
  assert.equal(session.sent.length, 4);
  session.emit("resume:handle", { handle: "two", expires_s: 600 });
  assert.deepEqual(kept, ["one", "two"]);
  // Over: nothing is asked for any more.
  session.token = null;
  mock.timers.tick(600_000);
  assert.equal(session.sent.length, 4);
});

test("where the page has storage of its own, and without a conversation, nothing is asked for", () => {
  fresh({ persistent: true });
  session.emit("welcome", {});
  assert.deepEqual(session.sent, []);
  fresh({ token: null });
  session.emit("welcome", {});
  assert.deepEqual(session.sent, []);
});
