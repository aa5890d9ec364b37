import { ownTrouble, peerTrouble } from "../shared/call/trouble.js";
import { marked, ownLine, peerLine, restored, takenBack, withFile, withLine } from "../shared/chat/chat-lines.js";

/**
 * What the customer's page knows, and how each frame and each act of the customer changes it. Pure: state and event in,
 * state out; the views draw it, the app (customer-app.js) carries acts out.
 *
 * @import {CallState, Estimate, MediaKind} from "../../core/types.js"
 * @import {ChatLine} from "../shared/chat/chat-lines.js"
 * @import {FormFault} from "./join-form.js"
 * @import {PreflightResults} from "../../rtc/preflight.js"
 * @import {Trouble} from "../shared/call/trouble.js"
 *
 * @typedef {{invitation: number, media: 'audio' | 'video', by: 'customer' | 'operator'}} Invitation  to make a call of the chat
 * @typedef {'loading' | 'welcome' | 'joining' | 'waiting' | 'refused' | 'call' | 'ended' | 'replaced'} Screen
 * @typedef {'idle' | 'connecting' | 'open' | 'reconnecting' | 'offline' | 'unavailable'} LinkState
 * @typedef {{name: string, topic: string, media: MediaKind, answers?: Record<string, any>}} JoinForm  answers: text or true, by question
 * @typedef {{
 *   screen: Screen, link: LinkState, form: JoinForm, notice: string | null, fault: FormFault | null,
 *   conversation: string | null, position: number | null, waiting: number | null, estimate: Estimate | null, staffed: boolean,
 *   closing: import("./end/closing.js").Closing | null, callback: {channel: string, address?: string} | null,
 *   refused: {code: string, message: string, retryAt: number | null, estimate: Estimate | null, opensAt: number | null} | null,
 *   peer: {name: string, presence: 'connected' | 'away' | 'left', awayAt: number | null}, typing: boolean, media: MediaKind, since: number,
 *   call: {state: CallState, muted: boolean, cameraOff: boolean, opening: boolean, settled: boolean, remoteVideo: boolean, quality: number | null,
 *     microphone: boolean, sharing: boolean, trouble: Trouble | null, peerTrouble: Trouble | null, peerSharing: boolean},
 *   lines: ChatLine[], chatOpen: boolean, unread: number, invitation: Invitation | null,
 *   ended: {reason: string, by: string, durationMs: number | null} | null, preflight: PreflightResults | null,
 *   leftBehind: boolean,
 * }} CustomerState  callback: the customer is called when it is nearly their turn, and may leave; leftBehind: the tab with the call was closed; times in ms of the server's clock where they come from frames (since, line.at);
 *   call.opening: the devices are being opened; call.settled: connected for long enough that a picture would be here
 */

/** @type {CustomerState['call']} */
const NEW_CALL = {
  state: "connecting",
  muted: false,
  cameraOff: true,
  opening: true,
  settled: false,
  remoteVideo: false,
  quality: null,
  microphone: false,
  sharing: false,
  trouble: null,
  peerTrouble: null,
  peerSharing: false,
};

/** @type {CustomerState} */
const NOBODY = {
  screen: "welcome",
  link: "idle",
  form: { name: "", topic: "", media: "video" },
  notice: null,
  fault: null,
  conversation: null,
  position: null,
  waiting: null,
  estimate: null,
  staffed: true,
  closing: null,
  callback: null,
  refused: null,
  peer: { name: "", presence: "connected", awayAt: null },
  typing: false,
  media: "video",
  since: 0,
  call: NEW_CALL,
  lines: [],
  chatOpen: false,
  unread: 0,
  invitation: null,
  ended: null,
  preflight: null,
  leftBehind: false,
};

/**
 * @param {Partial<JoinForm>} [form]
 * @param {CustomerState['closing']} [closing]
 * @returns {CustomerState}
 */
export function initialState(form = {}, closing = null) {
  return { ...NOBODY, screen: "loading", form: { ...NOBODY.form, ...form }, closing };
}

