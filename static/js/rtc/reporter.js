import { HIGH_LOSS_PCT } from "./stats.js";

/**
 * @import {CallStats} from "../core/types.js"
 * @import {Session} from "../net/session.js"
 */

/** On a thin line each fourth sample is sent: all of them would take a tenth of 20 kbit/s. */
const SPARSE = 4;

/** Tells the server how the call does. */
export class Reporter {
  #rung = 0;
  #kept = 0;

  /** @param {Pick<Session, 'send'>} session */
  constructor(session) {
    this.session = session;
  }

  /**
   * @param {CallStats & {rung: number, reason: string | null, conversation?: string}} stats
   * @param {boolean} thin  every packet counts on this line; a change of the rung is told at once all the same
   */
  report(stats, thin) {
    const { rung, loss_pct, conversation } = stats;
    if (thin && rung === this.#rung && ++this.#kept < SPARSE) return;
    this.#rung = rung;
    this.#kept = 0;
    this.session.send("call:stats", stats);
    if ((loss_pct ?? 0) > HIGH_LOSS_PCT) {
      this.session.send("metrics:high-packet-loss", { loss_pct, ...(conversation && { conversation }) });
    }
  }
}
