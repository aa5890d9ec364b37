import { ReconnectPolicy } from "../../../core/backoff.js";
import { randomKey } from "../../../core/random.js";
import { isVisible, wellFormed } from "../../../core/text.js";

/**
 * @import {Store} from "../../../core/types.js"
 * @import {MessageFields, MessageState} from "../../../ui/customer/message/message-form.js"
 * @import {Attachments} from "./attachments.js"
 * @typedef {{leave: (message: Record<string, unknown>) => Promise<void>}} Messages  rejects with MessageRefused
 * @typedef {{storage: Store, messages: Messages, known: () => Partial<MessageFields>, extra: () => Record<string, string>,
 *   attachments?: Pick<Attachments, 'count' | 'kept' | 'restore' | 'clear' | 'again' | 'upload'> | null, wait?: (ms: number) => Promise<void>}} LeavingParts
 *   known: what the page knows of the customer already; extra: what goes along unasked; attachments: null where none can
 */

export const KEY = "message";
const POLICY = new ReconnectPolicy({ delaysMs: [1000, 2000, 4000, 8000, 15_000, 30_000, 60_000] });
const NOTHING = { text: "", name: "", email: "", phone: "" };
const NAMES = /** @type {const} */ (["text", "name", "email", "phone"]);

/**
 * A message to whoever comes later. What is written, or sent and not answered yet, is kept in the tab until the server
 * has it; the same words again, after an answer that was lost, are the same message.
 */
export class Leaving {
  /** @type {MessageState} */
  state;
  #storage;
  #messages;
  #known;
  #extra;
  #attachments;
  #wait;
  #why;
  /** Of what was sent last. */
  #key = "";
  #sent = "";
  /** Every sending is given up for a newer one. */
  #turn = 0;
  /** @type {(state: MessageState) => void} */
  #watcher = () => {};

  /** @param {LeavingParts} parts */
  constructor({ storage, messages, known, extra, attachments = null, wait = untilOnlineOr }) {
    this.#storage = storage;
    this.#messages = messages;
    this.#known = known;
    this.#extra = extra;
    this.#attachments = attachments;
    this.#wait = wait;
    const { fields, key, why, sent, files } = this.#kept();
    this.#why = why;
    attachments?.restore(files);
    this.state = { phase: "writing", fields, faults: {}, message: "" };
    if (!sent) return;
    this.#key = key;
    this.#sent = this.#wordsOf(tidy(fields));
    void this.send(fields);
  }

