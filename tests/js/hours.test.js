import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { CustomerApp } from "../../static/js/app/customer/customer-app.js";
import { memoryStore } from "../../static/js/core/storage.js";
import { Session } from "../../static/js/net/session.js";
import { closingText } from "../../static/js/ui/customer/end/closing.js";
import { openingText } from "../../static/js/ui/customer/opening.js";
import { initialState, reduce } from "../../static/js/ui/customer/state.js";
import { FakeSocket } from "./fakes/socket.js";
import { speak } from "./texts.js";

const zone = process.env.TZ;
const at = (/** @type {string} */ text) => Date.parse(text);
/** As of somebody who lives there. */
function live(place) {
  process.env.TZ = place;
  new Date().getHours();
}

afterEach(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
  speak("tr");
  for (const session of sessions.splice(0)) session.stop();
});

test("the next opening is told by the reader's own calendar and clock, in both languages", () => {
  const opens = at("2026-11-30T06:00Z");
  live("Europe/Istanbul");
  assert.equal(openingText(opens, at("2026-11-30T05:00Z"), "Europe/Istanbul"), "Bugün saat 09:00 itibarıyla açığız.");
  assert.equal(openingText(opens, at("2026-11-29T10:00Z"), "Europe/Istanbul"), "Yarın saat 09:00 itibarıyla açığız.");
  assert.match(openingText(opens, at("2026-11-28T10:00Z"), "Europe/Istanbul"), /30 Kasım Pazartesi günü saat 09:00/);
  speak("en");
  assert.match(openingText(opens, at("2026-11-28T10:00Z")), /Monday.* 30|30.*Monday/);
  // In New York it is still Sunday night, and the zone is named, since the shop's is another.
  live("America/New_York");
  const told = openingText(at("2026-11-30T04:30Z"), at("2026-11-29T20:00Z"), "Europe/Istanbul");
  assert.match(told, /^We open today at (11:30.PM|23:30) (EST|GMT-5)\.$/);
  assert.match(openingText(at("2027-11-30T06:00Z"), at("2026-11-28T10:00Z")), /2027/);
});

test("whoever waits reads of the closing half an hour before, and after it what becomes of them", () => {
  live("Europe/Istanbul");
  const closes = at("2026-11-30T15:00Z");
  const [before, soon, after] = [closes - 31 * 60_000, closes - 30 * 60_000, closes];
  assert.equal(closingText(null, soon), "");
  assert.equal(closingText({ at: closes, served: true }, before), "");
  const words = [true, false].flatMap((served) => [soon, after].map((now) => closingText({ at: closes, served }, now)));
  assert.equal(new Set(words).size, 4);
  assert.match(words[0], /18:00/);
  assert.match(words[2], /18:00/);
  assert.ok(words.every((text) => !text.includes("customer.")));
});

test("the state keeps when it opens, and when it closes for who waits", () => {
  const refused = reduce(initialState(), { type: "queue:refused", code: "closed", opens_at: 5, now: 1 });
  assert.deepEqual([refused.screen, refused.refused?.opensAt, refused.refused?.retryAt], ["refused", 5, null]);
  const closing = { at: 9, served: false };
  const place = { conversation: "c1", position: 1, waiting: 1, estimate: null, staffed: true };
  const waiting = reduce(initialState(), { type: "queue:joined", ...place, closing, now: 1 });
  assert.deepEqual(reduce(waiting, { type: "queue:position", ...place, now: 2 }).closing, closing);
  assert.equal(reduce(waiting, { type: "queue:joined", ...place, now: 1 }).closing, null);
  // A page that was loaded anew knows it from its HTML.
  const again = reduce(initialState({}, closing), { type: "resync", state: { phase: "waiting", ...place }, now: 1 });
  assert.deepEqual([again.screen, again.closing], ["waiting", closing]);
});

/** @type {Session[]} */
const sessions = [];

/** A page that the server has told so of its hours. */
function opened(hours, kept = {}) {
  FakeSocket.reset();
  const storage = memoryStore();
  for (const [name, value] of Object.entries(kept)) storage.set(name, value);
  const session = new Session({ url: "ws://x/", storage, WebSocket: FakeSocket, watch: () => () => {} });
  const app = new CustomerApp(/** @type {any} */ ({ session, storage, hours, isHidden: () => false }));
  app.start();
  sessions.push(session);
  return app;
}

test("a page that is opened while it is closed says so, unless a conversation goes on there", () => {
  const closed = opened({ zone: "UTC", opens: 7 });
  assert.deepEqual([closed.state.screen, closed.state.refused?.code], ["refused", "closed"]);
  assert.equal(closed.state.refused?.opensAt, 7);
  closed.home();
  assert.equal(closed.state.screen, "welcome");
  assert.equal(opened({ zone: "UTC", opens: null }).state.refused?.opensAt, null);
  assert.equal(opened({ zone: "UTC" }).state.screen, "welcome");
  assert.equal(opened(undefined).state.screen, "welcome");
  // Who was in stays in, also where the site around the page, or a link, brings the place back.
  assert.equal(opened({ zone: "UTC", opens: 7 }, { token: "secret" }).state.screen, "loading");
  const framed = opened({ zone: "UTC", opens: 7 });
  framed.resumeWith({ handle: "h", origin: "https://shop.example" });
  assert.equal(framed.state.screen, "loading");
});
