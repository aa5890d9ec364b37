import { ReconnectPolicy } from "../core/backoff.js";
import { t } from "../core/i18n.js";
import { randomKey } from "../core/random.js";

/**
 * @import {FileInfo} from "../core/types.js"
 * @import {FileRefused, Sending} from "../net/files.js"
 * @import {Upload} from "../ui/shared/files/upload-list.js"
 *
 * @typedef {{send: (file: File, key: string, told: (part: number) => void) => Sending, most: () => number,
 *   shared: (info: FileInfo) => void, changed: () => void, policy?: ReconnectPolicy}} UploadParts
 *   most: bytes of one file; shared: it is on the server; changed: `items` are others
 */

const MB = 1024 * 1024;
/** So many stand in the list at most: what somebody drops by mistake is no thousand rows. */
export const LISTED_MOST = 20;
const POLICY = new ReconnectPolicy({ delaysMs: [1000, 2000, 4000, 8000, 15_000, 30_000] });
/** Tries of its own; more are made when somebody asks for them. */
const TRIES_MOST = 6;

/**
 * Files that were chosen for the conversation, on their way to the server: one at a time, in their order. What fails for
 * a while keeps its file and its key, so that another try makes no second one there.
 */
export class Uploads {
  /** Another array whenever anything in it changes. @type {readonly Upload[]} */
  items = [];
  #parts;
  #policy;
  /** @type {{key: string, abort: () => void} | null} */
  #running = null;
  /** Tries that come by themselves, by key. @type {Map<string, any>} */
  #timers = new Map();

  /** @param {UploadParts} parts */
  constructor(parts) {
    this.#parts = parts;
    this.#policy = parts.policy ?? POLICY;
  }

  /** Whether there is something to send. */
  get ready() {
    return this.items.some(({ phase }) => phase === "chosen");
  }

  /** How many are not on the server, and may come there yet. */
  get unsent() {
    return this.items.filter(({ phase }) => phase !== "refused").length;
  }

  /** @param {readonly File[]} files @returns {number} how many were too many */
  add(files) {
    const room = Math.max(0, LISTED_MOST - this.items.length);
    const most = this.#parts.most();
    const fresh = files.slice(0, room).map((file) => {
      const fits = file.size <= most;
      const message = fits ? "" : t("common.files.tooLarge", { n: Math.floor(most / MB) });
      return /** @type {Upload} */ ({
        key: randomKey(),
        file,
        phase: fits ? "chosen" : "refused",
        part: 0,
        message,
        tries: 0,
      });
    });
    this.#take([...this.items, ...fresh]);
    return files.length - fresh.length;
  }

  /** All that is chosen goes, one after the other. */
  send() {
    this.#take(this.items.map((item) => (item.phase === "chosen" ? { ...item, phase: "queued" } : item)));
    void this.#next();
  }

  /** @param {string} key  of one that waits for another try */
  retry(key) {
    this.#again(key, 0);
  }

  /** The network is back: what would be tried later is tried now. */
  hurry() {
    for (const key of [...this.#timers.keys()]) this.retry(key);
  }

  /** It leaves the list; what has come of it is dropped. @param {string} key */
  remove(key) {
    this.#forgetTimer(key);
    this.#take(this.items.filter((item) => item.key !== key));
    if (this.#running?.key === key) this.#running.abort();
  }

  /** Nothing can be sent any more. */
  clear() {
    for (const { key } of this.items) this.remove(key);
  }

  async #next() {
    const item = this.items.find(({ phase }) => phase === "queued");
    if (this.#running || !item) return;
    const { key, file } = item;
    const sending = this.#parts.send(file, key, (part) => this.#change(key, { part }));
    this.#running = { key, abort: sending.abort };
    this.#change(key, { phase: "sending", part: 0, message: "" });
    try {
      const info = await sending.done;
      // Whoever took it back in the last moment does not want it told.
      if (this.#of(key)) {
        this.remove(key);
        this.#parts.shared(info);
      }
    } catch (error) {
      this.#failed(key, /** @type {FileRefused} */ (error));
    }
    this.#running = null;
    void this.#next();
  }

  /** @param {string} key @param {FileRefused} error */
  #failed(key, { code, message, retryable, retryAfter }) {
    const item = this.#of(key);
    if (!item) return;
    if (!retryable) return this.#change(key, { phase: "refused", message });
    const tries = item.tries + 1;
    // What has no time of its own to pass is left to the sender: a file is a lot to send in vain.
    const goesOn = (code === "" || retryAfter !== null) && tries < TRIES_MOST;
    const words = message || t(goesOn ? "common.files.lost" : "common.files.stopped");
    this.#change(key, { phase: "trouble", message: words, tries });
    if (!goesOn) return;
    const wait = this.#policy.delay(item.tries, retryAfter);
    this.#timers.set(
      key,
      setTimeout(() => this.#again(key, tries), wait),
    );
  }

  /** @param {string} key @param {number} tries */
  #again(key, tries) {
    this.#forgetTimer(key);
    if (this.#of(key)?.phase !== "trouble") return;
    this.#change(key, { phase: "queued", tries });
    void this.#next();
  }

  /** @param {string} key */
  #forgetTimer(key) {
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
  }

  /** @param {string} key */
  #of(key) {
    return this.items.find((item) => item.key === key);
  }

  /** @param {string} key @param {Partial<Upload>} change */
  #change(key, change) {
    this.#take(this.items.map((item) => (item.key === key ? { ...item, ...change } : item)));
  }

  /** @param {readonly Upload[]} items */
  #take(items) {
    this.items = items;
    this.#parts.changed();
  }
}
