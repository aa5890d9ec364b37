/**
 * When to try again. A pure object: attempt number in, milliseconds out; no timer, no clock.
 *
 * The first tries come fast, because most losses are a moment's network change or one restarted process; later ones
 * slow down, and every one is jittered so that a restarted server does not meet all of its clients at once.
 */
export class ReconnectPolicy {
  /**
   * @param {{delaysMs?: number[], jitter?: number, random?: () => number}} [options]
   *   delaysMs: one per attempt, the last one repeats; jitter: share of the delay, both ways
   */
  constructor({ delaysMs = [100, 300, 800, 2000, 3000, 5000, 8000], jitter = 0.2, random = Math.random } = {}) {
    this.delaysMs = delaysMs;
    this.jitter = jitter;
    this.random = random;
  }

  /**
   * @param {number} attempt  0 is the first try after a loss
   * @param {number | null} [retryAfterS]  what the server asked for; never undercut, spread by up to a half
   * @returns {number} milliseconds
   */
  delay(attempt, retryAfterS = null) {
    if (retryAfterS !== null && retryAfterS > 0) {
      return Math.round(retryAfterS * 1000 * (1 + this.random() / 2));
    }
    const base = this.delaysMs[Math.min(attempt, this.delaysMs.length - 1)];
    return Math.round(base * (1 + (this.random() * 2 - 1) * this.jitter));
  }
}

/** For a socket that is raced against a stalled one in a running call: the gap is heard, so the first try is at once. */
export const racePolicy = () => new ReconnectPolicy({ delaysMs: [0, 300, 800, 2000, 3000] });
