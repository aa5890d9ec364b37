/**
 * Between the wire and the state: every frame becomes an event, every act of the operator a frame. The session and
 * the call are handed in, so that a test or the mock page can play the server.
 */
import { returnsByItself } from "../../ui/console/state.js";

/**
 * @import {FileInfo} from "../../core/types.js"
 * @import {ConsoleState, Store} from "../../ui/console/state.js"
 * @import {ChatModel} from "../../ui/console/chat/chat-model.js"
 * @import {DeskCalls} from "./calls.js"
 * @import {MediaDesk} from "./media-desk.js"
 * @typedef {{on: (name: string, listener: (detail: any) => void) => () => void, start: () => void, stop: () => void,
 *   send: (type: string, fields?: Record<string, unknown>) => boolean, probe: () => unknown, forgetPlace: () => void,
 *   sendNumbered: (type: string, fields?: Record<string, unknown>) => number, redraw: () => void,
 *   features: Record<string, any>}} SessionLike
 */

/** Frames that the state understands as they are. */
const PLAIN_FRAMES = [
  ...["operator:state", "board", "peer:presence", "call:stats", "call:state", "maintenance"],
  ...["call:invite", "call:decline", "call:accept"],
];
const TYPING_FADES_MS = 6000;
const PREVIEW_FADES_MS = 30_000;
const FAULT_SHOWN_MS = 8000;
const ENDED_THERE = new Set(["not_in_call", "wrong_conversation", "not_attached"]);

export class Controller {
  /**
   * @param {{session: SessionLike, store: Store, chat: ChatModel, calls: DeskCalls, media: MediaDesk,
   *   cameraWanted: () => boolean, chatIsSeen: () => boolean, say: (key: string) => void, now?: () => number}} options
   *   chatIsSeen: the operator is looking at the chat now; say: a short notice
   */
  constructor({ session, store, chat, calls, media, cameraWanted, chatIsSeen, say, now = Date.now }) {
    this.session = session;
    this.store = store;
    this.chat = chat;
    this.calls = calls;
    this.media = media;
    this.cameraWanted = cameraWanted;
    this.chatIsSeen = chatIsSeen;
    this.say = say;
    this.now = now;
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.typingTimer = undefined;
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.previewTimer = undefined;
    /** @type {() => void} told of every change of the chat that is no change of the state */
    this.onchat = () => {};
    /** @type {() => void} told of every new line of the customer */
    this.onmessage = () => {};
    /** @type {() => void} told when the operator has answered a match */
    this.onanswer = () => {};
    /** The connection was lost, and what happened meanwhile is not here yet. */
    this.behind = false;
    /** @type {string|null} the conversation in which a person acted here */
    this.answered = null;
  }

  get state() {
    return this.store.state;
  }

  listen() {
    const { session, store } = this;
    session.on("welcome", (frame) => {
      store.dispatch({ type: "connected", frame, now: this.now() });
      this.tellAnswer();
      // Without a resume the whole state follows.
      if (frame.resumed) this.caughtUp();
    });
    session.on("down", ({ code, retryInMs }) => {
      this.behind ||= store.state.synced;
      store.dispatch({ type: "down", code, retryAt: this.now() + (retryInMs ?? 0) });
    });
    session.on("replaced", () => this.giveUp("replaced"));
    session.on("unauthorized", () => this.giveUp("expired"));
    session.on("fatal", () => this.giveUp("refused"));
    for (const type of PLAIN_FRAMES) {
      session.on(type, (frame) => store.dispatch({ type, frame, now: this.now() }));
    }
    session.on("call:accept", () => this.beginCall(false));
    session.on("call:decline", (frame) => this.declined(frame));
    session.on("resync", (frame) => this.resync(frame.state));
    session.on("queue:ready", (frame) => this.ready(frame));
    session.on("call:ended", (frame) => this.ended(frame));
    session.on("chat:message", (frame) => this.heard(frame));
    session.on("chat:file", ({ file }) => this.know(file));
    session.on("chat:typing", (frame) => this.peerTyping(frame.on === true));
    session.on("chat:preview", (frame) => this.previewed(frame));
    session.on("peer:presence", ({ state }) => state !== "connected" && this.previewed());
    session.on("chat:read", (frame) => this.chatChanged(this.chat.peerRead(frame.upto_id)));
    session.on("acked", ({ id }) => this.chatChanged(this.chat.stored(id)));
    session.on("rejected", ({ id, frame, error }) => this.rejected(id, frame, error));
    session.on("error-frame", (frame) => this.fault(frame));
    store.subscribe((state) => this.returnIfLost(state));
  }

  start() {
    this.listen();
    this.session.start();
  }

  // ---- what the server says ----------------------------------------------------------------------------------------

  /** @param {any} frame `queue:ready` */
  ready(frame) {
    this.chat.begin(frame.conversation);
    this.store.dispatch({ type: "queue:ready", frame, now: this.now() });
    this.tellAnswer();
    this.beginCall(false);
    this.onchat();
  }

