import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const folder = new URL("../../static/js/ui/", import.meta.url);
const read = (/** @type {string} */ path) => readFileSync(new URL(path, folder), "utf8");

test("every icon that the console names is drawn", () => {
  const drawings = read("shared/icons.js") + read("console/icons.js");
  const drawn = new Set([...drawings.matchAll(/^ {2}"?([\w-]+)"?:\s+"M/gm)].map(([, name]) => name));
  const sources = readdirSync(new URL("console/", folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".js"))
    .map((name) => read(`console/${name}`))
    .join("\n");
  const direct = [...sources.matchAll(/(?:\bicon\(|control\("[\w-]+", |opener\()"([\w-]+)"/g)];
  const chosen = sources
    .split("\n")
    .filter((line) => /setIcon\(|\bicon: |_ICONS = /.test(line))
    .flatMap((line) => [...line.matchAll(/[?:] "([\w-]+)"/g)]);
  const named = [...direct, ...chosen].map(([, name]) => name);
  assert.ok(named.length > 20);
  assert.deepEqual(
    named.filter((name) => !drawn.has(name)),
    [],
  );
});
