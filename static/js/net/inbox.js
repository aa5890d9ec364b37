/** @import {Frame} from "../core/types.js" */

/**
 * The receiving end of a mailbox: which epoch, how far, and what to do with the next number.
 */
export class Inbox {
  /** @type {number | null} */
  epoch = null;
  lastSeq = 0;

  /**
   * @param {Frame} frame
   * @returns {'take' | 'duplicate' | 'gap'} un-numbered frames are always taken
   */
  judge(frame) {
    if (!frame.seq) return "take";
    if (frame.seq <= this.lastSeq) return "duplicate";
    if (frame.seq > this.lastSeq + 1) return "gap";
    this.lastSeq = frame.seq;
    return "take";
  }

  /**
   * @param {number | null} epoch
   * @param {number} seq
   */
  restart(epoch, seq) {
    this.epoch = epoch;
    this.lastSeq = seq;
  }
}
