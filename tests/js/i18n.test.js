import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { addTexts, allTexts, chooseLocale, setLocale, t } from "../../static/js/core/i18n.js";
import consoleTexts from "../../static/js/core/i18n-console.js";
import { sources } from "./sources.js";

addTexts(consoleTexts);
const { tr, en } = allTexts();

test("both languages have the same keys", () => {
  assert.deepEqual(Object.keys(tr).sort(), Object.keys(en).sort());
});

test("both languages use the same places", () => {
  const places = (text) => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]))].sort();
  for (const key of Object.keys(tr)) assert.deepEqual(places(tr[key]), places(en[key]), key);
});

test("every key the code names exists", () => {
  const missing = [];
  for (const path of sources()) {
    const text = readFileSync(path, "utf8");
    for (const [, key] of text.matchAll(/["'`]((?:customer|common|console)\.[\w.-]+)["'`]/g))
      if (!(key in tr)) missing.push(`${path}: ${key}`);
    // A key with a part of its own in it: at least one text begins and ends like it.
    for (const [, head, tail] of text.matchAll(/`((?:customer|common|console)\.[\w.-]*)\$\{[^`]*\}([\w.-]*)`/g)) {
      if (!Object.keys(tr).some((key) => key.startsWith(head) && key.endsWith(tail)))
        missing.push(`${path}: ${head}…${tail}`);
    }
  }
  assert.deepEqual(missing, []);
});

test("values go into their places; unknown keys show themselves", () => {
  setLocale("en");
  assert.equal(t("customer.call.connected", { name: "Elif" }), "You are talking with Elif");
  assert.equal(t("no.such.key"), "no.such.key");
});

test("English counts, Turkish does not", () => {
  setLocale("en");
  assert.equal(t("customer.waiting.ahead", { n: 1 }), "1 person ahead of you");
  assert.equal(t("customer.waiting.ahead", { n: 2 }), "2 people ahead of you");
  setLocale("tr");
  assert.equal(t("customer.waiting.ahead", { n: 2 }), "2 kişi önünüzde");
});

test("the locale is the first wish that can be met", () => {
  assert.equal(chooseLocale({ query: "?lang=en", configured: "tr" }), "en");
  assert.equal(chooseLocale({ query: "?lang=xx", configured: "en-GB" }), "en");
  assert.equal(chooseLocale({ browser: ["de-DE", "en-US"] }), "en");
  assert.equal(chooseLocale({ browser: ["de-DE"] }), "en");
  assert.equal(chooseLocale({ browser: ["de-DE", "tr-TR"] }), "tr");
  assert.equal(chooseLocale({}), "tr");
});

test("a name that runs from right to left turns nothing around it", () => {
  setLocale("tr");
  assert.equal(t("customer.chat.typing", { name: "محمد" }), "\u2068محمد\u2069 yazıyor…");
  assert.equal(t("customer.chat.typing", { name: "Ayşe" }), "Ayşe yazıyor…");
});
