/**
 * What the page says. The texts of one language are in force: a part of its catalogue, as the server compiled it
 * (support/launcher/messages.py) and languages.js fetched it. What the language lacks is English in there.
 *
 * @typedef {{forms: string, texts: Record<string, string | string[]>}} Texts  forms: which plural form a number
 *   takes, a digit for each below its length; beyond, the last hundred repeat
 */

const WAITING_MOST = 100;

/** @type {Texts | null} */
let inForce = null;
let locale = "en";
/** @type {Record<string, Record<string, string>>} */
let own = {};
/** @type {(() => void)[]} */
const waiting = [];

/** The language that is meant: the server speaks it at once, the page when its texts have come. @param {string} code */
export function setLocale(code) {
  locale = code;
}

/** @returns {string} a tag of Intl's, such as "pt-br" */
export function getLocale() {
  return locale;
}

/** @param {string} code @param {Texts} texts */
export function setTexts(code, texts) {
  locale = code;
  inForce = { ...texts, texts: { ...texts.texts, ...own[code] } };
  for (const say of waiting.splice(0)) say();
}

/** Those of a later part, of the language in force. @param {Texts} more */
export function addTexts(more) {
  if (inForce) Object.assign(inForce.texts, more.texts, own[locale]);
}

/** What the site says in its own words, by language: it stands for ours. @param {Record<string, Record<string, string>>} words */
export function setOwnWords(words) {
  own = words;
}

/** What only the site can say. @param {string} key @returns {string} "" where it says nothing */
export function ownWord(key) {
  return own[locale]?.[key] ?? "";
}

/** @returns {boolean} whether there are texts yet */
export function isSpoken() {
  return inForce !== null;
}

/** Does at once, or when the texts have come, what says something. A call does not wait for them. @param {() => void} say */
export function whenSpoken(say) {
  if (isSpoken()) say();
  else if (waiting.length < WAITING_MOST) waiting.push(say);
}

/**
 * `{name}` is replaced by vars.name; a text with plural forms takes that of vars.n.
 * @param {string} key
 * @param {Record<string, string | number>} [vars]
 * @returns {string} the key itself when the catalogue does not know it, so that the gap is seen; "" before there is one
 */
export function t(key, vars = {}) {
  if (inForce === null) return "";
  const text = inForce.texts[key];
  if (text === undefined) return key;
  const form = typeof text === "string" ? text : formOf(text, inForce.forms, Number(vars.n));
  return form.replace(/\{(\w+)\}/g, (whole, name) => isolated(vars[name] ?? whole));
}

const RIGHT_TO_LEFT =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;

/**
 * A name that runs from right to left must not turn the sentence around it. The server takes no such marks from people,
 * so nobody gets out of them.
 * @param {string | number} value
 */
function isolated(value) {
  const text = String(value);
  return RIGHT_TO_LEFT.test(text) ? `\u2068${text}\u2069` : text;
}

/** @param {string[]} texts @param {string} forms @param {number} n @returns {string} */
function formOf(texts, forms, n) {
  const count = Math.trunc(Math.abs(n)) || 0;
  const form = Number(forms[count < forms.length ? count : forms.length - 100 + (count % 100)]);
  return texts[form] ?? texts[texts.length - 1];
}

/**
 * As infra/writing/language.py has it: that very language, else its like ("en" for "en-GB", "pt-br" for "pt").
 * @param {string | null | undefined} wish
 * @param {readonly string[]} codes  the languages there are
 * @returns {string | null}
 */
export function matching(wish, codes) {
  const tag = String(wish ?? "")
    .replaceAll("_", "-")
    .toLowerCase();
  const [base] = tag.split("-");
  const alike = codes.filter((code) => code.split("-")[0] === base);
  return [tag, base, ...alike].find((code) => codes.includes(code)) ?? null;
}

/**
 * The first wish that can be met: `?lang=`, what the site asked for, the browser's language. Whoever wished for others
 * gets English, who wished for none the first language.
 * @param {{query?: string, configured?: string | null, browser?: readonly string[]}} wishes
 * @param {readonly string[]} codes  the languages there are
 * @returns {string}
 */
export function chooseLocale({ query = "", configured = null, browser = [] }, codes) {
  const wishes = [new URLSearchParams(query).get("lang"), configured, ...browser].filter(Boolean);
  for (const wish of wishes) {
    const language = matching(wish, codes);
    if (language !== null) return language;
  }
  return wishes.length && codes.includes("en") ? "en" : codes[0];
}
