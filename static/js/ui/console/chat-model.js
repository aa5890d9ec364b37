/**
 * The lines of the conversation on screen and how far each has come.
 *
 * A line is known by who said it and that sender's own id, so that replay after a reconnect, a resync's transcript and
 * our own pending lines fall together without doubles.
 */

/** With no more characters left than this the counter shows. */
export const COUNTER_FROM_LEFT = 500;

/**
 * @typedef {"customer"|"operator"} Side
 * @typedef {"sending"|"stored"|"read"|"failed"} Delivery
 * @typedef {{key: string, from: Side, id: number, text: string, at: number, delivery: Delivery}} Line
 */

export class ChatModel {
  constructor() {
    /** @type {string|null} */
    this.conversation = null;
    /** @type {Line[]} */
    this.lines = [];
    this.readUpTo = 0;
    this.peerReadUpTo = 0;
    this.peerTyping = false;
    /** How often the lines were put in order anew. */
    this.restores = 0;
  }

  /** @param {string|null} conversation starts afresh unless it is the same one */
  begin(conversation) {
    if (this.conversation === conversation) {
      return;
    }
    this.conversation = conversation;
    this.lines = [];
    this.readUpTo = 0;
    this.peerReadUpTo = 0;
    this.peerTyping = false;
  }

  /**
   * The server's transcript is complete; only own lines that it has not stored yet are kept besides it.
   * @param {any[]} transcript `[{from, id, text, at}]`
   */
  restore(transcript) {
    const pending = this.lines.filter((line) => line.delivery === "sending" || line.delivery === "failed");
    this.lines = [];
    this.restores += 1;
    for (const entry of Array.isArray(transcript) ? transcript : []) {
      this.put(entry.from === "operator" ? "operator" : "customer", entry.id, entry.text, entry.at, "stored");
    }
    for (const line of pending) {
      this.put("operator", line.id, line.text, line.at, line.delivery);
    }
    this.markRead();
  }

  /**
   * @param {any} frame `chat:message {id, text, at}` from the customer
   * @param {number} now
   * @returns {boolean} whether the line is new
   */
  receive(frame, now) {
    this.peerTyping = false;
    return this.put("customer", frame.id, frame.text, frame.at ?? now, "stored");
  }

  /**
   * @param {number} id the numbered frame's id
   * @param {string} text
   * @param {number} now
   */
  say(id, text, now) {
    this.put("operator", id, text, now, "sending");
  }

  /**
   * @param {number} id
   * @returns {boolean} whether a line of ours was waiting for it
   */
  stored(id) {
    return this.advance((line) => line.id === id && line.delivery === "sending", "stored");
  }

  /**
   * @param {number} id the server will never take it
   * @returns {boolean}
   */
  refused(id) {
    return this.advance((line) => line.id === id && line.delivery === "sending", "failed");
  }

  /**
   * A line that was not sent leaves the log, to be written anew.
   * @param {number} id
   * @returns {string} its text
   */
  takeBack(id) {
    const line = this.lines.find(
      (known) => known.from === "operator" && known.id === id && known.delivery === "failed",
    );
    this.lines = this.lines.filter((known) => known !== line);
    this.restores += 1;
    return line?.text ?? "";
  }

  /**
   * @param {number} upTo the customer has read our lines up to this id
   * @returns {boolean}
   */
  peerRead(upTo) {
    this.peerReadUpTo = Math.max(this.peerReadUpTo, upTo);
    return this.markRead();
  }

  /** @returns {number} the customer's last line that we have not reported as read, 0 when there is none */
  unreadId() {
    const last = this.lines.reduce((most, line) => (line.from === "customer" ? Math.max(most, line.id) : most), 0);
    return last > this.readUpTo ? last : 0;
  }

  /** @returns {number} */
  unreadCount() {
    return this.lines.filter((line) => line.from === "customer" && line.id > this.readUpTo).length;
  }

  /** @param {number} upTo */
  reportedRead(upTo) {
    this.readUpTo = Math.max(this.readUpTo, upTo);
  }

  /** @returns {boolean} */
  markRead() {
    return this.advance((line) => line.id <= this.peerReadUpTo && line.delivery === "stored", "read");
  }

  /**
   * @param {(line: Line) => boolean} matches
   * @param {Delivery} delivery
   * @returns {boolean}
   */
  advance(matches, delivery) {
    let changed = false;
    for (const line of this.lines) {
      if (line.from === "operator" && matches(line)) {
        line.delivery = delivery;
        changed = true;
      }
    }
    return changed;
  }

  /**
   * @param {Side} from
   * @param {number} id
   * @param {string} text
   * @param {number} at
   * @param {Delivery} delivery
   * @returns {boolean}
   */
  put(from, id, text, at, delivery) {
    const key = `${from}:${id}`;
    const known = this.lines.find((line) => line.key === key);
    if (known) {
      if (known.delivery === "sending" || known.delivery === "failed") {
        known.delivery = delivery;
        known.at = at;
      }
      return false;
    }
    this.lines.push({ key, from, id, text: String(text ?? ""), at, delivery });
    return true;
  }
}
