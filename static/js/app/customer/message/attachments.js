import { t } from "../../../core/i18n.js";

/**
 * @import {MessageServer} from "../../../net/messages.js"
 * @import {Upload} from "../../../ui/shared/files/upload-list.js"
 * @import {Uploads} from "../../uploads.js"
 *
 * @typedef {typeof import("../chat/chat.js").kit} Kit
 * @typedef {{most: number, maxBytes: number, wholeBytes: number, accept: string, secs: number, video: boolean}} MessageLimits
 *   most, wholeBytes: files of one message together; maxBytes: of one file; secs: of a recording
 * @typedef {{id: string, name: string, size: number}} KeptFile  on the server, for a message that was not sent yet
 */

/** What goes along with a message: chosen or recorded here, and uploaded when it is sent. */
export class Attachments {
  #messages;
  #limits;
  #server;
  /** @type {Uploads} */
  #uploads;
  #Refused;
  /** What recorders made, by file. @type {WeakMap<File, string>} */
  #kinds = new WeakMap();
  /** By key. @type {Map<string, {id: string, file: File | (KeptFile & {type: string})}>} */
  #done = new Map();
  /** @type {Promise<string> | null} */
  #draft = null;
  #bearer = "";
  /** @type {(() => void)[]} */
  #waiters = [];
  /** @type {() => void} */
  #watcher = () => {};

  /**
   * @param {{kit: Pick<Kit, 'FileRefused' | 'FileServer' | 'Uploads'>, url: string, limits: MessageLimits, messages: Pick<MessageServer, 'draft'>}} parts
   *   url: where they are uploaded, with a slash at its end
   */
  constructor({ kit, url, limits, messages }) {
    this.#messages = messages;
    this.#limits = limits;
    this.#Refused = kit.FileRefused;
    this.#server = new kit.FileServer({ url, headers: () => ({ Authorization: `Bearer ${this.#bearer}` }) });
    this.#uploads = new kit.Uploads({
      send: (file, key, told) => this.#send(file, key, told),
      most: () => limits.maxBytes,
      shared: () => {},
      changed: () => this.#changed(),
    });
    addEventListener("online", () => this.#uploads.hurry());
    addEventListener("beforeunload", (event) => this.#uploads.unsent && event.preventDefault());
  }

  /** @param {() => void} watcher  `items` are others; it takes the place of an earlier one */
  watch(watcher) {
    this.#watcher = watcher;
  }

  /** In their order, those on the server first. @returns {Upload[]} */
  get items() {
    const done = [...this.#done].map(
      ([key, { file }]) =>
        /** @type {Upload} */ ({
          key,
          file: /** @type {File} */ (file),
          phase: "done",
          part: 1,
          message: "",
          tries: 0,
        }),
    );
    return [...done, ...this.#uploads.items.filter(({ key }) => !this.#done.has(key))];
  }

  get count() {
    return this.items.length;
  }

  /** Those that are on the server. @returns {KeptFile[]} */
  get kept() {
    return [...this.#done.values()].map(({ id, file: { name, size } }) => ({ id, name, size }));
  }

  /** Of an earlier page. @param {readonly KeptFile[]} files */
  restore(files) {
    for (const { id, name, size } of files) this.#done.set(id, { id, file: { id, name, size, type: "" } });
  }

  /**
   * @param {readonly File[]} files @param {string} [kind]  of a recording
   * @returns {string} what to say about those that were too many; empty: all were taken
   */
  add(files, kind) {
    const room = this.#limits.most - this.count;
    let bytes = this.items.reduce((sum, { file }) => sum + file.size, 0);
    const fit = files.slice(0, Math.max(0, room)).filter(({ size }) => {
      const fits = bytes + size <= this.#limits.wholeBytes;
      if (fits) bytes += size;
      return fits;
    });
    if (kind) for (const file of fit) this.#kinds.set(file, kind);
    this.#uploads.add(fit);
    const { most: n, wholeBytes } = this.#limits;
    return fit.length < files.length
      ? t("customer.message.files.full", { n, mb: Math.floor(wholeBytes / 2 ** 20) })
      : "";
  }

  /** @param {File} file @returns {string | null} under which it stands in `items` */
  keyOf(file) {
    return this.items.find((item) => item.file === file)?.key ?? null;
  }

  /** @param {string} key */
  retry(key) {
    this.#uploads.retry(key);
  }

  /** @param {string} key */
  remove(key) {
    this.#done.delete(key);
    this.#uploads.remove(key);
    this.#changed();
  }

  clear() {
    this.#done.clear();
    this.#uploads.clear();
    this.#changed();
  }

  /** The server has them no longer: what this page still has is chosen again, the rest is gone. */
  again() {
    const files = [...this.#done.values()].flatMap(({ file }) => (file instanceof File ? file : []));
    this.#done.clear();
    this.#uploads.add(files);
    this.#changed();
  }

  /** Uploads what is not on the server. @returns {Promise<boolean>} whether all of it is there; false: one was refused */
  async upload() {
    this.#uploads.send();
    while (this.#uploads.items.length > 0) {
      if (this.#uploads.items.every(({ phase }) => phase === "refused")) return false;
      await new Promise((/** @type {(nothing?: unknown) => void} */ resolve) => this.#waiters.push(resolve));
    }
    return true;
  }

  /** @param {File} file @param {string} key @param {(part: number) => void} told @returns {import("../../../net/files.js").Sending} */
  #send(file, key, told) {
    /** @type {import("../../../net/files.js").Sending | null} */
    let sending = null;
    let off = false;
    const go = async () => {
      this.#bearer = await this.#drafted();
      if (off) throw new this.#Refused();
      sending = this.#server.send(file, key, told, { kind: this.#kinds.get(file) ?? "file" });
      const info = await sending.done;
      this.#done.set(key, { id: info.id, file });
      return info;
    };
    const done = go().catch((error) => {
      // Another one can be had.
      if (error.code === "draft_invalid") this.#draft = null;
      throw error;
    });
    return {
      done,
      abort: () => {
        off = true;
        sending?.abort();
      },
    };
  }

  /** One for all files. */
  #drafted() {
    this.#draft ??= this.#messages.draft().catch((error) => {
      this.#draft = null;
      throw error;
    });
    return this.#draft;
  }

  #changed() {
    for (const wake of this.#waiters.splice(0)) wake();
    this.#watcher();
  }
}