  /** @param {any} snapshot */
  resync(snapshot) {
    const reloaded = !this.state.synced;
    this.store.dispatch({ type: "resync", state: snapshot, now: this.now() });
    const { phase, customer } = this.state;
    if (phase === "active" && customer) {
      this.chat.begin(customer.conversation);
      this.chat.restore(snapshot.transcript);
      this.tellAnswer();
      if (customer.media !== "chat" && this.calls.has(customer.conversation)) {
        this.calls.resync(snapshot);
      } else {
        this.beginCall(reloaded);
      }
    } else {
      this.calls.end();
    }
    this.caughtUp();
    this.onchat();
  }

  /** What was missed is here: as frames that follow at once, or as the whole state. */
  caughtUp() {
    if (this.behind) this.say("console.caught-up");
    this.behind = false;
  }

  /** @param {boolean} reloaded */
  beginCall(reloaded) {
    const { phase, customer } = this.state;
    if (phase === "active" && customer) {
      this.calls.begin(customer, { reloaded });
    }
  }

  /** @param {{by: string, own: boolean}} frame `call:decline` */
  declined({ by, own }) {
    if (by === "customer") this.say(own ? "console.invite.taken-back" : "console.invite.declined");
  }

  /** @param {any} frame `call:ended` */
  ended(frame) {
    this.store.dispatch({ type: "call:ended", frame, now: this.now(), lines: this.chat.lines.length });
    if (this.state.phase !== "active") {
      this.calls.end();
      this.peerTyping(false);
      this.previewed();
    }
  }

  /** @param {any} frame `chat:message` */
  heard(frame) {
    if (this.chat.receive(frame, this.now())) {
      this.onmessage();
    }
    this.seen();
    this.onchat();
  }

  /** @param {FileInfo} file what is known of it now */
  know(file) {
    this.chat.know(file);
    this.onchat();
  }

  /** @param {boolean} on */
  peerTyping(on) {
    clearTimeout(this.typingTimer);
    this.chat.peerTyping = on;
    if (on) {
      // The frame that says "stopped" may be lost.
      this.typingTimer = setTimeout(() => this.peerTyping(false), TYPING_FADES_MS);
    }
    this.onchat();
  }

  /** @param {any} [frame] `chat:preview`; without one nothing is being written any more */
  previewed(frame) {
    clearTimeout(this.previewTimer);
    this.chatChanged(this.chat.preview(frame));
    // The frame that says so may be lost.
    if (this.chat.peerDraft !== "") this.previewTimer = setTimeout(() => this.previewed(), PREVIEW_FADES_MS);
  }

  /**
   * @param {number} id
   * @param {any} frame what the server will never take
   * @param {any} [error] why
   */
  rejected(id, frame, error) {
    if (frame?.type === "call:end") {
      this.store.dispatch({ type: "ending", on: false });
      // For the server there is no such call any more: only its whole state tells what there is.
      if (ENDED_THERE.has(error?.code)) this.session.redraw();
    }
    this.chatChanged(this.chat.refused(id));
  }

  /** @param {any} frame `error` */
  fault(frame) {
    const asked = frame.ref === "operator:available" || frame.ref === undefined;
    if (asked) this.store.dispatch({ type: "wish-refused" });
    else if (frame.code === "wrong_conversation" && typeof frame.ref === "string") return; // crossed its call's end; not missed
    this.store.dispatch({ type: "fault", frame, now: this.now() });
    const shown = this.state.fault;
    setTimeout(() => this.state.fault === shown && this.store.dispatch({ type: "fault-read" }), FAULT_SHOWN_MS);
  }

  /** @param {"replaced"|"expired"|"refused"} how */
  giveUp(how) {
    // The call lives on where the console was opened; a session that is gone has no call.
    this.calls.end();
    this.media.rest();
    this.store.dispatch({ type: how });
  }

  /** @param {ConsoleState} state */
  returnIfLost(state) {
    if (returnsByItself(state)) {
      this.setAvailable(true);
    }
  }

  /** @param {boolean} changed */
  chatChanged(changed) {
    if (changed) this.onchat();
  }

  // ---- what the operator does --------------------------------------------------------------------------------------

  /** Whether a match rings that nobody has answered. */
  get unanswered() {
    const conversation = this.currentConversation();
    return conversation !== null && conversation !== this.answered;
  }

  /** Somebody sits here: pressed a key, clicked or spoke. */
  act() {
    if (!this.unanswered) return;
    this.answered = this.currentConversation();
    this.tellAnswer();
    this.onanswer();
  }

  /** Said again on each new connection: it may have been lost, and a second time changes nothing. */
  tellAnswer() {
    const conversation = this.currentConversation();
    if (conversation === null) return;
    this.session.send(this.unanswered ? "call:ringing" : "call:answered", { conversation });
  }

