/** @param {number} ms @returns {number} whole seconds, never negative */
const secondsOf = (ms) => Math.max(0, Math.floor(Number.isFinite(ms) ? ms / 1000 : 0));

/**
 * @param {number} ms
 * @param {{padded?: boolean}} [options]  padded: of one width below an hour, for columns
 * @returns {string} 0:07 (padded 00:07), 12:34, 1:02:03
 */
export function clock(ms, { padded = false } = {}) {
  const total = secondsOf(ms);
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const [hours, minutes, seconds] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  return hours ? `${hours}:${two(minutes)}:${two(seconds)}` : `${padded ? two(minutes) : minutes}:${two(seconds)}`;
}

/**
 * The same duration for a screen reader and the `datetime` attribute.
 * @param {number} ms
 * @returns {string} ISO 8601, e.g. PT12M34S
 */
export function isoDuration(ms) {
  const total = secondsOf(ms);
  return `PT${Math.floor(total / 60)}M${total % 60}S`;
}

/** Writes a running duration into a `<time>`, aligned to whole seconds. */
export class Timer {
  #element;
  #now;
  /** @type {any} */
  #timeout;
  #since = 0;

  /**
   * @param {HTMLTimeElement} element
   * @param {() => number} now  ms, the clock `since` is told in
   */
  constructor(element, now = Date.now) {
    this.#element = element;
    this.#now = now;
  }

  /** @param {number} since  ms */
  start(since) {
    if (this.#timeout && since === this.#since) return;
    this.stop();
    this.#since = since;
    this.#tick();
  }

  stop() {
    clearTimeout(this.#timeout);
    this.#timeout = undefined;
  }

  #tick() {
    const elapsed = Math.max(0, this.#now() - this.#since);
    this.#element.textContent = clock(elapsed);
    this.#element.dateTime = isoDuration(elapsed);
    this.#timeout = setTimeout(() => this.#tick(), 1000 - (elapsed % 1000));
  }
}