/** @type {Record<string, (state: CustomerState, event: any) => CustomerState>} */
const REDUCERS = {
  // Who was typing may have stopped meanwhile, and that word is not said twice.
  link: (state, { link }) => ({ ...state, typing: false, link }),
  home: (state, { notice = null }) => ({ ...NOBODY, link: state.link, form: state.form, notice }),
  // For the conversation of an earlier page.
  looking: (state) => ({ ...state, screen: "loading" }),
  suggest: (state, { form }) => ({
    ...state,
    form: { ...state.form, ...form, answers: { ...state.form.answers, ...form.answers } },
  }),
  callback: (state, { callback }) => ({ ...state, callback }),
  "going-back": (state) => ({ ...NOBODY, link: state.link, form: state.form, media: state.media, screen: "joining" }),
  join: (state, { form }) => ({ ...NOBODY, link: state.link, form, media: form.media, screen: "joining" }),
  // The form again, with what was wrong about it.
  "join-refused": (state, { fault }) => ({ ...NOBODY, link: state.link, form: state.form, fault }),
  "join-waits": (state, { fault }) => (state.screen === "joining" ? { ...state, fault } : state),
  replaced: (state) => ({ ...state, screen: "replaced", leftBehind: false }),
  "left-behind": (state) => ({ ...state, leftBehind: true }),
  "toggle-chat": (state, { open }) => ({ ...state, chatOpen: open, unread: open ? 0 : state.unread }),
  checked: (state, { results }) => ({ ...state, preflight: results }),
  call: (state, { patch: { recovery, ...patch }, now }) => {
    const trouble = recovery ? ownTrouble(state.call.trouble, recovery, now) : state.call.trouble;
    return { ...state, call: { ...state.call, ...patch, trouble } };
  },
  "call:state": (state, frame) => {
    const trouble = peerTrouble(state.call.peerTrouble, frame, frame.now);
    return { ...state, call: { ...state.call, peerTrouble: trouble, peerSharing: frame.sharing === true } };
  },

  "queue:joined": (state, frame) => ({
    ...placed(state, frame),
    screen: "waiting",
    closing: frame.closing ?? null,
    callback: null,
    fault: null,
    conversation: frame.conversation,
  }),
  // The chat goes along, what was about the operator does not.
  "queue:returned": (state, frame) => ({
    ...placed(state, frame),
    screen: "waiting",
    peer: NOBODY.peer,
    typing: false,
    chatOpen: false,
    invitation: null,
    callback: null,
    call: NEW_CALL,
  }),
  "queue:position": (state, frame) => (state.screen === "waiting" ? placed(state, frame) : state),
  "queue:refused": (state, frame) => ({
    ...state,
    screen: "refused",
    refused: {
      code: frame.code,
      message: frame.message ?? "",
      retryAt: frame.retry_after ? frame.now + frame.retry_after * 1000 : null,
      estimate: frame.estimate ?? null,
      opensAt: frame.opens_at ?? null,
    },
  }),
  // Open again: no need to wait for the time that was told before.
  maintenance: (state, { on }) =>
    !on && state.refused?.code === "maintenance" ? { ...state, refused: { ...state.refused, retryAt: null } } : state,
  "queue:left": (state, frame) => ended(state, frame),
  // Of an earlier page of this tab, as the server still has it.
  said: (state, { conversation, reason, media, peer, since, ended_at: at, transcript }) => ({
    ...state,
    screen: "ended",
    conversation,
    media,
    peer: { ...state.peer, name: peer.name },
    lines: restored([], transcript, "customer"),
    ended: { reason, by: "", durationMs: since && at ? Math.max(0, at - since) : null },
  }),
  "queue:ready": (state, frame) => ({
    ...inCall(state, frame),
    call: state.conversation === frame.conversation && state.screen === "call" ? state.call : NEW_CALL,
    since: frame.since ?? frame.now,
  }),
  "call:invite": (state, { invitation, media, by, hidden }) => ({
    ...state,
    invitation: { invitation, media, by },
    unread: by === "operator" && hidden ? state.unread + 1 : state.unread,
  }),
  "call:decline": (state) => ({ ...state, invitation: null }),
  "call:accept": (state, { media }) => ({ ...state, invitation: null, media, call: NEW_CALL }),
  "call:ended": (state, frame) => ended(state, frame),
  "peer:presence": (state, { state: presence, now }) => ({
    ...state,
    peer: { ...state.peer, presence, awayAt: presence === "away" ? (state.peer.awayAt ?? now) : null },
    typing: false,
    // Who left says nothing more of its trouble.
    call: presence === "left" ? { ...state.call, peerTrouble: null } : state.call,
  }),
  resync: (state, { state: given, now }) => resynced(state, given, now),

  "chat:message": (state, frame) => {
    const unread = state.chatOpen && !frame.hidden ? state.unread : state.unread + 1;
    return { ...state, lines: withLine(state.lines, peerLine(frame, frame.now)), unread, typing: false };
  },
  "chat:typing": (state, { on }) => ({ ...state, typing: on }),
  "chat:read": (state, { upto_id: upto }) => ({
    ...state,
    lines: marked(state.lines, (line) => line.id <= upto, "seen"),
  }),
  "chat:file": (state, { file }) => ({ ...state, lines: withFile(state.lines, file) }),
  "chat:sent": (state, { now, ...sent }) => ({
    ...state,
    lines: withLine(state.lines, ownLine(/** @type {any} */ (sent), now)),
  }),
  acked: (state, { id }) => ({
    ...state,
    lines: marked(state.lines, (line) => line.id === id && line.state === "sending", "sent"),
  }),
  rejected: (state, { id }) => ({ ...state, lines: marked(state.lines, (line) => line.id === id, "failed") }),
  "line-taken-back": (state, { key }) => ({ ...state, lines: takenBack(state.lines, key).lines }),
  "all-read": (state) => ({ ...state, unread: 0 }),
};

