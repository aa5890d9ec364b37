/**
 * @import {Store} from "../../core/types.js"
 * @import {ChatArchive, KeptChat} from "../../net/kept-chat.js"
 */

const KEY = "said";
const DAY_MS = 86_400_000;

/**
 * What was said in the conversation that ended last in this tab. Kept is its token alone, in the tab's own storage: the
 * next person at a shared computer, in another tab or after this one was closed, finds nothing, and what is erased on the
 * server is gone here too. A day later, or with the next conversation, it is forgotten.
 */
export class Said {
  #storage;
  #archive;
  #over;
  #now;
  /** @type {any} */
  #timer;

  /**
   * @param {Store} storage
   * @param {() => Promise<ChatArchive>} archive  a part of the page that comes later
   * @param {() => void} over  the day has passed
   * @param {() => number} [now]  ms
   */
  constructor(storage, archive, over, now = Date.now) {
    this.#storage = storage;
    this.#archive = archive;
    this.#over = over;
    this.#now = now;
  }

  /** @param {string | null} token  of the conversation that has just ended */
  keep(token) {
    if (!token) return;
    this.#storage.set(KEY, JSON.stringify({ token, until: this.#now() + DAY_MS }));
    this.look();
  }

  /** @returns {string | null} */
  get token() {
    try {
      const { token, until } = JSON.parse(this.#storage.get(KEY) ?? "{}");
      return typeof token === "string" && until > this.#now() ? token : null;
    } catch {
      return null;
    }
  }

  /** Whether a reload finds it again. */
  get lasts() {
    return this.#storage.persistent;
  }

  /** Forgets what is too old. A page may sleep through the hour in which it was due. */
  look() {
    clearTimeout(this.#timer);
    if (this.#storage.get(KEY) === null) return;
    if (this.token) {
      this.#timer = setTimeout(() => this.look(), DAY_MS / 24);
      return;
    }
    this.forget();
    this.#over();
  }

  forget() {
    clearTimeout(this.#timer);
    this.#storage.remove(KEY);
  }

  /** @returns {Promise<KeptChat | null>} null: there is nothing to show, or not now */
  async read() {
    const token = this.token;
    if (!token) return null;
    try {
      return await (await this.#archive()).read(token);
    } catch (error) {
      if (/** @type {any} */ (error).gone) this.forget();
      return null;
    }
  }

  /** @param {string} locale @returns {Promise<Blob>} Rejects with ChatRefused. */
  async text(locale) {
    return (await this.#archive()).text(this.token ?? "", locale);
  }
}
