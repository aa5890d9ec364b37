import { Emitter } from "../core/emitter.js";
import { encodeFrame } from "../core/text.js";

/** @import {Frame} from "../core/types.js" */

/**
 * One WebSocket from opening to its end: JSON in and out, nothing else. It says hello as soon as it is open.
 * Emits 'open', 'frame' (Frame) and, once, 'closed' ({code, retryAfter}). After `drop()` it is silent.
 */
export class Link extends Emitter {
  #socket;
  #done = false;
  helloSent = false;
  lastInboundAt = 0;

  /**
   * @param {{url: string, WebSocket: typeof WebSocket, hello: () => Frame, now: () => number}} options
   */
  constructor({ url, WebSocket: Socket, hello, now }) {
    super();
    /** @type {number | null} what the server asked for before it closed */
    this.retryAfter = null;
    this.#socket = new Socket(url, ["adminara.v1"]);
    this.#socket.onopen = () => {
      if (this.#done) return;
      this.helloSent = true;
      this.send(hello());
      this.emit("open");
    };
    this.#socket.onmessage = ({ data }) => {
      this.lastInboundAt = now();
      this.#receive(data);
    };
    this.#socket.onclose = ({ code }) => this.#end(code);
  }

  /** @param {unknown} data */
  #receive(data) {
    if (this.#done || typeof data !== "string") return;
    /** @type {Frame} */
    const frame = JSON.parse(data);
    if (frame.type === "error" && typeof frame.retry_after === "number") this.retryAfter = frame.retry_after;
    this.emit("frame", frame);
  }

  /** @param {number} code */
  #end(code) {
    if (this.#done) return;
    this.#done = true;
    this.emit("closed", { code, retryAfter: this.retryAfter });
  }

  get isOpen() {
    return !this.#done && this.#socket.readyState === 1;
  }

  /** @param {Frame} frame @returns {boolean} false when the socket is not open */
  send(frame) {
    if (!this.isOpen) return false;
    this.#socket.send(encodeFrame(frame));
    return true;
  }

  /** Closes without telling anybody: its owner has moved on. */
  drop(code = 1000) {
    this.#done = true;
    this.#socket.close(code);
  }
}
