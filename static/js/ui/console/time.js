import { getLocale } from "../../core/i18n.js";
import { clock, isoDuration } from "../shared/timer.js";

/**
 * Durations and the one clock that the console draws from.
 *
 * The server's clock is the truth for `since` and `wrap_up_until`; the browser's may be minutes off. The offset is
 * learnt from `welcome.server_time` and added to the local clock.
 */

/** @param {number} seconds @returns {string} `mm:ss`, from one hour on `h:mm:ss`; never negative */
export const formatDuration = (seconds) => clock(seconds * 1000, { padded: true });

/** @param {number} seconds @returns {string} for `<time datetime>`, e.g. `PT1M15S` */
export const isoSeconds = (seconds) => isoDuration(seconds * 1000);

/** @param {number} ms local time @returns {string} the time of day, as the reader's language writes it */
export const clockTime = (ms) => new Date(ms).toLocaleTimeString(getLocale(), { hour: "2-digit", minute: "2-digit" });

/**
 * @param {number|null|undefined} sinceMs server time of the start
 * @param {number} nowMs local time
 * @param {number} offsetMs server time minus local time
 * @returns {number} seconds gone by, 0 when unknown or in the future
 */
export function elapsedSeconds(sinceMs, nowMs, offsetMs) {
  if (!sinceMs) {
    return 0;
  }
  return Math.max(0, (nowMs + offsetMs - sinceMs) / 1000);
}

/**
 * @param {number|null|undefined} untilMs server time of the end
 * @param {number} nowMs local time
 * @param {number} offsetMs server time minus local time
 * @returns {number} seconds left, 0 when over or unknown
 */
export function remainingSeconds(untilMs, nowMs, offsetMs) {
  if (!untilMs) {
    return 0;
  }
  return Math.max(0, (untilMs - nowMs - offsetMs) / 1000);
}

/** Calls every listener once a second, on the second; stops by itself when nobody listens. */
export class Ticker {
  /** @param {{now?: () => number}} [options] */
  constructor({ now = () => Date.now() } = {}) {
    this.now = now;
    /** @type {Set<(nowMs: number) => void>} */
    this.listeners = new Set();
    /** @type {ReturnType<typeof setTimeout>|null} */
    this.timer = null;
  }

  /**
   * @param {(nowMs: number) => void} listener
   * @returns {() => void} stops the calls
   */
  onSecond(listener) {
    this.listeners.add(listener);
    this.schedule();
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0 && this.timer !== null) {
        clearTimeout(this.timer);
        this.timer = null;
      }
    };
  }

  schedule() {
    if (this.timer !== null || this.listeners.size === 0) {
      return;
    }
    this.timer = setTimeout(
      () => {
        this.timer = null;
        const now = this.now();
        for (const listener of [...this.listeners]) {
          listener(now);
        }
        this.schedule();
      },
      1000 - (this.now() % 1000),
    );
  }
}
