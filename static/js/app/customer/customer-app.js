import { Drafts } from "../../core/drafts.js";
import { Emitter } from "../../core/emitter.js";
import { getLocale } from "../../core/i18n.js";
import { initialState, reduce } from "../../ui/customer/state.js";
import { takenBack } from "../../ui/shared/chat/chat-lines.js";
import { CallController } from "../call-controller.js";
import { beginCall, followCall, keepDark } from "./calls.js";
import { factsAtFault } from "./host/host-facts.js";
import { visitOf } from "./host/visit.js";
import { linkAfter } from "./link-state.js";
import { LostCall } from "./lost-call.js";
import { PendingJoin } from "./pending-join.js";
import { Said } from "./said.js";
import { TabRole } from "./tab-role.js";

/**
 * @import {Store} from "../../core/types.js"
 * @import {CallParts} from "../call-controller.js"
 * @import {CustomerState, JoinForm} from "../../ui/customer/state.js"
 * @import {ChatArchive} from "../../net/kept-chat.js"
 * @import {Tabs} from "../../core/tabs.js"
 *
 * @typedef {CallParts & {storage: Store, tabs?: Tabs, archive: () => Promise<ChatArchive>, ratings?: boolean, site?: string, line?: string, questions?: import("../../ui/customer/join-form.js").Question[], pageQuery?: boolean, video?: boolean, hours?: import("../../ui/customer/opening.js").Hours, isHidden?: () => boolean, isOnline?: () => boolean}} Parts
 */

const FORWARDED =
  "queue:position queue:refused queue:left peer:presence call:state call:invite call:decline chat:message chat:file chat:typing chat:read maintenance".split(
    " ",
  );

/**
 * The customer's side: takes what the customer does and what the server says, keeps the state, holds the call.
 *
 * Events: 'change' ({state, before}), 'call' (Call | null), 'toast' ({keys, vars?, tone}), 'turn' (the queue is over),
 * 'message' (chat frame), 'left-behind' (the tab with the call was closed).
 */
export class CustomerApp extends Emitter {
  /** @type {CustomerState} */
  state;
  /** What the site said about the customer (`setUser`, `setAttributes`). @type {{identity?: string, attributes?: Record<string, any>}} */
  visitor = {};
  questions;
  /** What the page around this one is; see visitOf. @type {Record<string, unknown> | null} */
  page = null;
  /** The line that is being written. */
  drafts;
  /** The conversation that is over and can be read or rated. */
  said;
  #parts;
  #session;
  #storage;
  /** @type {CallController<import("../../rtc/call.js").Call, import("../../rtc/devices/media.js").Acquired>} */
  #calls;
  /** What a preflight found out about the relays. @type {import("../../rtc/regions.js").TurnResult[]} */
  #measured = [];
  #pendingJoin;
  #lost;
  #tab;

