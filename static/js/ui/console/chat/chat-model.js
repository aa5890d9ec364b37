import { marked, ownLine, peerLine, restored, takenBack, withFile, withLine } from "../../shared/chat/chat-lines.js";

/**
 * @import {FileInfo} from "../../../core/types.js"
 * @import {ChatLine} from "../../shared/chat/chat-lines.js"
 */

/** The lines of the conversation on screen, and what each side has read of them. */
export class ChatModel {
  constructor() {
    /** @type {string|null} */
    this.conversation = null;
    /** @type {ChatLine[]} another array whenever anything in it changes */
    this.lines = [];
    this.readUpTo = 0;
    this.peerReadUpTo = 0;
    this.peerTyping = false;
    /** What the customer is writing and has not sent. */
    this.peerDraft = "";
  }

  /** @param {string|null} conversation starts afresh unless it is the same one */
  begin(conversation) {
    if (this.conversation === conversation) return;
    this.conversation = conversation;
    this.lines = [];
    this.readUpTo = 0;
    this.peerReadUpTo = 0;
    this.peerTyping = false;
    this.peerDraft = "";
  }

  /** @param {any} frame `chat:preview {text}`; without one nothing is being written @returns {boolean} whether it is another text */
  preview(frame) {
    const other = frame && frame.conversation !== this.conversation;
    const text = other || typeof frame?.text !== "string" ? "" : frame.text.trimEnd();
    const changed = text !== this.peerDraft;
    this.peerDraft = text;
    return changed;
  }

  /** @param {any} transcript `[{from, id, text, at, file?}]` */
  restore(transcript) {
    this.lines = restored(this.lines, Array.isArray(transcript) ? transcript : [], "operator");
    this.#markRead();
  }

  /**
   * @param {any} frame `chat:message {id, text, at, file?}` from the customer
   * @param {number} now
   * @returns {boolean} whether the line is new
   */
  receive(frame, now) {
    this.peerTyping = false;
    this.peerDraft = "";
    return this.#take(withLine(this.lines, peerLine(frame, now)));
  }

  /**
   * @param {{id: number, text?: string, file?: FileInfo}} sent id: the numbered frame's
   * @param {number} now
   */
  say(sent, now) {
    this.#take(withLine(this.lines, ownLine(sent, now)));
  }

  /** @param {FileInfo} file what is known of it now */
  know(file) {
    this.#take(withFile(this.lines, file));
  }

  /**
   * @param {number} id
   * @returns {boolean} whether a line of ours was waiting for it
   */
  stored(id) {
    return this.#take(marked(this.lines, (line) => line.id === id && line.state === "sending", "sent"));
  }

  /**
   * @param {number} id the server will never take it
   * @returns {boolean}
   */
  refused(id) {
    return this.#take(marked(this.lines, (line) => line.id === id && line.state === "sending", "failed"));
  }

  /** @param {string} key of a line that was not sent @returns {string} its text */
  takeBack(key) {
    const { lines, text } = takenBack(this.lines, key);
    this.lines = lines;
    return text;
  }

  /**
   * @param {number} upTo the customer has read our lines up to this id
   * @returns {boolean}
   */
  peerRead(upTo) {
    this.peerReadUpTo = Math.max(this.peerReadUpTo, upTo);
    return this.#markRead();
  }

  /** @returns {number} the customer's last line that we have not reported as read, 0 when there is none */
  unreadId() {
    const last = this.lines.reduce((most, line) => (line.from === "peer" ? Math.max(most, line.id) : most), 0);
    return last > this.readUpTo ? last : 0;
  }

  /** @returns {number} */
  unreadCount() {
    return this.lines.filter((line) => line.from === "peer" && line.id > this.readUpTo).length;
  }

  /** @param {number} upTo */
  reportedRead(upTo) {
    this.readUpTo = Math.max(this.readUpTo, upTo);
  }

  #markRead() {
    return this.#take(marked(this.lines, (line) => line.id <= this.peerReadUpTo && line.state === "sent", "seen"));
  }

  /** @param {ChatLine[]} lines @returns {boolean} whether they are others than before */
  #take(lines) {
    const changed = lines !== this.lines;
    this.lines = lines;
    return changed;
  }
}
