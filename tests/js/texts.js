import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTexts } from "../../static/js/core/i18n.js";

/** @import {Texts} from "../../static/js/core/i18n.js" */

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");
const FOLDER = join(ROOT, "locale");
const LANGUAGES = readdirSync(FOLDER).filter((name) => existsSync(fileOf(name, "django.po")));

/** @param {string} language @param {string} name */
function fileOf(language, name) {
  return join(FOLDER, language, "LC_MESSAGES", name);
}

const written = (/** @type {string} */ path) => (existsSync(path) ? statSync(path).mtimeMs : 0);
const newest = Math.max(...LANGUAGES.map((name) => written(fileOf(name, "django.po"))));
// Of the catalogue as it is now, not as it was when somebody last compiled it.
if (LANGUAGES.some((name) => written(fileOf(name, "browser.json")) < newest))
  execFileSync("python", ["-m", "support.launcher.messages"], { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });

/** What pages say, by language: the customer's part and the console's together. @type {Record<string, Texts>} */
export const all = Object.fromEntries(
  LANGUAGES.map((name) => [name, JSON.parse(readFileSync(fileOf(name, "browser.json"), "utf8"))]),
);

/** Puts a language in force. Turkish is, once this module is imported. @param {string} language */
export function speak(language) {
  setTexts(language, all[language]);
}

speak("tr");
