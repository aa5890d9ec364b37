import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { earlierText, languageName, localTime, vouchedText } from "../../static/js/ui/console/dossier/card-view.js";
import { speak } from "./texts.js";

const NOON = Date.UTC(2026, 0, 5, 12, 0);

afterEach(() => speak("tr"));

test("the customer's time of day, and the day where it is another one", () => {
  assert.equal(localTime("UTC", NOON), "12:00 · UTC");
  assert.match(localTime("Pacific/Kiritimati", NOON), /^Sal 02:00 · Pacific\/Kiritimati$/);
  for (const zone of [undefined, null, 5, ""]) assert.equal(localTime(zone, NOON), "");
  assert.equal(localTime("Mars/Base", NOON), "Mars/Base");
});

test("a language by its name for the reader", () => {
  assert.equal(languageName("de"), "Almanca");
  assert.equal(languageName("en_GB").startsWith("İngiliz"), true);
  speak("en");
  assert.equal(languageName("tr"), "Turkish");
  assert.equal(languageName("x".repeat(35)), "x".repeat(35));
  for (const code of [undefined, null, 5, ""]) assert.equal(languageName(code), "");
});

test("only what the site has signed is called verified", () => {
  const of = (/** @type {any} */ attributes) => vouchedText({ attributes });
  assert.equal(of({ identity: { sub: "7", name: "Ada", email: "" }, plan: "pro" }), "7 · Ada");
  for (const attributes of [undefined, {}, { identity: "Ada" }, { identity: null }]) assert.equal(of(attributes), "");
  assert.equal(vouchedText(null), "");
});

test("an earlier conversation in a line", () => {
  const one = { id: "c", joined_at: "", media: "audio", outcome: "", tags: [], notes: 0, url: "" };
  const text = (/** @type {any} */ more) =>
    earlierText({ ...one, status: "ended", duration_s: 65, operator: "Deniz", ...more });
  assert.equal(text({}), "Sesli · 01:05 · Deniz");
  assert.equal(text({ duration_s: null, operator: "" }), "Sesli · görüşülmedi");
  assert.equal(text({ status: "waiting", duration_s: null, operator: "" }), "Sesli · sırada bekliyor");
});
