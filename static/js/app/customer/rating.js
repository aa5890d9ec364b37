import { ReconnectPolicy } from "../../core/backoff.js";
import { wellFormed } from "../../core/text.js";

/**
 * @import {Store} from "../../core/types.js"
 * @import {RatingAnswer} from "../../net/kept-chat.js"
 * @import {RatingState} from "../../ui/customer/end/rating-form.js"
 *
 * @typedef {{rating: (token: string) => Promise<RatingAnswer>,
 *   rate: (token: string, score: number, comment: string) => Promise<RatingAnswer>}} Ratings  reject with ChatRefused
 */

const KEY = "rating";
const POLICY = new ReconnectPolicy({ delaysMs: [1000, 2000, 4000, 8000, 15_000, 30_000, 60_000] });
/** From this try on there is nearly a quarter of a minute between two: who asked too often waits at least that. */
const SLOW = 4;
/** Answers after which trying the same again changes nothing. */
const FINAL = new Set(["schema", "too_large"]);

/** @type {RatingState} */
const NOTHING = { phase: "none", score: null, comment: "", message: "" };

/**
 * What the customer thinks of the conversation that is over. What is chosen, written or sent is kept in the tab until
 * the server has it: nothing is lost by a reload, a lost connection, or a history that comes late.
 */
export class Rating {
  /** @type {RatingState} */
  state = NOTHING;
  #storage;
  #ratings;
  #token;
  #wait;
  /** Whose it is. @type {string | null} */
  #of = null;
  /** Every question is given up for a newer one. */
  #turn = 0;
  /** @type {(state: RatingState) => void} */
  #watcher = () => {};

  /**
   * @param {Store} storage  of the tab
   * @param {Ratings} ratings
   * @param {() => string | null} token  of the conversation that is over, as long as the page keeps it
   * @param {(ms: number) => Promise<void>} [wait]
   */
  constructor(storage, ratings, token, wait = untilOnlineOr) {
    this.#storage = storage;
    this.#ratings = ratings;
    this.#token = token;
    this.#wait = wait;
  }

  /** @param {(state: RatingState) => void} watcher  the view; it takes the place of an earlier one */
  watch(watcher) {
    this.#watcher = watcher;
    watcher(this.state);
  }

  /** The end is shown: asks once whether there is something to rate, or sends what an earlier page could not. */
  begin() {
    const token = this.#token();
    if (token === this.#of) return;
    this.#of = token;
    this.#tell(NOTHING);
    if (token === null) return;
    const { score, comment, sent } = this.#kept(token);
    if (sent && score) void this.send(score, comment);
    else void this.#ask(token, score, comment);
  }

  /** It is written on: what was sent before is not tried again. @param {number | null} score @param {string} comment */
  write(score, comment) {
    this.#turn += 1;
    this.#keep({ score, comment, sent: false });
    this.#tell({ phase: "asked", score, comment, message: "" });
  }

  /** @param {number} score @param {string} comment @returns {Promise<void>} */
  async send(score, comment) {
    const token = this.#of;
    if (token === null) return;
    const given = { score, comment: wellFormed(comment).trim(), message: "" };
    this.#keep({ score, comment: given.comment, sent: true });
    this.#tell({ phase: "sending", ...given });
    const question = () => this.#ratings.rate(token, score, given.comment);
    await this.#insist(question, ({ recorded }) => {
      if (recorded) this.#storage.remove(KEY);
      this.#tell({ phase: recorded ? "kept" : "waiting", ...given });
    });
  }

  /** @param {string} token @param {number | null} score @param {string} comment  written on an earlier page */
  async #ask(token, score, comment) {
    await this.#insist(
      () => this.#ratings.rating(token),
      ({ open, score: given, comment: because }) => {
        if (!open) this.#tell(NOTHING);
        // Also before the history knows of it: it can be chosen and written meanwhile.
        else if (score || comment || given === null) this.#tell({ phase: "asked", score, comment, message: "" });
        else this.#tell({ phase: "kept", score: given, comment: because, message: "" });
      },
    );
  }

  /**
   * Asks until there is an answer that is one, something newer began, or the conversation is another one.
   * @param {() => Promise<RatingAnswer>} question @param {(answer: RatingAnswer) => void} take
   */
  async #insist(question, take) {
    this.#turn += 1;
    const turn = this.#turn;
    const sending = this.state.phase === "sending";
    const isOurs = () => turn === this.#turn && this.#token() === this.#of;
    for (let tries = 0; isOurs(); tries++) {
      try {
        const answer = await question();
        if (isOurs()) take(answer);
        if (this.state.phase !== "waiting") return;
      } catch (error) {
        if (!isOurs()) return;
        const { code, gone, message } = /** @type {any} */ (error);
        if (gone || code === "rating_closed") {
          this.#storage.remove(KEY);
          return this.#tell(sending ? { ...this.state, phase: "closed", message } : NOTHING);
        }
        if (FINAL.has(code)) return this.#tell({ ...this.state, phase: "refused", message });
        if (code === "rate_limited") tries = Math.max(tries, SLOW);
        if (sending) this.#tell({ ...this.state, phase: "waiting" });
      }
      await this.#wait(POLICY.delay(tries));
    }
  }

  /** @param {RatingState} state */
  #tell(state) {
    this.state = state;
    this.#watcher(state);
  }

  /** @param {{score: number | null, comment: string, sent: boolean}} given */
  #keep(given) {
    try {
      this.#storage.set(KEY, JSON.stringify({ of: this.#of, ...given }));
    } catch {
      // No room: it stays in the page.
    }
  }

  /** Others may write into the same storage. @param {string} token */
  #kept(token) {
    try {
      const { of, score, comment, sent } = JSON.parse(this.#storage.get(KEY) ?? "{}");
      if (of === token && (score === null || [1, 2, 3, 4, 5].includes(score)) && typeof comment === "string")
        return { score, comment, sent: sent === true };
    } catch {
      // as if there were nothing
    }
    this.#storage.remove(KEY);
    return { score: null, comment: "", sent: false };
  }
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
