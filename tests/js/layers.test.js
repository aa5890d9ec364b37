import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { ROOT, sources } from "./sources.js";

/** What each room may import besides itself. Entries are the files of the top folder. */
const ALLOWED = {
  core: [],
  net: ["core"],
  rtc: ["core"],
  ui: ["core"],
  app: ["core", "net", "rtc", "ui"],
  entry: ["core", "net", "rtc", "ui", "app"],
};

const IMPORT = /^\s*(?:import|export)\s[^"'`;]*?from\s*["']([^"']+)["'](;?)|^\s*import\s*["']([^"']+)["'](;?)/gm;

/** Of a later part (core/later.js), where it is needed. */
const LATER_IMPORT = /\bimport\("([^"]+)"\)/g;

/** @param {string} path @returns {string[]} what a comment names by `import("…")`: hashing takes that for an import */
function namedIn(path) {
  const comments = readFileSync(path, "utf8").match(/\/\*[\s\S]*?\*\//g) ?? [];
  return [...comments.join("\n").matchAll(LATER_IMPORT)].map(([, given]) => join(dirname(path), given));
}

/** @param {string} path */
function importsOf(path) {
  const text = readFileSync(path, "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
  const now = [...text.matchAll(IMPORT)].map((match) => ({
    target: join(dirname(path), match[1] ?? match[3]),
    given: match[1] ?? match[3],
    ended: (match[2] ?? match[4]) === ";",
  }));
  const later = [...text.matchAll(LATER_IMPORT)].map(([, given]) => ({
    target: join(dirname(path), given),
    given,
    ended: true,
  }));
  return [...now, ...later];
}

/** @param {string} path */
function room(path) {
  const name = relative(ROOT, path);
  return name.includes("/") ? name.split("/")[0] : "entry";
}

test("imports point down only", () => {
  const wrong = [];
  for (const path of sources()) {
    for (const { target } of importsOf(path)) {
      if (room(path) !== room(target) && !ALLOWED[room(path)].includes(room(target)))
        wrong.push(`${relative(ROOT, path)} → ${relative(ROOT, target)}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test("imports are relative, have their extension and end with a semicolon, as hashing them needs", () => {
  for (const path of sources()) {
    for (const { given, ended } of importsOf(path))
      assert.ok(/^\.{1,2}\/.*\.js$/.test(given) && ended, `${relative(ROOT, path)}: ${given}`);
  }
});

test("no module imports itself by way of others", () => {
  const done = new Set();
  const visit = (path, trail) => {
    assert.ok(!trail.includes(path), `cycle: ${[...trail, path].map((p) => relative(ROOT, p)).join(" → ")}`);
    if (done.has(path)) return;
    for (const next of [...importsOf(path).map(({ target }) => target), ...namedIn(path)])
      visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of sources()) visit(path, []);
});

test("no module is longer than 450 lines", () => {
  const long = sources().filter((path) => readFileSync(path, "utf8").split("\n").length > 451);
  assert.deepEqual(
    long.map((path) => relative(ROOT, path)),
    [],
  );
});
