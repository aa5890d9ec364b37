import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { test } from "node:test";
import { chooseLocale, matching, setTexts, t } from "../../static/js/core/i18n.js";
import { graphOf, ROOT, sources } from "./sources.js";
import { all, speak } from "./texts.js";

const KEYS = Object.keys(all.en.texts);
const LOADER = join(ROOT, "../embed.js");
/** A key in full, and one with a part of its own in it. */
const WHOLE = /["'`]((?:customer|common|console)\.[\w.-]+)["'`]/g;
const HOLED = /`((?:customer|common|console)\.[\w.-]*)\$\{[^`]*\}([\w.-]*)`/g;

test("every key the code names exists", () => {
  const missing = [];
  for (const path of sources()) {
    const text = readFileSync(path, "utf8");
    for (const [, key] of text.matchAll(WHOLE)) if (!KEYS.includes(key)) missing.push(`${path}: ${key}`);
    // At least one text begins and ends like it.
    for (const [, head, tail] of text.matchAll(HOLED)) {
      if (!KEYS.some((key) => key.startsWith(head) && key.endsWith(tail))) missing.push(`${path}: ${head}…${tail}`);
    }
  }
  assert.deepEqual(missing, []);
});

test("every text is used: by its whole key, or by a key with a hole that it fits", () => {
  const pages = ["form", "page"].map((name) => join(ROOT, `../../templates/customer/${name}.html`));
  const code = [...sources(), ...pages].map((path) => readFileSync(path, "utf8")).join("\n");
  const escaped = (/** @type {string} */ text) => text.replace(/[.?]/g, "\\$&");
  const patterns = [...code.matchAll(/`((?:customer|common|console)\.[^`]*\$\{[^`]*)`/g)].map(
    ([, key]) =>
      new RegExp(
        `^${key
          .split(/\$\{[^}]*\}/)
          .map(escaped)
          .join("[\\w.-]+")}$`,
      ),
  );
  const loader = readFileSync(LOADER, "utf8");
  const unused = KEYS.filter((key) =>
    key.startsWith("embed.")
      ? !new RegExp(`(?:words|TEXTS\\[locale\\])\\.${key.slice("embed.".length)}\\b`).test(loader)
      : !code.includes(`"${key}"`) && !patterns.some((pattern) => pattern.test(key)),
  );
  assert.deepEqual(unused, []);
});

test("a page names no text of another one's part", () => {
  const foreign = { "customer.js": "console.", "console.js": "customer." };
  for (const [entry, beginning] of Object.entries(foreign)) {
    for (const path of graphOf(join(ROOT, entry))) {
      for (const [, key] of readFileSync(path, "utf8").matchAll(/["'`]((?:customer|console)\.[\w.${}-]+)["'`]/g))
        assert.ok(!key.startsWith(beginning), `${relative(ROOT, path)}, of ${entry}: ${key}`);
    }
  }
});

test("what a page says at once is none of a later part's texts", () => {
  for (const path of graphOf(join(ROOT, "customer.js"))) {
    const text = readFileSync(path, "utf8");
    assert.doesNotMatch(text, /["'`]customer\.(?:ended|said|mail)\./, relative(ROOT, path));
  }
});

test("values go into their places; unknown keys show themselves", () => {
  speak("en");
  assert.equal(t("customer.call.connected", { name: "Elif" }), "You are talking with Elif");
  assert.equal(t("no.such.key"), "no.such.key");
});

test("English counts, Turkish does not", () => {
  speak("en");
  assert.equal(t("customer.waiting.ahead", { n: 1 }), "1 person ahead of you");
  assert.equal(t("customer.waiting.ahead", { n: 2 }), "2 people ahead of you");
  assert.equal(t("customer.waiting.ahead", { n: 0 }), "0 people ahead of you");
  assert.equal(t("customer.waiting.ahead", { n: 201 }), "201 people ahead of you");
  speak("tr");
  assert.equal(t("customer.waiting.ahead", { n: 2 }), "2 kişi önünüzde");
});

test("a language has as many forms as it needs", () => {
  const polish = (/** @type {number} */ n) =>
    n === 1 ? 0 : n % 10 > 1 && n % 10 < 5 && (n % 100 < 12 || n % 100 > 14) ? 1 : 2;
  const forms = Array.from({ length: 200 }, (_, n) => polish(n)).join("");
  setTexts("pl", { forms, texts: { lines: ["{n} wiersz", "{n} wiersze", "{n} wierszy"] } });
  const told = [0, 1, 3, 5, 12, 22, 25, 101, 112, 122, 201, 1002, 1012, 12345604].map((n) => t("lines", { n }));
  assert.deepEqual(told, [
    "0 wierszy",
    "1 wiersz",
    "3 wiersze",
    "5 wierszy",
    "12 wierszy",
    "22 wiersze",
    "25 wierszy",
    "101 wierszy",
    "112 wierszy",
    "122 wiersze",
    "201 wierszy",
    "1002 wiersze",
    "1012 wierszy",
    "12345604 wiersze",
  ]);
  // Nothing is no number, and a form that a catalogue lacks is its last.
  assert.equal(t("lines"), "{n} wierszy");
  setTexts("pl", { forms, texts: { lines: ["{n} wiersz", "{n} wiersze"] } });
  assert.equal(t("lines", { n: 7 }), "7 wiersze");
  speak("tr");
});

test("the locale is the first wish that can be met", () => {
  const codes = ["tr", "en", "pt-br"];
  assert.equal(chooseLocale({ query: "?lang=en", configured: "tr" }, codes), "en");
  assert.equal(chooseLocale({ query: "?lang=xx", configured: "en-GB" }, codes), "en");
  assert.equal(chooseLocale({ browser: ["de-DE", "en-US"] }, codes), "en");
  assert.equal(chooseLocale({ browser: ["de-DE"] }, codes), "en");
  assert.equal(chooseLocale({ browser: ["de-DE", "tr-TR"] }, codes), "tr");
  assert.equal(chooseLocale({}, codes), "tr");
  assert.deepEqual(
    ["pt", "pt_BR", "pt-PT", "PT-br", "p", "", null, undefined, "../..", "__proto__"].map((wish) =>
      matching(wish, codes),
    ),
    ["pt-br", "pt-br", "pt-br", "pt-br", null, null, null, null, null, null],
  );
});

test("a name that runs from right to left turns nothing around it", () => {
  speak("tr");
  assert.equal(t("customer.chat.typing", { name: "محمد" }), "\u2068محمد\u2069 yazıyor…");
  assert.equal(t("customer.chat.typing", { name: "Ayşe" }), "Ayşe yazıyor…");
});
