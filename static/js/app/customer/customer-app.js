import { Drafts } from "../../core/drafts.js";
import { Emitter } from "../../core/emitter.js";
import { getLocale } from "../../core/i18n.js";
import { tidyForm } from "../../ui/customer/join-form.js";
import { initialState, reduce } from "../../ui/customer/state.js";
import { takenBack } from "../../ui/shared/chat-lines.js";
import { CallController } from "../call-controller.js";
import { followCall } from "./calls.js";
import { linkAfter } from "./link-state.js";
import { LostCall } from "./lost-call.js";
import { PendingJoin } from "./pending-join.js";
import { Said } from "./said.js";

/**
 * @import {IceServer, MediaKind, Store} from "../../core/types.js"
 * @import {CallParts} from "../call-controller.js"
 * @import {CustomerState, JoinForm} from "../../ui/customer/state.js"
 *
 * @import {ChatArchive} from "../../net/kept-chat.js"
 *
 * @typedef {CallParts & {storage: Store, archive: ChatArchive, isHidden?: () => boolean, isOnline?: () => boolean}} Parts
 */

const FORWARDED =
  "queue:position queue:refused queue:left peer:presence call:state chat:message chat:typing chat:read maintenance".split(
    " ",
  );

const HOST_FACTS = ["identity", "attributes"];

/**
 * The customer's side: takes what the customer does and what the server says, keeps the state, holds the call.
 *
 * Events: 'change' ({state, before}), 'call' (Call | null), 'toast' ({keys, vars?, tone}), 'turn' (the queue is over),
 * 'message' (chat frame).
 */
export class CustomerApp extends Emitter {
  /** @type {CustomerState} */
  state;
  /** What the site said about the customer (`setUser`, `setAttributes`). @type {{identity?: string, attributes?: Record<string, any>}} */
  visitor = {};
  /** The line that is being written. */
  drafts;
  #parts;
  #session;
  #storage;
  /** @type {CallController<import("../../rtc/call.js").Call, import("../../rtc/media.js").Acquired>} */
  #calls;
  /** What a preflight found out about the relays. @type {import("../../rtc/regions.js").TurnResult[]} */
  #measured = [];
  #pendingJoin;
  #lost;
  #said;