/**
 * @param {CustomerState} state
 * @param {{type: string, [field: string]: any}} event  a frame or an act; `now` is the server's clock, ms
 * @returns {CustomerState} the same object when the event means nothing here
 */
export function reduce(state, event) {
  return REDUCERS[event.type]?.(state, event) ?? state;
}

/** @param {CustomerState} state @param {any} frame @returns {CustomerState} */
function placed(state, { position, waiting, estimate, staffed }) {
  return { ...state, position, waiting, estimate: estimate ?? null, staffed: staffed ?? state.staffed };
}

/** @param {CustomerState} state @param {any} frame @returns {CustomerState} */
function inCall(state, { conversation, peer, media }) {
  return {
    ...state,
    screen: "call",
    conversation,
    peer: { name: peer?.name ?? "", presence: "connected", awayAt: null },
    media: media ?? state.media,
    chatOpen: media === "chat" || state.chatOpen,
  };
}

/**
 * A second word about the same end (the customer hung up, then the server says so) changes nothing.
 * @param {CustomerState} state
 * @param {{reason?: string, by?: string, now: number}} event
 * @returns {CustomerState}
 */
function ended(state, { reason = "ended", by = "", now }) {
  if (state.screen === "ended" || state.screen === "welcome") return state;
  const durationMs = state.screen === "call" && state.since ? Math.max(0, now - state.since) : null;
  // What had not arrived by then never will.
  // … and of whom was erased nothing stays.
  const lines = reason === "erased" ? [] : marked(state.lines, (line) => line.state === "sending", "failed");
  return { ...state, screen: "ended", typing: false, invitation: null, lines, ended: { reason, by, durationMs } };
}

/**
 * @param {CustomerState} state
 * @param {any} given  ResyncState
 * @param {number} now
 * @returns {CustomerState}
 */
function resynced(state, given, now) {
  const base = {
    ...state,
    conversation: given.conversation,
    lines: restored(state.lines, given.transcript ?? [], "customer"),
  };
  switch (given.phase) {
    case "waiting":
      return {
        ...placed(base, given),
        screen: "waiting",
        media: given.media ?? base.media,
        callback: given.callback ? { ...given.callback, ...state.callback } : null,
      };
    case "active":
      return {
        ...inCall(base, given),
        invitation: given.invitation ?? null,
        since: given.since ?? now,
        call: state.screen === "call" && state.media === given.media ? state.call : NEW_CALL,
      };
    case "ended":
      return ended(
        {
          ...base,
          since: state.since || (given.since ?? 0),
          screen: state.screen === "loading" ? "call" : state.screen,
        },
        { reason: given.reason, now },
      );
    default:
      return { ...NOBODY, link: state.link, form: state.form };
  }
}
