import { Emitter } from "../core/emitter.js";
import { pageId } from "../core/random.js";
import { memoryStore } from "../core/storage.js";
import { Connection } from "./connection.js";
import { Inbox } from "./inbox.js";
import { dropLines, keepLines, keptLines, shownOf } from "./kept-lines.js";
import { Unacked } from "./unacked.js";

/**
 * @import {Frame, Store} from "../core/types.js"
 * @import {ConnectionOptions} from "./connection.js"
 * @import {Entry} from "./unacked.js"
 */

const TICK_MS = 2000;
const ACK_DELAY_MS = 250;
const SILENCE_MARGIN_MS = 5000;
const FRAME_BYTES = 60 * 1024;

/**
 * A dialogue with the server that outlives its sockets: numbered frames arrive in order and once in both directions,
 * whatever happens to the network. See docs/protocol.md.
 *
 * Events: 'open', 'welcome' (Frame), 'resync' (Frame with .state), 'frame' (every Frame) and each frame under its own
 * type ('queue:ready', 'chat:message', …; an `error` frame as 'error-frame'), 'acked' ({id}), 'rejected'
 * ({id, frame, error}), 'kept' ({id, text?, file?}: a line that the page before could not send any more), 'down' ({code, retryInMs}), 'replaced' (4409), 'unauthorized' (4401), 'fatal' ({code}).
 * The last three are terminal: nothing reconnects until `start()` is called again.
 */
export class Session extends Emitter {
  /** Server clock minus ours, ms. */
  clockOffset = 0;
  heartbeatS = 20;
  /** The highest generation of call descriptions the server has seen. */
  gen = 0;
  /** What the server does, as its last welcome says. @type {Record<string, any>} */
  features = {};

  #unacked = new Unacked();
  #inbox = new Inbox();
  #connection;
  #welcomedOnce = false;
  /** @type {any} */
  #tickTimer;
  /** @type {any} */
  #ackTimer;
  /** A refusal that names no frame, and what was unanswered then. @type {{mark: string, ids: number[], error: Frame} | null} */
  #unnamed = null;
  /** @type {(() => string) | undefined} */
  #locale;
  #marks = 0;
  /** What brings the conversation back once, where no token was kept. @type {{handle: string, origin: string} | null} */
  pass = null;