  /** Somebody has begun one. */
  get opened() {
    if (this.state.phase !== "writing" || this.#attachments?.count) return true;
    return wordsOf(this.state.fields) !== wordsOf({ ...NOTHING, ...this.#known() });
  }

  /** @param {string} why  the dead end at which it is written */
  begin(why) {
    this.#why = why;
    if (!this.opened) this.#tell({ ...this.state, fields: { ...NOTHING, ...this.#known() } });
  }

  /** @param {(state: MessageState) => void} watcher  the view; it takes the place of an earlier one */
  watch(watcher) {
    this.#watcher = watcher;
    watcher(this.state);
  }

  /** It is written on: what was sent before is not tried again. @param {MessageFields} fields */
  write(fields) {
    this.#turn += 1;
    this.#keep(fields, false);
    this.#tell({ phase: "writing", fields, faults: {}, message: "" });
  }

  /** @param {MessageFields} given @returns {Promise<void>} */
  async send(given) {
    const fields = tidy(given);
    const faults = faultsIn(fields, this.#attachments?.count ?? 0);
    if (Object.keys(faults).length) return this.#tell({ phase: "writing", fields: given, faults, message: "" });
    if (this.#attachments?.count && !(await this.#uploaded(fields, this.#attachments))) return;
    const words = this.#wordsOf(fields);
    if (words !== this.#sent || !this.#key) this.#key = randomKey();
    this.#sent = words;
    this.#keep(fields, true);
    await this.#insist(fields);
  }

  /** After one that is kept. */
  another() {
    const { name, email, phone } = this.state.fields;
    this.#tell({ phase: "writing", fields: { text: "", name, email, phone }, faults: {}, message: "" });
  }

  /**
   * Files first, as the message names them.
   * @param {MessageFields} fields @param {Pick<Attachments, 'upload'>} attachments @returns {Promise<boolean>} whether it goes on
   */
  async #uploaded(fields, attachments) {
    this.#turn += 1;
    const turn = this.#turn;
    this.#keep(fields, false);
    this.#tell({ phase: "uploading", fields, faults: {}, message: "" });
    const all = await attachments.upload();
    if (turn !== this.#turn) return false;
    if (!all) this.#tell({ phase: "stopped", fields, faults: {}, message: "" });
    return all;
  }

  /** @param {MessageFields} fields */
  async #insist(fields) {
    this.#turn += 1;
    const turn = this.#turn;
    this.#tell({ phase: "sending", fields, faults: {}, message: "" });
    for (let tries = 0; turn === this.#turn; tries++) {
      /** @type {number | null} */
      let retryAfter = null;
      try {
        const files = this.#attachments?.kept.map(({ id }) => id) ?? [];
        const along = { ...this.#extra(), ...(files.length && { files }), why: this.#why, key: this.#key };
        await this.#messages.leave({ ...filled(fields), ...along });
        if (turn !== this.#turn) return;
        this.#storage.remove(KEY);
        this.#attachments?.clear();
        return this.#tell({ phase: "kept", fields, faults: {}, message: "" });
      } catch (error) {
        if (turn !== this.#turn) return;
        const { code, retryable, message, fields: faults, retryAfter: after } = /** @type {any} */ (error);
        if (!retryable) {
          if (code === "files_gone") this.#attachments?.again();
          this.#keep(fields, false);
          return this.#tell({ phase: "refused", fields, faults, message: Object.keys(faults).length ? "" : message });
        }
        retryAfter = after;
        this.#tell({ phase: "waiting", fields, faults: {}, message });
      }
      await this.#wait(POLICY.delay(tries, retryAfter));
    }
  }

  /** The same words with the same files are the same message. @param {MessageFields} fields */
  #wordsOf(fields) {
    return wordsOf(fields) + (this.#attachments?.kept ?? []).map(({ id }) => ` ${id}`).join("");
  }

  /** @param {MessageState} state */
  #tell(state) {
    this.state = state;
    this.#watcher(state);
  }

  /** @param {MessageFields} fields @param {boolean} sent */
  #keep(fields, sent) {
    try {
      const files = this.#attachments?.kept ?? [];
      this.#storage.set(KEY, JSON.stringify({ fields, sent, key: this.#key, why: this.#why, files }));
    } catch {
      // No room: it stays in the page.
    }
  }

  /** Others may write into the same storage. */
  #kept() {
    try {
      const { fields, key, why, sent, files } = JSON.parse(this.#storage.get(KEY) ?? "{}");
      if (NAMES.every((name) => typeof fields[name] === "string") && typeof why === "string" && typeof key === "string")
        return { fields: /** @type {MessageFields} */ (fields), key, why, sent: sent === true, files: filesIn(files) };
    } catch {
      // as if there were nothing
    }
    return { fields: { ...NOTHING, ...this.#known() }, key: "", why: "other", sent: false, files: [] };
  }
}

/** @param {MessageFields} fields @returns {MessageFields} */
function tidy({ text, name, email, phone }) {
  const mended = (/** @type {string} */ value) => wellFormed(value).trim();
  return { text: mended(text), name: mended(name), email: mended(email), phone: mended(phone) };
}

/** @param {unknown} kept @returns {import("./attachments.js").KeptFile[]} */
function filesIn(kept) {
  const known = (/** @type {any} */ one) => typeof one?.id === "string" && typeof one.name === "string" && one.size > 0;
  return Array.isArray(kept) ? kept.filter(known) : [];
}

/**
 * What the page can say before the server has to.
 * @param {MessageFields} fields @param {number} attached @returns {Record<string, string>} keys of texts
 */
function faultsIn({ text, email, phone }, attached) {
  return {
    ...(!isVisible(text) && !attached && { text: "customer.message.textMissing" }),
    ...(!email && !phone && { email: "customer.message.wayMissing" }),
  };
}

/** @param {MessageFields} fields */
function wordsOf({ text, name, email, phone }) {
  return JSON.stringify([text, name, email, phone]);
}

/** @param {MessageFields} fields */
function filled(fields) {
  return Object.fromEntries(Object.entries(fields).filter(([name, value]) => value || name === "text"));
}

/** @param {number} ms @returns {Promise<void>} */
function untilOnlineOr(ms) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    addEventListener("online", done);
  });
}