  /** @param {Parts} parts */
  constructor(parts) {
    super();
    this.#parts = { isHidden: () => document.hidden, isOnline: () => navigator.onLine, ...parts };
    this.#session = parts.session;
    this.questions = parts.questions ?? [];
    this.#storage = parts.storage;
    this.drafts = new Drafts(parts.storage);
    this.#calls = new CallController(parts);
    this.#pendingJoin = new PendingJoin(parts.session, parts.storage, {
      apply: (event) => this.apply(event),
      video: parts.video,
      extra: () => ({
        locale: getLocale(),
        site: parts.site,
        line: parts.line,
        visit: visitOf(this.page, parts.pageQuery),
        ...this.visitor,
      }),
    });
    this.#lost = new LostCall(parts.session);
    this.said = new Said(parts.storage, parts.archive, () => this.state.screen === "ended" && this.home());
    this.state = initialState(JSON.parse(this.#storage.get("form") ?? "{}"), parts.hours?.closing);
    this.#tab = new TabRole(parts.tabs, parts.session, this);
    this.#listen();
  }

  /** Goes on where an earlier page of this tab was; else shows the form, without a socket. @param {boolean} [alone]  no other tab leads */
  start(alone = false) {
    if (this.#session.token) return this.#connect();
    if (this.#pendingJoin.form) return this.join(this.#pendingJoin.form);
    if (this.said.token) return void this.#readAgain();
    if (alone) this.#begin();
    else this.#tab.known(() => this.#begin());
  }

  /** Says so where a reload forgets everything. */
  tellMemory() {
    if (!this.#storage.persistent) this.emit("toast", { keys: ["customer.notice.memory"], tone: "warning" });
  }

  /**
   * Goes on where an earlier page of the site was, of which this one could keep nothing; also while it is closed.
   * @param {{handle: string, origin: string}} pass  what the site kept for it
   */
  resumeWith(pass) {
    const nothingYet = ["loading", "welcome", "refused"].includes(this.state.screen);
    if (this.#session.token || !nothingYet || this.#session.state !== "idle") return;
    this.#session.pass = pass;
    this.apply({ type: "looking" });
    this.#connect();
  }

  /** Fills the form in advance. @param {Partial<JoinForm>} form */
  suggest(form) {
    this.apply({ type: "suggest", form });
  }

  /** What the check while waiting found so far. @param {CustomerState['preflight']} results */
  checked(results) {
    this.#measured = results?.network.turn ?? [];
    this.apply({ type: "checked", results });
  }

  /** Opens the socket before it is needed: the customer has begun to fill in the form. */
  warmUp() {
    if (this.#session.state === "idle" || this.#session.state === "stopped") this.#connect();
  }

  /** @param {JoinForm} form @param {string | null} [returning]  token of a lost call */
  join(form, returning = null) {
    const kept = this.#pendingJoin.begin(form, returning);
    this.#storage.set("form", JSON.stringify(kept));
    this.apply({ type: "join", form: kept });
    if (this.#session.state === "open") this.#pendingJoin.send();
    else this.#connect();
  }

  cancelJoin() {
    this.#session.send("queue:leave", { reason: "left" });
    this.home();
  }

  leave() {
    if (this.#session.ready) this.#session.sendNumbered("queue:leave", { reason: "left" });
    this.apply({ type: "queue:left", reason: "left" });
  }

  hangUp() {
    if (this.#session.ready) this.#session.sendNumbered("call:end", { reason: "customer" });
    this.#calls.end();
    this.apply({ type: "call:ended", reason: "customer" });
  }

  rejoin() {
    if (this.#tab.follows()) return;
    const returning = this.#lost.take();
    this.#reset();
    const { form, media } = this.state;
    // A chat that became a call goes on as one.
    this.join(returning ? { ...form, media } : form, returning);
  }

  /** Gives up a call that does not come back, for the head of the line. */
  goBack() {
    this.#lost.wanted = true;
    this.#session.sendNumbered("call:end", { reason: "connection" });
    this.#calls.end();
    this.apply({ type: "going-back" });
  }

  /** @param {boolean} [anew]  as when the page was opened: a site that was closed says so */
  home(anew = false) {
    this.#reset();
    this.#showForm(anew ? this.#parts.hours?.opens : undefined);
  }

  /** The end of a conversation is left for good, and what was said goes. */
  clear() {
    this.said.forget();
    this.home();
  }

  /** What was said, as a file. @returns {Promise<{name: string, content: Blob}>} Rejects with ChatRefused. */
  async transcript() {
    const content = await this.said.text(getLocale());
    return { name: `chat-${this.state.conversation}.txt`, content };
  }

  /** After "opened elsewhere": this page takes the conversation over, drawing everything from the server's state. */
  continueHere() {
    this.#tab.take();
    this.#session.forgetPlace();
    this.#connect();
  }

  /** Another page has the conversation. */
  stepAside() {
    this.#tab.release();
    this.#calls.end();
    this.apply({ type: "link", link: "idle" });
    this.apply({ type: "replaced" });
  }

  /** Its tab was closed: whoever wants it goes on with the call here. */
  leftBehind() {
    this.apply({ type: "left-behind" });
    this.emit("left-behind");
  }

  /** @param {string} text */
  sendChat(text) {
    this.apply({ type: "chat:sent", text, id: this.#session.sendNumbered("chat:message", { text }) });
  }

  /** A line that was not sent leaves the log, to be written anew. @param {string} key @returns {string} its text */
  takeBack(key) {
    const { text } = takenBack(this.state.lines, key);
    this.apply({ type: "line-taken-back", key });
    return text;
  }

  /** @param {boolean} on */
  typing(on) {
    this.#session.send("chat:typing", { on });
  }

  /** @param {string} text  that is being written, see Preview */
  preview(text) {
    this.#session.send("chat:preview", { text });
  }

  /** @param {boolean} [open] */
  toggleChat(open = !this.state.chatOpen) {
    this.apply({ type: "toggle-chat", open });
    this.tellRead();
  }

  /** Tells the peer what was seen, once somebody can see it. */
  tellRead() {
    const { chatOpen, lines } = this.state;
    const last = lines.findLast((line) => line.from === "peer");
    if (!chatOpen || this.#parts.isHidden()) return;
    if (last) this.#session.send("chat:read", { upto_id: last.id });
    if (this.state.unread) this.apply({ type: "all-read" });
  }

  get call() {
    return this.#calls.call;
  }

  /** A call of this conversation begins without the camera, also on a page that was loaded anew. @param {boolean} dark */
  keepDark(dark) {
    keepDark(this.#storage, dark ? this.state.conversation : null);
  }

  #listen() {
    const session = this.#session;
    for (const type of FORWARDED) session.on(type, (frame) => this.apply(frame));
    session.on("welcome", (frame) => this.#welcomed(frame));
    session.on("down", ({ code }) => this.#down(code));
    session.on("replaced", () => this.stepAside());
    session.on("unauthorized", () => this.#expired());
    session.on("fatal", () => this.#refusedByServer());
    session.on("error-frame", (error) => this.#error(error));
    session.on("kept", (line) => this.apply({ type: "chat:sent", ...line }));
    session.on("acked", (detail) => this.apply({ type: "acked", ...detail }));
    session.on("rejected", (detail) => this.#rejected(detail));
    followCall(this.#calls, this, (event) => this.apply(event));
    session.on("queue:joined", (frame) => {
      this.said.forget();
      this.#pendingJoin.joined(frame);
    });
    session.on("queue:refused", () => this.#pendingJoin.settle());
    session.on("queue:left", () => this.#over());
    session.on("queue:ready", (frame) => this.#ready(frame));
    session.on("queue:returned", (frame) => this.#returned(frame));
    session.on("call:accept", (frame) => {
      this.apply(frame);
      if (!this.#calls.has(frame.conversation)) this.#beginCall(frame);
    });
    session.on("resync", (frame) => this.#resync(frame));
    session.on("call:ended", (frame) => this.#ended(frame));
    session.on("call:control", ({ action }) => this.#control(action));
    session.on("chat:message", (frame) => {
      this.emit("message", frame);
      this.tellRead();
    });
  }

  /** What a frame or an act changes. @param {{type: string, [field: string]: any}} event */
  apply(event) {
    const before = this.state;
    this.state = reduce(before, { now: this.#session.serverNow(), hidden: this.#parts.isHidden(), ...event });
    if (this.state === before) return;
    this.#tab.tell(this.state);
    this.emit("change", { state: this.state, before });
  }

  #connect() {
    this.apply({ type: "link", link: "connecting" });
    this.#session.start();
  }

  /** Unless the site has brought an earlier page's conversation back meanwhile. */
  #begin() {
    if (this.state.screen === "loading" && this.#session.state === "idle") this.#showForm(this.#parts.hours?.opens);
  }

  /** No second conversation is begun beside that of another tab. @param {number | null} [opens]  it is closed until then */
  #showForm(opens) {
    if (this.#tab.follows()) return;
    this.apply(opens === undefined ? { type: "home" } : { type: "queue:refused", code: "closed", opens_at: opens });
  }

  /** The end of the conversation that an earlier page of this tab was in. */
  async #readAgain() {
    const chat = await this.said.read();
    if (this.state.screen !== "loading" || this.#session.state !== "idle") return;
    this.apply(chat ? { type: "said", ...chat } : { type: "home" });
  }

  /** @param {any} welcome */
  #welcomed(welcome) {
    this.apply({ type: "link", link: "open" });
    if (this.#pendingJoin.send()) return;
    if (this.state.screen === "loading" && welcome.epoch === null) this.apply({ type: "home" });
  }

  /** @param {number} code */
  #down(code) {
    this.apply({ type: "link", link: linkAfter(code, this.#parts.isOnline(), this.state.link) });
  }

  #expired(notice = "customer.notice.expired") {
    this.#reset();
    this.apply({ type: "home", notice });
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
    const fields = factsAtFault(error, this.visitor);
    for (const field of fields) {
      this.visitor = Object.fromEntries(Object.entries(this.visitor).filter(([name]) => name !== field));
      this.emit("host-fault", { code: error.code, field });
    }
    return fields.length > 0 && this.#pendingJoin.send();
  }

  /** It takes no socket of ours: whatever was going on here cannot go on. */
  #refusedByServer() {
    if (this.state.screen === "ended" || this.state.screen === "welcome") return;
    this.#pendingJoin.settle();
    this.#calls.end();
    this.apply({ type: "link", link: "idle" });
    this.apply({ type: "queue:refused", code: "error" });
  }

  /** @param {{id: number, frame: any, error: any}} detail */
  #rejected({ id, frame, error }) {
    this.apply({ type: "rejected", id });
    // A forgotten file is sent again (app/file-desk.js).
    if (frame.type !== "chat:message" || error.code === "file_unknown") return;
    this.emit("toast", { keys: ["customer.notice.notSent"], vars: { reason: error.message }, tone: "danger" });
  }

  /** @param {any} frame */
  #ready(frame) {
    const known = this.#calls.has(frame.conversation);
    this.#pendingJoin.settle();
    this.apply(frame);
    this.emit("turn");
    if (!known) this.#beginCall(frame);
  }

  /** Nobody answered, or another one is to: the place is at the head of the queue again. @param {any} frame */
  #returned(frame) {
    this.#calls.end();
    this.apply(frame);
    const key = frame.to ? "transferred" : frame.reason === "transferred" ? "passedOn" : "returned";
    const tone = key === "returned" ? "warning" : "info";
    this.emit("toast", { keys: [`customer.notice.${key}`], vars: { name: frame.to?.name }, tone });
  }

  /** @param {any} frame */
  #resync(frame) {
    const { state: given } = frame;
    this.#pendingJoin.settle();
    this.apply(frame);
    if (given.phase === "ended" || given.phase === "idle") return this.#over(given.reason);
    if (given.phase !== "active") return this.#calls.end();
    if (given.media !== "chat" && this.#calls.has(given.conversation)) this.#calls.resync(given);
    else this.#beginCall(given, { gen: given.gen + 1, initiate: true });
  }

  /** @param {any} frame */
  #ended(frame) {
    if (frame.conversation && this.state.conversation && frame.conversation !== this.state.conversation) return;
    if (!this.#lost.wanted) this.apply(frame);
    this.#over(frame.reason);
  }

  /** The conversation is over for the server too: nothing to resume, no socket needed. @param {string} [reason] */
  #over(reason) {
    this.#lost.keep(reason);
    const { lines, ended } = this.state;
    if (lines.length || (this.#parts.ratings && ended && ended.durationMs !== null))
      this.said.keep(this.#session.token);
    this.#calls.end();
    this.#reset();
    if (this.#lost.wanted) return this.rejoin();
    if (this.state.screen === "loading") this.apply({ type: "home" });
  }

  #reset() {
    this.#pendingJoin.settle();
    this.drafts.forget();
    this.#calls.end();
    this.#session.stop();
    this.#session.forget();
    this.apply({ type: "link", link: "idle" });
  }

  /** @param {string} action */
  #control(action) {
    this.#calls.control(action);
    if (action === "chat") this.toggleChat(true);
    if (action !== "video") this.emit("toast", { keys: [`customer.call.control.${action}`], tone: "info" });
  }

  /** @param {any} match  of `queue:ready`, `call:accept`, or `resync.state` @param {{gen?: number, initiate?: boolean}} [options] */
  #beginCall(match, options) {
    beginCall(this.#calls, this.#parts, { match, measured: this.#measured, ...options });
  }
}
