import { Emitter } from "../../core/emitter.js";

const PLACE = { position: 2, waiting: 5, estimate: { low_s: 60, high_s: 240 }, staffed: true };

/**
 * The dialogue with the server, as far as a preview needs one: nothing leaves the page, and every join gets a place. It
 * has what net/session.js has for the customer's page.
 */
export class PretendedSession extends Emitter {
  /** @type {'idle' | 'open'} */
  state = "idle";
  token = null;
  pass = null;
  ready = false;

  start() {
    this.state = "open";
    this.ready = true;
    queueMicrotask(() => this.emit("welcome", { epoch: null }));
  }

  stop() {
    this.state = "idle";
    this.ready = false;
  }

  forget() {}

  forgetPlace() {}

  serverNow() {
    return Date.now();
  }

  async probe() {
    return true;
  }

  /** @param {string} type */
  send(type) {
    if (type === "queue:join")
      queueMicrotask(() => this.emit("queue:joined", { type: "queue:joined", conversation: "preview", ...PLACE }));
    if (type === "queue:leave") this.#leave();
  }

  /** @param {string} type @returns {number} */
  sendNumbered(type) {
    if (type === "queue:leave") this.#leave();
    return 1;
  }

  #leave() {
    queueMicrotask(() => this.emit("queue:left", { type: "queue:left", reason: "left" }));
  }
}
