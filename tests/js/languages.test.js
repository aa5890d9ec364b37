import assert from "node:assert/strict";
import { test } from "node:test";
import { ReconnectPolicy } from "../../static/js/core/backoff.js";
import { getLocale, isSpoken, t, whenSpoken } from "../../static/js/core/i18n.js";
import { Languages } from "../../static/js/core/languages.js";

/** @type {import("../../static/js/core/languages.js").Language[]} */
const LIST = [
  { code: "tr", name: "Türkçe", dir: "ltr", texts: "/tr", later: { end: "/tr-end" } },
  { code: "en", name: "English", dir: "ltr", texts: "/en", later: { end: "/en-end" } },
  { code: "ar", name: "العربية", dir: "rtl", texts: "/ar" },
];
const policy = new ReconnectPolicy({ delaysMs: [0] });

/** A server of which each address answers in its turn: "down", "broken", a status, or texts when `hold` lets go. */
class Server {
  /** @type {string[]} */
  asked = [];
  /** @type {Record<string, (string | number)[]>} */
  answers = {};
  /** @type {Record<string, Promise<void>>} */
  hold = {};

  get = async (/** @type {any} */ address) => {
    this.asked.push(address);
    await this.hold[address];
    const answer = this.answers[address]?.shift() ?? 200;
    if (answer === "down") throw new TypeError("no network");
    const word = address.endsWith("-end") ? "last" : "word";
    const texts = { forms: "01".padEnd(200, "0"), texts: { [word]: `word of ${address}` } };
    const json = async () => (answer === "broken" ? JSON.parse("{") : texts);
    return /** @type {Response} */ ({ ok: answer === 200 || answer === "broken", json });
  };
}

test("nothing is said before there are texts, and then all that waited", async () => {
  const server = new Server();
  server.answers = { "/en": ["down", 503, "broken"], "/tr": ["down"] };
  /** @type {string[]} */
  const told = [];
  const languages = new Languages(LIST, {
    get: server.get,
    policy,
    onspoken: ({ code, dir }) => told.push(`${code} ${dir}`),
    ontrouble: () => told.push("trouble"),
  });
  whenSpoken(() => told.push(t("word")));
  const begun = languages.begin("en");
  // The server is told of the language at once.
  assert.deepEqual([isSpoken(), t("word"), getLocale()], [false, "", "en"]);
  await begun;
  // The first language stands in for one whose texts do not come.
  assert.deepEqual(server.asked, ["/en", "/tr", "/en", "/tr"]);
  assert.deepEqual(told, ["trouble", "trouble", "trouble", "word of /tr", "tr ltr"]);
  assert.deepEqual([getLocale(), t("word")], ["tr", "word of /tr"]);
  whenSpoken(() => told.push("at once"));
  assert.equal(told.at(-1), "at once");
});

test("another language is spoken once its texts are there, or not at all", async () => {
  const server = new Server();
  /** @type {string[]} */
  const told = [];
  const languages = new Languages(LIST, { get: server.get, policy, onspoken: ({ dir }) => told.push(dir) });
  await languages.begin("tr");
  assert.equal(await languages.switchTo("ar"), true);
  assert.deepEqual([getLocale(), t("word"), told], ["ar", "word of /ar", ["rtl"]]);
  server.answers = { "/en": ["down", 404] };
  assert.equal(await languages.switchTo("en"), false);
  assert.deepEqual([getLocale(), t("word")], ["ar", "word of /ar"]);
  // One that we do not speak is English; a like one is ours.
  assert.equal(await languages.switchTo("xx"), true);
  assert.equal(getLocale(), "en");
  const before = server.asked.length;
  assert.equal(await languages.switchTo("en-GB"), true);
  assert.equal(server.asked.length, before, "what is spoken is not fetched again");
});

test("of two choices the later one holds, whichever texts come first", async () => {
  const server = new Server();
  const languages = new Languages(LIST, { get: server.get, policy });
  await languages.begin("en");
  let release = () => {};
  server.hold["/tr"] = new Promise((resolve) => (release = resolve));
  const first = languages.switchTo("tr");
  assert.equal(await languages.switchTo("ar"), true);
  release();
  assert.equal(await first, false);
  assert.deepEqual([getLocale(), t("word")], ["ar", "word of /ar"]);
});

/** As a page that has gone on speaking since. @param {Languages} languages @param {string} code */
async function speaking(languages, code) {
  await languages.begin("ar");
  await languages.switchTo(code);
}

test("what a later part says is said in each language that is chosen from then on", async () => {
  const server = new Server();
  const languages = new Languages(LIST, { get: server.get, policy });
  await speaking(languages, "tr");
  server.answers = { "/tr-end": ["down"] };
  assert.equal(await languages.include("end"), false);
  assert.equal(t("last"), "last");
  assert.equal(await languages.include("end"), true);
  assert.deepEqual([t("word"), t("last")], ["word of /tr", "word of /tr-end"]);
  assert.equal(await languages.switchTo("en"), true);
  assert.deepEqual([t("word"), t("last")], ["word of /en", "word of /en-end"]);
});

test("a later part that is asked for while the language changes speaks the new one", async () => {
  for (const slow of ["/en", "/tr-end"]) {
    const server = new Server();
    const languages = new Languages(LIST, { get: server.get, policy });
    await speaking(languages, "tr");
    let release = () => {};
    server.hold[slow] = new Promise((resolve) => (release = resolve));
    const changed = languages.switchTo("en");
    const included = languages.include("end");
    await new Promise((resolve) => setImmediate(resolve));
    release();
    assert.deepEqual([await changed, await included], [true, true]);
    assert.deepEqual([t("word"), t("last")], ["word of /en", "word of /en-end"], slow);
  }
});