  /** @param {boolean} available */
  setAvailable(available) {
    if (this.state.connection !== "online") return;
    this.store.dispatch({ type: "want-available", available });
    if (!this.session.send("operator:available", { available })) {
      return this.store.dispatch({ type: "want-available", available: null });
    }
    if (!available) this.media.rest();
    else if (this.state.phase !== "active") void this.prepareMedia();
  }

  toggleAvailable() {
    const { available, wanted, wrapUpUntil } = this.state;
    this.setAvailable(!(wanted ?? (available || wrapUpUntil !== null)));
  }

  async prepareMedia() {
    const error = await this.media.prepare(this.cameraWanted() ? "video" : "audio");
    this.store.dispatch({ type: "media-error", error });
    if (!this.state.available && this.state.wanted !== true) {
      this.media.rest();
    }
  }

  retryMedia() {
    const { phase, customer } = this.state;
    if (phase === "active" && customer && this.calls.call) void this.calls.retryDevices(customer);
    else void this.prepareMedia();
  }

  /** From "opened elsewhere": this console takes over again. */
  continueHere() {
    // Frames went to the other console meanwhile; only the whole state tells what is.
    this.session.forgetPlace();
    this.store.dispatch({ type: "starting" });
    this.session.start();
  }

  retryNow() {
    void this.session.probe();
  }

  /** @param {string} text */
  sendChat(text) {
    this.#tell({ text }, { text });
  }

  /** @param {FileInfo} file that is on the server already */
  sendFile(file) {
    this.#tell({ file: file.id }, { file });
  }

  /** @param {{text?: string, file?: string}} fields @param {{text?: string, file?: FileInfo}} shown */
  #tell(fields, shown) {
    const conversation = this.currentConversation();
    if (conversation === null) return;
    const id = this.session.sendNumbered("chat:message", { conversation, ...fields });
    this.chat.say({ id, ...shown }, this.now() + this.state.offset);
    this.onchat();
  }

  /** @param {boolean} on */
  typing(on) {
    const conversation = this.currentConversation();
    if (conversation !== null) this.session.send("chat:typing", { conversation, on });
  }

  /** Reports the customer's lines as read when somebody really looks at them. */
  seen() {
    const conversation = this.currentConversation();
    const id = this.chat.unreadId();
    if (conversation === null || id === 0 || !this.chatIsSeen()) {
      return;
    }
    if (this.session.send("chat:read", { conversation, upto_id: id })) {
      this.chat.reportedRead(id);
      this.onchat();
    }
  }

  /** @param {"ice-restart"|"audio-only"|"video"|"chat"} action */
  control(action) {
    const conversation = this.currentConversation();
    if (conversation === null) return;
    this.session.sendNumbered("call:control", { conversation, action });
    if (action === "ice-restart") {
      // Both ends restart: each fetches fresh TURN credentials for itself, and glare settles the rest.
      this.calls.control(action);
      this.say("console.restarted");
    } else if (action === "chat") {
      this.say("console.open-chat.done");
    } else {
      this.calls.control(action);
      this.say(action === "audio-only" ? "console.audio-only.done" : "console.video-again.done");
    }
  }

  /** Proposes that the chat becomes a call. @param {"audio"|"video"} media */
  invite(media) {
    const conversation = this.currentConversation();
    if (conversation !== null) this.session.sendNumbered("call:invite", { conversation, media });
  }

  /**
   * Accepts the customer's proposal, or declines it; declining one's own takes it back.
   * @param {boolean} accepted
   * @param {{dark?: boolean}} [how] dark: the camera stays off until it is wanted
   */
  answerInvitation(accepted, { dark = false } = {}) {
    const conversation = this.currentConversation();
    const { invitation } = this.state;
    if (conversation === null || invitation === null) return;
    if (accepted) this.calls.keepDark(dark ? conversation : "");
    const type = accepted ? "call:accept" : "call:decline";
    this.session.sendNumbered(type, { conversation, invitation: invitation.invitation });
  }

  /**
   * Passes the customer on.
   * @param {string|null} to  id of a colleague; null: whoever is free
   * @param {string} note  for that one alone
   * @param {string|null} [line]  key of the department that it goes to; null: it stays where it is
   */
  transfer(to, note, line = null) {
    const conversation = this.currentConversation();
    if (conversation === null) return;
    const where = line === null ? {} : { to_line: line };
    this.session.sendNumbered("call:transfer", { conversation, to_operator: to, note: note || null, ...where });
  }

  end() {
    const conversation = this.currentConversation();
    if (conversation === null || this.state.ending) {
      return;
    }
    this.store.dispatch({ type: "ending", on: true });
    this.session.sendNumbered("call:end", { conversation, reason: "operator" });
  }

  /** @returns {string|null} */
  currentConversation() {
    return this.state.phase === "active" ? (this.state.customer?.conversation ?? null) : null;
  }
}
