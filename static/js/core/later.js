import { ReconnectPolicy } from "./backoff.js";
import { readConfig } from "./config.js";

const PATIENCE_MS = 8000;
/** Some five minutes. */
const TRIES_MOST = 40;
/** A call that has just connected needs the line for itself. */
const SOON_MS = 3000;

/** Browsers may remember that an address failed: each try has one of its own. */
let tried = 0;

/**
 * What a page fetches later than its first script, as only an end needs it, or a press that few make.
 *
 * @template T  what its module exports
 */
export class LaterPart {
  /** @type {T | null} */
  module = null;
  #load;
  #policy;
  #patience;
  /** @type {Promise<T> | null} */
  #trying = null;
  /** @type {any} */
  #timer = null;

  /**
   * @param {() => Promise<T>} load  imports the module, and whatever else belongs to it
   * @param {{policy?: ReconnectPolicy, patienceMs?: number}} [options]
   */
  constructor(load, { policy = new ReconnectPolicy(), patienceMs = PATIENCE_MS } = {}) {
    this.#load = load;
    this.#policy = policy;
    this.#patience = patienceMs;
  }

  /** Fetches it when the page has nothing more urgent to do. */
  soon() {
    this.#timer ??= setTimeout(() => void this.insist(), SOON_MS);
  }

  /**
   * Over and over until it is there.
   * @param {() => void} [ontrouble]  a try has failed @param {number} [most]  tries
   * @returns {Promise<T | null>} null: it did not come
   */
  async insist(ontrouble = () => {}, most = TRIES_MOST) {
    for (let tries = 0; tries < most; tries++) {
      try {
        return await this.#once();
      } catch {
        ontrouble();
      }
      await new Promise((resolve) => setTimeout(resolve, this.#policy.delay(tries)));
    }
    return null;
  }

  /** One try, shared by all who ask meanwhile. */
  #once() {
    this.#trying ??= this.#try().finally(() => {
      this.#trying = null;
    });
    return this.#trying;
  }

  async #try() {
    if (this.module) return this.module;
    /** @type {any} */
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error("no answer")), this.#patience);
    });
    try {
      this.module = await Promise.race([this.#load(), late]);
      return /** @type {T} */ (this.module);
    } finally {
      clearTimeout(timer);
    }
  }
}

/**
 * What importing a later part becomes in a joined script (support/parts/join.py).
 * @param {string} name
 * @param {unknown} given  what the page lends its parts
 * @returns {Promise<any>} what the part's entry exports. Rejects when it does not come, or is another version's.
 */
export async function fetchPart(name, given) {
  const { script, sheet } = readConfig().later[name];
  const again = tried++ ? `?again=${tried}` : "";
  const [part] = await Promise.all([import(script + again), bringSheet(sheet + again)]);
  return part.fill(given);
}

/** @param {string} href */
function bringSheet(href) {
  const link = document.createElement("link");
  return new Promise((resolve, reject) => {
    const failed = () => {
      link.remove();
      reject(new Error(href));
    };
    document.head.append(Object.assign(link, { rel: "stylesheet", href, onload: resolve, onerror: failed }));
  });
}
