/** @import {Frame} from "../core/types.js" */

/**
 * Numbered frames on their way to the server. A frame stays until it is acknowledged and ten seconds more: a store
 * that is killed may forget its last second although it had answered.
 *
 * @typedef {{id: number, frame: Frame, ackedAt: number | null, sentOn: unknown}} Entry  sentOn: the socket it last went out on
 */
export const RETENTION_MS = 10_000;

export class Unacked {
  /** @type {Map<number, Entry>} in the order of sending, which is the order of ids */
  #entries = new Map();
  #lastId = 0;

  /** The server's highest id: a reloaded page goes on above it. @param {number} id */
  raiseTo(id) {
    this.#lastId = Math.max(this.#lastId, id);
  }

  /**
   * @param {Frame} frame
   * @returns {Entry}
   */
  add(frame) {
    const id = ++this.#lastId;
    const entry = { id, frame: { ...frame, id }, ackedAt: null, sentOn: null };
    this.#entries.set(id, entry);
    return entry;
  }

  /**
   * A frame that an earlier page added under this id.
   * @param {Frame} frame
   * @returns {boolean} false when the id is known already
   */
  restore(frame) {
    const id = frame.id ?? 0;
    if (this.#entries.has(id)) return false;
    this.#entries.set(id, { id, frame, ackedAt: null, sentOn: null });
    this.raiseTo(id);
    return true;
  }

  /**
   * @param {number} id
   * @param {number} now  ms
   * @returns {boolean} true for the first ack of a known frame
   */
  ack(id, now) {
    const entry = this.#entries.get(id);
    if (!entry || entry.ackedAt !== null) return false;
    entry.ackedAt = now;
    return true;
  }

  /** The server will never take it. @param {number} id @returns {Frame | undefined} */
  reject(id) {
    const entry = this.#entries.get(id);
    this.#entries.delete(id);
    return entry?.frame;
  }

  /**
   * What a fresh socket must carry again: everything unanswered, and what the server no longer knows of.
   * @param {number} lastId  the highest id the server has stored
   * @returns {Entry[]}
   */
  toResend(lastId) {
    return [...this.#entries.values()].filter((entry) => entry.ackedAt === null || entry.id > lastId);
  }

  /** @returns {Entry[]} */
  unanswered() {
    return [...this.#entries.values()].filter((entry) => entry.ackedAt === null);
  }

  /** @param {number} now  ms */
  prune(now) {
    for (const [id, entry] of this.#entries) {
      if (entry.ackedAt !== null && now - entry.ackedAt > RETENTION_MS) this.#entries.delete(id);
    }
  }

  /** Forgets every frame, keeps counting: an id is never used twice. */
  clear() {
    this.#entries.clear();
  }

  get size() {
    return this.#entries.size;
  }
}
