import { t } from "../../core/i18n.js";

const DAY_MS = 300_000;
const LEFT_MS = 60_000;
const AGENDA_MS = 30_000;
/** After an end the history is written within a second or two. */
const SOON_MS = 5000;

/**
 * @import {Day, LeftMessages} from "../../core/types.js"
 * @import {Appointment} from "../../net/desk/agenda.js"
 * @import {LeftMessages as Requests} from "../../net/desk/left-messages.js"
 * @import {Store} from "../../ui/console/state.js"
 * @typedef {{day: {tell: (day: Day) => void}, left: {tell: (answer: LeftMessages) => void},
 *   agenda: {tell: (agenda: Appointment[]) => void}}} Shown
 */

/**
 * Keeps fresh what is shown while nobody is there to be talked with.
 * @template T
 * @param {{store: Store, everyMs: number, ask: () => Promise<T|null>, tell: (answer: T) => void}} parts  ask: null where nobody answers
 * @returns {() => void} ask at once
 */
export function askWhileIdle({ store, everyMs, ask, tell }) {
  let due = 0;
  const now = () => void ask().then((answer) => answer && tell(answer));
  store.subscribe((state, before) => {
    const at = state.lastTick;
    if (before.phase === "active" && state.phase !== "active") due = Math.min(due, at + SOON_MS);
    if (state.connection !== "online" || state.phase === "active" || at < due || at === 0) return;
    due = at + everyMs;
    now();
  });
  return now;
}

/** What an operator reads and does while nobody is there: how the day goes, who comes, and messages that were left. */
export class IdleDesk {
  #askDay;
  #askAgenda;
  #messages;
  #again = () => {};

  /**
   * @param {{askDay: () => Promise<Day|null>, askAgenda: () => Promise<Appointment[]|null>,
   *   leftMessages: Pick<Requests, "list" | "take">}} requests
   */
  constructor({ askDay, askAgenda, leftMessages }) {
    this.#askDay = askDay;
    this.#askAgenda = askAgenda;
    this.#messages = leftMessages;
  }

  /** @param {Store} store @param {Shown} stage @param {() => void} draw */
  watch(store, stage, draw) {
    askWhileIdle({ store, everyMs: DAY_MS, ask: this.#askDay, tell: (day) => stage.day.tell(day) });
    askWhileIdle({ store, everyMs: AGENDA_MS, ask: this.#askAgenda, tell: (agenda) => stage.agenda.tell(agenda) });
    const tell = (/** @type {LeftMessages} */ answer) => {
      stage.left.tell(answer);
      draw();
    };
    this.#again = askWhileIdle({ store, everyMs: LEFT_MS, ask: () => this.#messages.list(), tell });
  }

  /** Takes a message, if nobody was faster. @param {string} id @param {(text: string) => void} say */
  async take(id, say) {
    const answer = await this.#messages.take(id);
    if (answer === null) say(t("console.left.failed"));
    else if (answer.outcome === "taken") say(t("console.left.taken", { name: answer.by }));
    this.#again();
  }
}
