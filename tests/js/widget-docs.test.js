import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { HostPage } from "./fakes/host-page.js";
import { ROOT } from "./sources.js";

// What site owners read, and what the loader has: each name in one is in the other.

const text = readFileSync(join(ROOT, "../../docs/widget.md"), "utf8");
const page = new HostPage().load();
const sorted = (names) => [...new Set(names)].sort();

/** @param {string} title @returns {string} what stands under a heading */
function section(title) {
  const [, rest] = text.split(`\n## ${title}\n`);
  assert.ok(rest, `docs/widget.md has no "${title}"`);
  return rest.split("\n## ")[0];
}

/** The first cells of the tables of a section, what stands in backticks of each. @param {string} title */
function firstCells(title) {
  const cells = section(title)
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => line.split("|")[1]);
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name));
}

test("every setting is documented, and every one that is documented there is", () => {
  const told = firstCells("Settings").filter((name) => !name.startsWith("--"));
  assert.deepEqual(sorted(told), sorted(Object.keys(page.api.settings())));
});

test("every setting can be said by the tag, too", () => {
  const tag = Object.fromEntries(Object.keys(page.api.settings()).map((name) => [name, `of ${name}`]));
  const given = { ...tag, baseUrl: "https://support.example", hideLauncher: "true", locale: "tr" };
  const taken = new HostPage({ tag: given }).load().api.settings();
  assert.deepEqual({ ...taken }, { ...given, hideLauncher: true });
});

test("every variable of the page's style is documented, and every one that is documented there is", () => {
  const used = readFileSync(join(ROOT, "../embed.js"), "utf8");
  const sheet = readFileSync(join(ROOT, "../css/launcher.css"), "utf8");
  const read = [...`${used}${sheet}`.matchAll(/var\((--adminara-[a-z-]+)/g)].map(([, name]) => name);
  const themed = [...used.matchAll(/themed\("([a-z-]+)"\)/g)].map(([, name]) => `--adminara-${name}`);
  const told = firstCells("Settings").filter((name) => name.startsWith("--"));
  assert.deepEqual(sorted(told), sorted([...read, ...themed]));
});

test("every method is documented, and every one that is documented there is", () => {
  const told = firstCells("Methods").map((call) => call.split("(")[0]);
  const made = Object.entries(page.api).filter(([, value]) => typeof value === "function");
  assert.deepEqual(sorted(told), sorted(made.map(([name]) => name)));
});

test("every event is documented, and every one that is documented there is", () => {
  const [list] = section("Events").split("Each is also");
  const told = [...list.matchAll(/`([a-z-]+)(?: \{[^`]*\})?`/g)].map(([, name]) => name);
  assert.deepEqual(sorted(told), sorted(page.api.events()));
});

test("every status is documented", () => {
  const [, told] = /from `status\(\)`\s+\(([^)]*)\)/.exec(text) ?? [];
  const bridge = readFileSync(join(ROOT, "app/customer/host/bridge.js"), "utf8");
  const [, type] = /@returns \{((?:'[a-z-]+' \| )+)null\}/.exec(bridge) ?? [];
  const names = (from, sign) => [...from.matchAll(new RegExp(`${sign}([a-z-]+)${sign}`, "g"))].map(([, name]) => name);
  const loader = readFileSync(join(ROOT, "../embed.js"), "utf8");
  const own = [...loader.matchAll(/\? "([a-z-]+)"\s+: status;/g)].map(([, name]) => name);
  assert.deepEqual(sorted(names(told, "`")), sorted([...names(type, "'"), ...own]));
});

test("every fault that a page can hear of is documented, and every one that is documented there is", () => {
  const [, told] = /`error \{code, field\}` says so\s+\(([^)]*)\)/.exec(text) ?? [];
  const facts = readFileSync(join(ROOT, "app/customer/host/host-facts.js"), "utf8");
  const loader = readFileSync(join(ROOT, "../embed.js"), "utf8");
  const said = [...`${facts}${loader}`.matchAll(/code: "([a-z_]+)"/g)].map(([, code]) => code);
  // Of the server, about what the page said; see factsAtFault.
  const server = ["identity_invalid", "bad_frame", "too_long"];
  assert.deepEqual(sorted([...told.matchAll(/`([a-z_]+)`/g)].map(([, code]) => code)), sorted([...said, ...server]));
});