  /**
   * @param {ConnectionOptions & {storage?: Store, mobile?: boolean, locale?: () => string, hello?: () => Record<string, unknown> | undefined}} options
   *   storage keeps the customer's token (key "token"); mobile: a phone, which gets a longer grace; locale: the
   *   page's language, in which the server then speaks; hello: what identifies a resume besides epoch and last_seq,
   *   by default that token, else the `pass`
   */
  constructor({ storage, mobile = false, hello, locale, ...connection }) {
    super();
    this.mobile = mobile;
    this.#locale = locale;
    this.storage = storage ?? memoryStore();
    this.hello = hello ?? (() => (this.token ? { token: this.token } : (this.pass ?? undefined)));
    this.now = connection.now ?? Date.now;
    this.#connection = new Connection(connection, () => this.#helloFrame());
    this.#connection.on("welcome", (frame) => this.#welcome(frame));
    this.#connection.on("frame", (frame) => this.#receive(frame));
    this.#connection.on("early-error", (frame) => this.emit("error-frame", frame));
    this.#connection.on("alive", () => this.#flush());
    this.#connection.on("down", (detail) => this.emit("down", detail));
    for (const end of ["replaced", "unauthorized", "fatal"]) {
      this.#connection.on(end, (detail) => {
        this.#stopTimers();
        this.emit(end, detail);
      });
    }
  }

  get state() {
    return this.#connection.state;
  }

  /** A secret: it stands in hello frames only. @returns {string | null} */
  get token() {
    return this.storage.get("token");
  }

  /** The socket is believed alive: what is sent now arrives soon. */
  get connected() {
    return this.#connection.carrier !== null;
  }

  /** Numbered frames can be sent; while the socket is down they wait here. */
  get ready() {
    return this.#welcomedOnce;
  }

  /** The server's clock, ms. @returns {number} */
  serverNow() {
    return this.now() + this.clockOffset;
  }

  start() {
    this.#tickTimer ??= setInterval(() => this.#tick(), TICK_MS);
    this.#connection.start();
  }

  stop() {
    this.#stopTimers();
    this.#connection.stop();
  }

  /** Keeps who we are, forgets how far we came: the next hello asks for the whole state. */
  forgetPlace() {
    this.#inbox.restart(null, 0);
  }

  /** Asks for the whole state on a fresh socket: what this page believes and what the server says have parted. */
  redraw() {
    this.forgetPlace();
    this.#connection.reset();
  }

  /** Forgets who we were, so that the next hello starts anew. */
  forget() {
    this.storage.remove("token");
    this.pass = null;
    this.#inbox.restart(null, 0);
    this.#unacked.clear();
    dropLines(this.storage);
    this.gen = 0;
  }

  /**
   * A state frame: newest wins, lost while the socket is down.
   * @param {string} type
   * @param {Record<string, unknown>} [fields]
   * @returns {boolean} whether it went out
   */
  send(type, fields = {}) {
    return this.#connection.send({ type, ...fields });
  }

  /**
   * A frame that must arrive: kept until acknowledged, sent again after every loss of the socket.
   * @param {string} type
   * @param {Record<string, unknown>} [fields]
   * @returns {number} its id; 'acked' or 'rejected' follows
   */
  sendNumbered(type, fields = {}) {
    if (!this.#welcomedOnce) throw new Error(`${type} before the first welcome`);
    if (new TextEncoder().encode(JSON.stringify(fields)).length > FRAME_BYTES)
      throw new RangeError(`${type} is too large`);
    const entry = this.#unacked.add({ type, ...fields });
    this.#keep();
    if (this.#connection.carrier) this.#carry(entry);
    return entry.id;
  }

  /** See Connection.probe. @param {number} [timeoutMs] */
  probe(timeoutMs) {
    return this.#connection.probe(timeoutMs);
  }

  /** See Connection.raceSocket. */
  raceSocket() {
    this.#connection.raceSocket();
  }

  /** @returns {Frame} */
  #helloFrame() {
    const identity = this.hello();
    const { epoch, lastSeq } = this.#inbox;
    const greeting = {
      type: "hello",
      protocol: 1,
      request_id: pageId,
      ...(this.mobile && { mobile: true }),
      ...(this.#locale && { locale: this.#locale() }),
    };
    if (!identity && epoch === null) return greeting;
    const place = epoch === null ? {} : { epoch, last_seq: lastSeq };
    return { ...greeting, resume: { ...identity, ...place } };
  }

  /** @param {Frame} welcome */
  #welcome(welcome) {
    const carrier = this.#connection.carrier;
    if (typeof welcome.token === "string") this.storage.set("token", welcome.token);
    if (!this.#welcomedOnce && this.token) this.#restore();
    this.#welcomedOnce = true;
    this.heartbeatS = welcome.heartbeat_s ?? this.heartbeatS;
    this.features = welcome.features ?? {};
    this.clockOffset = welcome.server_time - this.now();
    if (!welcome.resumed) this.#inbox.restart(welcome.epoch ?? null, 0);
    this.#takeNumbers(welcome);
    this.emit("open");
    this.emit("frame", welcome);
    this.emit("welcome", welcome);
    if (this.#connection.carrier !== carrier) return;
    for (const entry of this.#unacked.toResend(welcome.last_id ?? 0)) {
      if (entry.sentOn !== carrier) this.#carry(entry);
    }
  }

  /** @param {Frame} frame */
  #receive(frame) {
    const verdict = this.#inbox.judge(frame);
    if (verdict === "gap") return this.#connection.reset();
    if (frame.seq) this.#ackSoon();
    if (verdict === "take") this.#dispatch(frame);
  }

  /** @param {Frame} frame */
  #dispatch(frame) {
    if (typeof frame.token === "string") this.storage.set("token", frame.token);
    switch (frame.type) {
      case "welcome": // an operator's second one, after admin:session:verify
        return this.#welcome(frame);
      case "ping":
        return void this.send("pong", { t: frame.t });
      case "pong":
        return this.#settleUnnamed(frame.t);
      case "ack":
        if (!this.#unacked.ack(frame.id ?? 0, this.now())) return;
        this.#keep();
        return this.emit("acked", { id: frame.id });
      case "error":
        this.#refused(frame);
        return this.emit("error-frame", frame);
      case "resync":
        this.#inbox.restart(frame.epoch, frame.seq ?? 0);
        this.#takeNumbers(frame);
        break;
      case "queue:joined":
        if (this.#inbox.epoch !== frame.epoch) this.#inbox.restart(frame.epoch, 0);
        break;
    }
    this.emit("frame", frame);
    this.emit(frame.type, frame);
  }

  /** Lines that a reload must not lose; only who has a token comes back to the same conversation. */
  #keep() {
    if (this.token) keepLines(this.storage, this.#unacked.unanswered());
  }

  #restore() {
    for (const line of keptLines(this.storage)) {
      if (this.#unacked.restore(line)) this.emit("kept", shownOf(line));
    }
  }

  /** @param {Frame} frame  welcome and resync say how far both sides' numbers have come */
  #takeNumbers(frame) {
    this.#unacked.raiseTo(frame.last_id ?? 0);
    this.gen = Math.max(this.gen, frame.gen ?? 0, frame.state?.gen ?? 0);
  }

  /** @param {Frame} error  what it answers is sent again if that can help, and given up if not */
  #refused(error) {
    const id = error.ref;
    if (id === undefined) return this.#refusedUnnamed(error);
    if (typeof id !== "number") return;
    if (error.retryable) {
      setTimeout(() => this.#flush(id), (error.retry_after ?? 1) * 1000);
      return;
    }
    this.#reject(id, error);
  }

  /**
   * One of the frames under way, and the answer does not say which. What can be tried again is sent again, all of it;
   * for the rest a ping goes after them, because everything before its pong has been handled by then.
   * @param {Frame} error
   */
  #refusedUnnamed(error) {
    if (error.retryable) return void setTimeout(() => this.#flush("all"), (error.retry_after ?? 1) * 1000);
    const carrier = this.#connection.carrier;
    const ids = this.#unacked
      .unanswered()
      .filter((entry) => entry.sentOn === carrier)
      .map(({ id }) => id);
    if (!carrier || ids.length === 0) return;
    this.#unnamed = { mark: `refused-${++this.#marks}`, ids, error };
    this.send("ping", { t: this.#unnamed.mark });
  }

  /** @param {unknown} mark  of the pong: what has no answer by now is what was refused */
  #settleUnnamed(mark) {
    const known = this.#unnamed;
    if (!known || mark !== known.mark) return;
    const unanswered = new Set(this.#unacked.unanswered().map(({ id }) => id));
    for (const id of known.ids) if (unanswered.has(id)) this.#reject(id, known.error);
  }

  /** @param {number} id @param {Frame} error */
  #reject(id, error) {
    const frame = this.#unacked.reject(id);
    if (!frame) return;
    this.#keep();
    this.emit("rejected", { id, frame, error });
  }

  /** Sends what still waits for a socket, or for another try. @param {number | "all"} [again] an id to send once more */
  #flush(again) {
    const carrier = this.#connection.carrier;
    if (!carrier) return;
    for (const entry of this.#unacked.unanswered()) {
      if (entry.sentOn !== carrier || again === "all" || entry.id === again) this.#carry(entry);
    }
  }

  /** @param {Entry} entry */
  #carry(entry) {
    if (this.#connection.send(entry.frame)) entry.sentOn = this.#connection.carrier;
  }

  #ackSoon() {
    this.#ackTimer ??= setTimeout(() => {
      this.#ackTimer = undefined;
      if (this.#inbox.lastSeq > 0) this.send("ack", { seq: this.#inbox.lastSeq });
    }, ACK_DELAY_MS);
  }

  #tick() {
    // While the socket is down nobody can say what the store has forgotten: what was acknowledged last is kept for then.
    if (this.#connection.carrier) this.#unacked.prune(this.now());
    if (this.#connection.silentMs > this.heartbeatS * 1000 + SILENCE_MARGIN_MS) void this.probe();
  }

  #stopTimers() {
    clearInterval(this.#tickTimer);
    clearTimeout(this.#ackTimer);
    this.#tickTimer = this.#ackTimer = undefined;
  }
}
