import { ReconnectPolicy } from "./backoff.js";
import { addTexts, getLocale, isSpoken, matching, setLocale, setTexts } from "./i18n.js";

/**
 * @import {Texts} from "./i18n.js"
 * @typedef {{code: string, name: string, dir: "ltr" | "rtl", texts: string, later?: Record<string, string>}} Language
 *   name: its own for itself; texts: the address of its texts; later: those of the page's later parts, by name
 */

const PATIENCE_MS = 5000;
/** Some five minutes. */
const TRIES_MOST = 40;
const SWITCH_TRIES = 2;

/** The languages that the server has a catalogue of, and the way to speak one of them. */
export class Languages {
  /** @type {Language} */
  #wanted;
  /** @type {Promise<void> | null} */
  #beginning = null;
  /** Later parts whose texts are spoken too. @type {Set<string>} */
  #included = new Set();
  #parts;

  /**
   * @param {Language[]} list  the first stands in for one whose texts do not come
   * @param {{onspoken?: (language: Language) => void, ontrouble?: () => void, get?: typeof fetch,
   *   policy?: ReconnectPolicy}} [parts]  ontrouble: nothing can be said yet, and a try has failed
   */
  constructor(
    list,
    {
      onspoken = () => {},
      ontrouble = () => {},
      get = (address, options) => fetch(address, options),
      policy = new ReconnectPolicy(),
    } = {},
  ) {
    this.list = list;
    this.#wanted = list[0];
    this.#parts = { onspoken, ontrouble, get, policy };
  }

  get codes() {
    return this.list.map(({ code }) => code);
  }

  /**
   * Fetches the first texts, over and over until some have come; the page goes on meanwhile.
   * @param {string} code  one of `codes`
   * @returns {Promise<void>} when there are some, or the patience has ended
   */
  begin(code) {
    this.#wanted = this.#find(code);
    setLocale(this.#wanted.code);
    this.#beginning = this.#try();
    return this.#beginning;
  }

  async #try() {
    const { ontrouble, policy } = this.#parts;
    for (let tries = 0; !isSpoken() && tries < TRIES_MOST; tries++) {
      if (await this.#bring(tries % 2 === 1 ? this.list[0] : this.#wanted)) return;
      ontrouble();
      await new Promise((resolve) => setTimeout(resolve, policy.delay(tries)));
    }
  }

  /**
   * @param {string} wish  what the visitor or the site chose
   * @returns {Promise<boolean>} whether the page speaks it now; if not, it goes on speaking what it spoke
   */
  async switchTo(wish) {
    const language = this.#find(wish);
    const isComing = language === this.#wanted;
    this.#wanted = language;
    if (isComing) await this.#beginning;
    for (let tries = 0; tries < SWITCH_TRIES && getLocale() !== language.code; tries++) await this.#bring(language);
    if (getLocale() === language.code) return isSpoken();
    if (this.#wanted === language) this.#wanted = this.#find(getLocale());
    return false;
  }

  /**
   * From now on speaks what a later part says, too.
   * @param {string} part
   * @returns {Promise<boolean>} whether it can be said now
   */
  async include(part) {
    this.#included.add(part);
    const code = getLocale();
    const texts = isSpoken() ? await this.#fetch(this.#address(this.#find(code), part)) : null;
    if (texts === null) return false;
    // Another language, spoken meanwhile, has brought its own along.
    if (code === getLocale()) addTexts(texts);
    return true;
  }

  /** @param {Language} language @param {string} part */
  #address({ later = {} }, part) {
    return later[part];
  }

  /** @param {Language} language @returns {Promise<boolean>} */
  async #bring(language) {
    const parts = [...this.#included];
    const [texts, ...more] = await Promise.all([
      this.#fetch(language.texts),
      ...parts.map((part) => this.#fetch(this.#address(language, part))),
    ]);
    if (texts === null || more.includes(null)) return false;
    if (parts.length < this.#included.size) return this.#bring(language);
    for (const { texts: added } of /** @type {Texts[]} */ (more)) Object.assign(texts.texts, added);
    // Another one was chosen meanwhile; but any is better than none.
    if (language === this.#wanted || !isSpoken()) {
      setTexts(language.code, texts);
      this.#parts.onspoken(language);
    }
    return true;
  }

  /** @param {string} address @returns {Promise<Texts | null>} */
  async #fetch(address) {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
    try {
      const answer = await this.#parts.get(address, { signal: patience.signal });
      return answer.ok ? await answer.json() : null;
    } catch {
      return null; // no network, no patience, or not JSON
    } finally {
      clearTimeout(timer);
    }
  }

  /** @param {string} wish @returns {Language} */
  #find(wish) {
    const code = matching(wish, this.codes) ?? "en";
    return this.list.find((language) => language.code === code) ?? this.list[0];
  }
}
