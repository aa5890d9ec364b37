import customerTexts from "./i18n-customer.js";

/**
 * Texts of the browser side. One catalogue, Turkish and English, the same keys in both (a test holds that).
 * The console adds its own part with `addTexts(consoleTexts)`, so that a customer does not download it.
 *
 * @typedef {'tr' | 'en'} Locale
 * @typedef {Record<Locale, Record<string, string>>} Texts
 */

/** @type {Texts} */
const catalogue = { tr: {}, en: {} };

/** @type {Locale} */
let current = "tr";

/** @param {Texts} texts */
export function addTexts(texts) {
  Object.assign(catalogue.tr, texts.tr);
  Object.assign(catalogue.en, texts.en);
}

addTexts(customerTexts);

/** @param {string | null | undefined} locale  a language that we do not speak is English, none at all is Turkish */
export function setLocale(locale) {
  current = !locale || locale.toLowerCase().startsWith("tr") ? "tr" : "en";
}

/** @returns {Locale} */
export function getLocale() {
  return current;
}

/**
 * `{name}` is replaced by vars.name; "one|other" forms are chosen by vars.n.
 * @param {string} key
 * @param {Record<string, string | number>} [vars]
 * @returns {string} the key itself when the catalogue does not know it, so that the gap is seen
 */
export function t(key, vars = {}) {
  const text = catalogue[current][key];
  if (text === undefined) return key;
  return pickForm(text, vars.n).replace(/\{(\w+)\}/g, (whole, name) => isolated(vars[name] ?? whole));
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

/**
 * @param {string} text
 * @param {string | number | undefined} n
 * @returns {string}
 */
function pickForm(text, n) {
  const [one, other] = text.split("|");
  if (other === undefined) return text;
  return new Intl.PluralRules(current).select(Number(n)) === "one" ? one : other;
}

/**
 * The first wish that can be met: `?lang=`, what the site asked for, the browser's language. Whoever wished for others
 * gets English, who wished for none Turkish.
 * @param {{query?: string, configured?: string | null, browser?: readonly string[]}} wishes
 * @returns {Locale}
 */
export function chooseLocale({ query = "", configured = null, browser = [] }) {
  const wishes = [new URLSearchParams(query).get("lang"), configured, ...browser].filter(Boolean);
  for (const wish of wishes) {
    const language = wish?.split("-")[0].toLowerCase();
    if (language === "tr" || language === "en") return language;
  }
  return wishes.length ? "en" : "tr";
}

/** For tests. @returns {Texts} */
export function allTexts() {
  return catalogue;
}
