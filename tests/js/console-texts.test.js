import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { addTexts, allTexts } from "../../static/js/core/i18n.js";
import consoleTexts from "../../static/js/core/i18n-console.js";

const folder = new URL("../../static/js/ui/console/", import.meta.url);
const sources = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), "utf8"));
addTexts(consoleTexts);

test("both languages have the same keys and placeholders", () => {
  assert.deepEqual(Object.keys(consoleTexts.tr).sort(), Object.keys(consoleTexts.en).sort());
  const holes = (/** @type {string} */ text) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();
  for (const [key, text] of Object.entries(consoleTexts.tr)) {
    assert.deepEqual(holes(text), holes(consoleTexts.en[key]), key);
  }
});

test("every text that the console names exists", () => {
  const known = allTexts().tr;
  for (const [, key] of sources.join("\n").matchAll(/["'`]((?:console|common)\.[a-z][\w.-]*)["'`]/g)) {
    assert.ok(key in known, key);
  }
});

test("every text is used: by its whole key, or by a key with a hole that it fits", () => {
  const all = sources.join("\n");
  const patterns = [...all.matchAll(/`(console\.[^`]*\$\{[^`]*)`/g)].map(
    ([, pattern]) =>
      new RegExp(
        `^${pattern
          .replace(/\$\{[^}]*\}/g, "\u0000")
          .replace(/[.?]/g, "\\$&")
          .replaceAll("\u0000", "[\\w-]+")}$`,
      ),
  );
  const unused = Object.keys(consoleTexts.tr).filter(
    (key) => !all.includes(`"${key}"`) && !patterns.some((pattern) => pattern.test(key)),
  );
  assert.deepEqual(unused, []);
});
