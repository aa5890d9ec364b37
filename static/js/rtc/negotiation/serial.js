/** An operation whose owner was replaced meanwhile. */
export class Abandoned extends Error {}

/**
 * Runs jobs one after the other. An RTCPeerConnection that is closed never settles its pending promises; `abandon()`
 * lets the job that waits for one of them end, so that the queue goes on.
 */
export class Serial {
  /** @type {Promise<unknown>} */
  #chain = Promise.resolve();
  /** @type {(error: Error) => void} */
  #reject = () => {};
  /** @type {Promise<never>} */
  #abandoned = this.#renew();

  /** @param {(error: unknown) => void} onError  everything but Abandoned */
  constructor(onError) {
    this.onError = onError;
  }

  /** @param {() => Promise<void>} job */
  enqueue(job) {
    this.#chain = this.#chain.then(job).catch((error) => {
      if (!(error instanceof Abandoned)) this.onError(error);
    });
  }

  /**
   * @template T
   * @param {Promise<T>} operation
   * @returns {Promise<T>} rejects with Abandoned when `abandon()` comes first
   */
  run(operation) {
    return Promise.race([operation, this.#abandoned]);
  }

  abandon() {
    this.#reject(new Abandoned());
    this.#abandoned = this.#renew();
  }

  /** @returns {Promise<never>} */
  #renew() {
    const promise = new Promise((_, reject) => (this.#reject = reject));
    promise.catch(() => {});
    return /** @type {Promise<never>} */ (promise);
  }
}

/** For `catch`: what failed does not matter, but that its owner was replaced does. @param {unknown} error */
export function unlessAbandoned(error) {
  if (error instanceof Abandoned) throw error;
}
