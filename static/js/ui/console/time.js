/**
 * Durations and the one clock that the console draws from.
 *
 * The server's clock is the truth for `since` and `wrap_up_until`; the browser's may be minutes off. The offset is
 * learnt from `welcome.server_time` and added to the local clock.
 */

/**
 * @param {number} seconds
 * @returns {string} `mm:ss`, from one hour on `h:mm:ss`; never negative
 */
export function formatDuration(seconds) {
  const whole = Math.max(0, Math.floor(Number.isFinite(seconds) ? seconds : 0));
  const pad = (/** @type {number} */ value) => String(value).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const rest = `${pad(minutes)}:${pad(whole % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

/**
 * @param {number} seconds
 * @returns {string} an ISO 8601 duration for `<time datetime>`, e.g. `PT75S`
 */
export function isoDuration(seconds) {
  return `PT${Math.max(0, Math.floor(Number.isFinite(seconds) ? seconds : 0))}S`;
}

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