  /** @param {Parts} parts */
  constructor(parts) {
    super();
    this.#parts = { isHidden: () => document.hidden, isOnline: () => navigator.onLine, ...parts };
    this.#session = parts.session;
    this.#storage = parts.storage;
    this.drafts = new Drafts(parts.storage);
    this.#calls = new CallController(parts);
    this.#pendingJoin = new PendingJoin(parts.session, parts.storage, {
      apply: (event) => this.#apply(event),
      extra: () => ({ locale: getLocale(), ...this.visitor }),
    });
    this.#lost = new LostCall(parts.session);
    this.#said = new Said(parts.storage, parts.archive, () => this.#forgotten());
    this.state = initialState(JSON.parse(this.#storage.get("form") ?? "{}"));
    this.#listen();
  }

  /** Goes on where an earlier page of this tab was; otherwise shows the form, without a socket yet. */
  start() {
    if (this.#session.token) return this.#connect();
    if (this.#pendingJoin.form) return this.join(this.#pendingJoin.form);
    if (this.#said.token) return void this.#readAgain();
    this.#apply({ type: "home" });
  }

  /** Says so where a reload forgets everything. */
  tellMemory() {
    if (!this.#storage.persistent) this.emit("toast", { keys: ["customer.notice.memory"], tone: "warning" });
  }

  /**
   * Goes on where an earlier page of the site was, of which this one could keep nothing.
   * @param {{handle: string, origin: string}} pass  what the site kept for it
   */
  resumeWith(pass) {
    if (this.#session.token || this.state.screen !== "welcome" || this.#session.state !== "idle") return;
    this.#session.pass = pass;
    this.#apply({ type: "looking" });
    this.#connect();
  }

  /** Fills the form in advance. @param {Partial<JoinForm>} form */
  suggest(form) {
    this.#apply({ type: "suggest", form });
  }

  /** What the check while waiting found so far. @param {CustomerState['preflight']} results */
  checked(results) {
    this.#measured = results?.network.turn ?? [];
    this.#apply({ type: "checked", results });
  }

  /** Opens the socket before it is needed: the customer has begun to fill in the form. */
  warmUp() {
    if (this.#session.state === "idle" || this.#session.state === "stopped") this.#connect();
  }

  /** @param {JoinForm} form @param {string | null} [returning]  token of a lost call */
  join(form, returning = null) {
    this.#pendingJoin.begin(form, returning);
    const kept = tidyForm(form);
    this.#storage.set("form", JSON.stringify(kept));
    this.#apply({ type: "join", form: kept });
    if (this.#session.state === "open") this.#pendingJoin.send();
    else this.#connect();
  }

  cancelJoin() {
    this.#session.send("queue:leave", { reason: "left" });
    this.home();
  }

  leave() {
    if (this.#session.ready) this.#session.sendNumbered("queue:leave", { reason: "left" });
    this.#apply({ type: "queue:left", reason: "left" });
  }

  hangUp() {
    if (this.#session.ready) this.#session.sendNumbered("call:end", { reason: "customer" });
    this.#calls.end();
    this.#apply({ type: "call:ended", reason: "customer" });
  }

  rejoin() {
    const returning = this.#lost.take();
    this.#reset();
    this.join(this.state.form, returning);
  }

  /** Gives up a call that does not come back, for the head of the line. */
  goBack() {
    this.#lost.wanted = true;
    this.#session.sendNumbered("call:end", { reason: "connection" });
    this.#calls.end();
    this.#apply({ type: "going-back" });
  }

  home() {
    this.#reset();
    this.#apply({ type: "home" });
  }

  /** The end of a conversation is left for good, and what was said goes. */
  clear() {
    this.#said.forget();
    this.home();
  }

  /** What was said, as a file. @returns {Promise<{name: string, content: Blob}>} Rejects with ChatRefused. */
  async transcript() {
    const content = await this.#said.text(getLocale());
    return { name: `chat-${this.state.conversation}.txt`, content };
  }

  /**
   * Has what was said sent to an address; see Said.mail.
   * @param {string} address @param {(state: import("../../net/kept-chat.js").MailState) => void} told
   */
  mailTranscript(address, told) {
    return this.#said.mail(address, getLocale(), told);
  }

  /** The page is looked at again: what was said a day ago goes. */
  look() {
    this.#said.look();
  }

  /** After "opened elsewhere": this page takes the conversation over, drawing everything from the server's state. */
  continueHere() {
    this.#session.forgetPlace();
    this.#connect();
  }

  /** @param {string} text */
  sendChat(text) {
    const id = this.#session.sendNumbered("chat:message", { text });
    this.#apply({ type: "chat:sent", id, text });
  }

  /** A line that was not sent leaves the log, to be written anew. @param {string} key @returns {string} its text */
  takeBack(key) {
    const { text } = takenBack(this.state.lines, key);
    this.#apply({ type: "line-taken-back", key });
    return text;
  }

  /** @param {boolean} on */
  typing(on) {
    this.#session.send("chat:typing", { on });
  }

  /** @param {boolean} [open] */
  toggleChat(open = !this.state.chatOpen) {
    this.#apply({ type: "toggle-chat", open });
    this.tellRead();
  }

  /** Tells the peer what was seen, once somebody can see it. */
  tellRead() {
    const { chatOpen, lines } = this.state;
    const last = lines.findLast((line) => line.from === "peer");
    if (!chatOpen || this.#parts.isHidden() || !last) return;
    this.#session.send("chat:read", { upto_id: last.id });
    if (this.state.unread) this.#apply({ type: "all-read" });
  }

  get call() {
    return this.#calls.call;
  }

  #listen() {
    const session = this.#session;
    for (const type of FORWARDED) session.on(type, (frame) => this.#apply(frame));
    session.on("welcome", (frame) => this.#welcomed(frame));
    session.on("down", ({ code }) => this.#down(code));
    session.on("replaced", () => this.#replaced());
    session.on("unauthorized", () => this.#expired());
    session.on("fatal", () => this.#refusedByServer());
    session.on("error-frame", (error) => this.#error(error));
    session.on("kept", ({ id, text }) => this.#apply({ type: "chat:sent", id, text }));
    session.on("acked", (detail) => this.#apply({ type: "acked", ...detail }));
    session.on("rejected", (detail) => this.#rejected(detail));
    followCall(this.#calls, this, (event) => this.#apply(event));
    session.on("queue:joined", (frame) => {
      this.#said.forget();
      this.#pendingJoin.joined(frame);
    });
    session.on("queue:refused", () => this.#pendingJoin.settle());
    session.on("queue:left", () => this.#over());
    session.on("queue:ready", (frame) => this.#ready(frame));
    session.on("resync", (frame) => this.#resync(frame));
    session.on("call:ended", (frame) => this.#ended(frame));
    session.on("call:control", ({ action }) => this.#control(action));
    session.on("chat:message", (frame) => {
      this.emit("message", frame);
      this.tellRead();
    });
  }

  /** @param {{type: string, [field: string]: any}} event */
  #apply(event) {
    const before = this.state;
    this.state = reduce(before, { now: this.#session.serverNow(), hidden: this.#parts.isHidden(), ...event });
    if (this.state !== before) this.emit("change", { state: this.state, before });
  }

  #connect() {
    this.#apply({ type: "link", link: "connecting" });
    this.#session.start();
  }

  /** The end of the conversation that an earlier page of this tab was in. */
  async #readAgain() {
    const chat = await this.#said.read();
    if (this.state.screen !== "loading" || this.#session.state !== "idle") return;
    this.#apply(chat ? { type: "said", ...chat } : { type: "home" });
  }

  #forgotten() {
    if (this.state.screen === "ended") this.home();
  }

  /** @param {any} welcome */
  #welcomed(welcome) {
    this.#apply({ type: "link", link: "open" });
    if (this.#pendingJoin.send()) return;
    if (this.state.screen === "loading" && welcome.epoch === null) this.#apply({ type: "home" });
  }

  /** @param {number} code */
  #down(code) {
    this.#apply({ type: "link", link: linkAfter(code, this.#parts.isOnline(), this.state.link) });
  }

  #replaced() {
    this.#calls.end();
    this.#apply({ type: "link", link: "idle" });
    this.#apply({ type: "replaced" });
  }

  #expired(notice = "customer.notice.expired") {
    this.#reset();
    this.#apply({ type: "home", notice });
  }

  /** @param {any} error */
  #error(error) {
    if (error.code === "token_invalid" || error.code === "token_expired") return this.#expired();
    // The way back to an earlier conversation is closed for good: the form is a way on, waiting would be none.
    if (this.state.screen === "loading" && !error.retryable) return this.#expired("customer.notice.notResumed");
    // While joining nothing else is under way that a refusal without a name could mean.
    const joins = error.ref === "queue:join" || (error.ref === undefined && this.state.screen === "joining");
    if (joins && !this.#withoutHostFacts(error)) this.#pendingJoin.refused(error);
  }

  /**
   * What the site said of its visitor was refused: that is no fault of the customer's, who joins without it.
   * @param {any} error @returns {boolean}
   */
  #withoutHostFacts(error) {
    const fields =
      error.code === "identity_invalid"
        ? ["identity"]
        : Object.keys(error.fields ?? {}).map((field) => field.split(".")[0]);
    if (fields.length === 0 || !fields.every((field) => HOST_FACTS.includes(field) && field in this.visitor))
      return false;
    for (const field of new Set(fields)) {
      this.visitor = Object.fromEntries(Object.entries(this.visitor).filter(([name]) => name !== field));
      this.emit("host-fault", { code: error.code, field });
    }
    return this.#pendingJoin.send();
  }

  /** It takes no socket of ours: whatever was going on here cannot go on. */
  #refusedByServer() {
    if (this.state.screen === "ended" || this.state.screen === "welcome") return;
    this.#pendingJoin.settle();
    this.#calls.end();
    this.#apply({ type: "link", link: "idle" });
    this.#apply({ type: "queue:refused", code: "error" });
  }

  /** @param {{id: number, frame: any, error: any}} detail */
  #rejected({ id, frame, error }) {
    this.#apply({ type: "rejected", id });
    if (frame.type !== "chat:message") return;
    this.emit("toast", { keys: ["customer.notice.notSent"], vars: { reason: error.message }, tone: "danger" });
  }

  /** @param {any} frame */
  #ready(frame) {
    const known = this.#calls.has(frame.conversation);
    this.#pendingJoin.settle();
    this.#apply(frame);
    this.emit("turn");
    if (!known) this.#beginCall(frame);
  }

  /** @param {any} frame */
  #resync(frame) {
    const { state: given } = frame;
    this.#pendingJoin.settle();
    this.#apply(frame);
    if (given.phase === "ended" || given.phase === "idle") return this.#over(given.reason);
    if (given.phase !== "active") return;
    if (this.#calls.has(given.conversation)) this.#calls.resync(given);
    else this.#beginCall(given, { gen: given.gen + 1, initiate: true });
  }

  /** @param {any} frame */
  #ended(frame) {
    if (frame.conversation && this.state.conversation && frame.conversation !== this.state.conversation) return;
    if (!this.#lost.wanted) this.#apply(frame);
    this.#over(frame.reason);
  }

  /** The conversation is over for the server too: nothing to resume, no socket needed. @param {string} [reason] */
  #over(reason) {
    this.#lost.keep(reason);
    if (this.state.lines.length) this.#said.keep(this.#session.token);
    this.#calls.end();
    this.#reset();
    if (this.#lost.wanted) return this.rejoin();
    if (this.state.screen === "loading") this.#apply({ type: "home" });
  }

  #reset() {
    this.#pendingJoin.settle();
    this.drafts.forget();
    this.#calls.end();
    this.#session.stop();
    this.#session.forget();
    this.#apply({ type: "link", link: "idle" });
  }

  /** @param {string} action */
  #control(action) {
    this.#calls.control(action);
    if (action === "chat") this.toggleChat(true);
    if (action !== "video") this.emit("toast", { keys: [`customer.call.control.${action}`], tone: "info" });
  }

  /**
   * @param {{conversation: string, polite: boolean | null, ice_servers: IceServer[] | null, media: MediaKind | null,
   *   ice_policy?: 'all' | 'relay'}} match  of `queue:ready` or `resync.state`
   * @param {{gen?: number, initiate?: boolean}} [options]  after a reload: a higher generation, and we offer
   */
  #beginCall({ conversation, polite, ice_servers: iceServers, ice_policy: icePolicy, media }, options = {}) {
    this.#calls.end();
    if (media === "chat") return;
    const { session, createCall, acquire } = this.#parts;
    const kind = media ?? "audio";
    const call = createCall({
      session,
      conversation,
      polite: polite ?? true,
      iceServers: iceServers ?? [],
      icePolicy,
      media: kind,
      measured: this.#measured,
      ...options,
    });
    this.#calls.begin(conversation, call, () => acquire(kind));
  }
}
