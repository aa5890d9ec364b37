/**
 * The one function that changes the console's state.
 *
 * Frames from the server, outcomes of the call and the operator's own acts are events; `reduce` is pure, so every
 * situation of the day (a customer rings, the socket dies, the tab is taken over) can be played in a test.
 */
import { ownTrouble, peerTrouble } from "../shared/call/trouble.js";
import { parseMoment, readBoard } from "./board/board-model.js";

/** @import {Connection, ConsoleEvent, ConsoleState, Customer, Stats} from "./state.js" */

const SLEEP_MS = 90_000;
const SLOW_SOCKET_MS = 600;

/** What belongs to one conversation and is forgotten with it. */
export const FRESH = Object.freeze({
  presence: /** @type {const} */ ("connected"),
  awayUntil: null,
  call: /** @type {const} */ ("none"),
  trouble: null,
  peerTrouble: null,
  awayAt: null,
  ringing: false,
  ending: false,
  muted: false,
  cameraOff: false,
  opening: false,
  audioOnly: false,
  remoteVideo: false,
  sharing: false,
  peerSharing: false,
  stats: { own: null, peer: null },
  invitation: null,
});

/**
 * @param {any} frame a `queue:ready` frame or a resync's state
 * @param {number} now local ms
 * @param {number} offset
 * @returns {Customer}
 */
function customerOf(frame, now, offset) {
  const peer = frame.peer ?? {};
  return {
    conversation: frame.conversation,
    name: typeof peer.name === "string" ? peer.name : "",
    topic: String(peer.topic ?? frame.topic ?? ""),
    site: typeof peer.site === "string" ? peer.site : "",
    line: typeof peer.line === "string" ? peer.line : "",
    media: frame.media === "video" || frame.media === "audio" ? frame.media : "chat",
    since: parseMoment(frame.since) ?? now + offset,
    polite: frame.polite === true,
    iceServers: Array.isArray(frame.ice_servers) ? frame.ice_servers : [],
    icePolicy: frame.ice_policy === "relay" ? "relay" : "all",
    gen: typeof frame.gen === "number" ? frame.gen : 0,
    about: {
      locale: peer.locale,
      attributes: peer.attributes,
      answers: peer.answers,
      visit: peer.visit,
      device_check: peer.device_check,
    },
    transfer: peer.transfer ? { from: String(peer.transfer.from ?? ""), note: String(peer.transfer.note ?? "") } : null,
  };
}

/**
 * @param {any} frame `call:stats`, or the Call's own figures in the same shape
 * @returns {Stats}
 */
export function readStats(frame) {
  const figure = (/** @type {unknown} */ value) => (typeof value === "number" && Number.isFinite(value) ? value : null);
  return {
    rtt: figure(frame.rtt_ms),
    jitter: figure(frame.jitter_ms),
    loss: figure(frame.loss_pct),
    bitrate: figure(frame.bitrate_kbps),
    codec: String(frame.codec ?? ""),
    region: String(frame.region ?? ""),
    candidateType: String(frame.candidate_type ?? ""),
    quality: frame.quality ?? null,
  };
}

/** @type {Record<string, (state: ConsoleState, event: ConsoleEvent) => Partial<ConsoleState>>} */
const reducers = {
  connected: (state, { frame, now }) => {
    const serverTime = parseMoment(frame.server_time);
    return {
      connection: "online",
      everOnline: true,
      retryAt: null,
      fault: null,
      offset: serverTime === null ? state.offset : serverTime - now,
      lineClosed: frame.features?.queue === false,
      offersCalls: frame.features?.calls === true,
      offersVideo: frame.features?.video !== false,
      transfers: frame.features?.transfer === true,
      lineNote: null,
    };
  },
  down: (state, { code, retryAt }) => {
    if (isOver(state.connection)) {
      return {};
    }
    // After a refusal the next tries fail in other ways; the reason stays what it was.
    const out = code === 4503 || state.connection === "store-out";
    const connection = out ? "store-out" : state.everOnline ? "reconnecting" : "connecting";
    return {
      connection,
      retryAt: retryAt ?? null,
      gap: state.gap ?? (state.wrapUpUntil === null ? "plain" : "wrap-up"),
    };
  },
  replaced: () => ({ connection: "replaced", ...STOPPED }),
  expired: () => ({ connection: "expired", ...STOPPED }),
  refused: () => ({ connection: "refused", ...STOPPED }),
  starting: () => ({ connection: "connecting", retryAt: null }),
  maintenance: (_state, { frame }) => ({
    lineClosed: frame.on === true,
    lineNote: frame.on === true ? { message: String(frame.message ?? ""), until: parseMoment(frame.until) } : null,
  }),
  fault: (_state, { frame, now }) => ({
    fault: {
      code: String(frame.code ?? ""),
      message: String(frame.message ?? ""),
      retryAt: typeof frame.retry_after === "number" ? now + frame.retry_after * 1000 : null,
    },
  }),
  "fault-read": () => ({ fault: null }),

  resync: (state, { state: snapshot, now }) => resync(state, snapshot, now),
  "operator:state": (state, { frame, now }) => shift(state, frame, now),
  "want-available": (_state, { available }) => ({ wanted: available, lapsed: false, slept: false }),
  "wish-refused": () => ({ wanted: null }),
  board: (state, { frame, now }) => ({
    board: readBoard(frame, now, state.me, state.customer?.conversation ?? null),
  }),

  "queue:ready": (state, { frame, now }) => {
    const known = state.customer;
    if (state.phase === "active" && known !== null && known.conversation === frame.conversation) {
      return { customer: { ...known, ...refreshed(customerOf(frame, now, state.offset), known) } };
    }
    return {
      ...FRESH,
      phase: "active",
      customer: customerOf(frame, now, state.offset),
      summary: null,
      ringing: true,
      attention: true,
      wrapUpUntil: null,
      wrapUpFrom: null,
    };
  },
  "call:invite": (state, { frame: { invitation, media, by, ...frame } }) => {
    if (state.phase !== "active" || !isCurrent(state, frame)) return {};
    // The customer's rings as a new customer does, until somebody is seen to be here.
    const rings = by === "customer";
    return { invitation: { invitation, media, by }, ...(rings && { ringing: true, attention: true }) };
  },
  "call:decline": (state, { frame }) =>
    isCurrent(state, frame) ? { invitation: null, ringing: false, attention: false } : {},
  "call:accept": (state, { frame }) => {
    if (state.customer === null || state.phase !== "active" || !isCurrent(state, frame)) return {};
    const { media, polite, iceServers, icePolicy, gen } = customerOf(frame, 0, 0);
    const customer = { ...state.customer, media, polite, iceServers, icePolicy, gen };
    return { customer, invitation: null, ringing: false, attention: false };
  },
  "peer:presence": (state, { frame, now }) => {
    if (!isCurrent(state, frame)) {
      return {};
    }
    const presence = frame.state === "away" || frame.state === "left" ? frame.state : "connected";
    const grace = typeof frame.grace_s === "number" ? frame.grace_s : null;
    return {
      presence,
      awayUntil: presence === "away" && grace !== null ? now + state.offset + grace * 1000 : null,
      awayAt: presence === "away" ? (state.awayAt ?? now) : null,
      // Who left says nothing more of its trouble.
      ...(presence === "left" ? { peerTrouble: null } : {}),
    };
  },
  // The server tells the operator of both sides; one's own figures are here already, and newer.
  "call:stats": (state, { frame }) =>
    isCurrent(state, frame) && frame.from !== "operator" ? { stats: { ...state.stats, peer: readStats(frame) } } : {},
  "own-stats": (state, { frame }) => ({ stats: { ...state.stats, own: readStats(frame) } }),
  "call-state": (state, { state: call }) => ({ call, ringing: call === "connected" ? false : state.ringing }),
  recovery: (state, { recovery, now }) => ({ trouble: ownTrouble(state.trouble, recovery, now) }),
  "call:state": (state, { frame, now }) =>
    isCurrent(state, frame)
      ? { peerTrouble: peerTrouble(state.peerTrouble, frame, now), peerSharing: frame.sharing === true }
      : {},
  "call:ended": (state, { frame, now, lines }) => {
    if (state.phase !== "active" || !isCurrent(state, frame)) {
      return {};
    }
    return ended(state, frame, now, lines ?? 0);
  },
  acknowledge: () => ({ ringing: false, attention: false }),
  ending: (state, { on }) => ({ ending: on, ringing: on ? false : state.ringing }),
  muted: (_state, { on }) => ({ muted: on }),
  "camera-off": (_state, { on }) => ({ cameraOff: on }),
  opening: (_state, { on }) => ({ opening: on }),
  sharing: (_, { on }) => ({ sharing: on === true }),
  "audio-only": (_state, { on }) => ({ audioOnly: on }),
  "remote-video": (_state, { on }) => ({ remoteVideo: on }),
  "desk-check": (state, { results: { microphone, network, socket } }) => ({
    mediaError: microphone.problem ?? state.mediaError,
    relayOut: network.state === "failed",
    relaySlow: network.state === "warning",
    socketSlow: socket?.state === "failed" || (socket?.rtt_ms ?? 0) > SLOW_SOCKET_MS,
  }),
  "relay-read": () => ({ relayOut: false, relaySlow: false, socketSlow: false }),
  "media-error": (_state, { error }) => ({ mediaError: error }),
  // Of the conversation of which something can still be said, also after its end.
  outcome: (_state, { missing }) => ({ outcomeMissing: missing === true }),
  tick: (state, { now }) => {
    const over = state.wrapUpUntil !== null && state.wrapUpUntil <= now + state.offset;
    // Timers of a hidden page may run once a minute; longer than that, the machine slept.
    const slept = state.slept || (state.lastTick > 0 && now - state.lastTick > SLEEP_MS);
    return { lastTick: now, slept, ...(over ? { wrapUpUntil: null, wrapUpFrom: null } : {}) };
  },
};

/**
 * @param {Connection} connection
 * @returns {boolean} nothing reconnects by itself any more
 */
export function isOver(connection) {
  return connection === "replaced" || connection === "expired" || connection === "refused";
}

/** A console that lost its place shows no customer; the server's state draws it anew when it comes back. */
const STOPPED = Object.freeze({
  ...FRESH,
  phase: /** @type {const} */ ("idle"),
  customer: null,
  summary: null,
  attention: false,
  synced: false,
  retryAt: null,
  wanted: null,
  available: false,
  shiftKnown: false,
  wrapUpUntil: null,
  wrapUpFrom: null,
});

/**
 * The server's `available` means "may be given a customer now", so it is false in a conversation and in the wrap-up;
 * ours means "is on shift", which is what the switch shows.
 * @param {ConsoleState} state
 * @param {any} frame `operator:state`
 * @param {number} now
 * @returns {Partial<ConsoleState>}
 */
function shift(state, frame, now) {
  const until = parseMoment(frame.wrap_up_until);
  const running = until !== null && until > now + state.offset;
  const kept = state.wanted ?? (state.shiftKnown ? state.available : true);
  // One who is sent away goes after the call, whatever the switch said.
  const sent = frame.break_reason === "supervisor";
  const available = frame.conversation ? kept && !sent : frame.available === true || running;
  // Availability that the server gave up while we were away: see `returnsByItself`.
  const lost = state.gap !== null && state.available && !available;
  const unanswered = !available && frame.break_reason === "unanswered";
  return {
    available,
    shiftKnown: true,
    wanted: null,
    gap: null,
    unanswered,
    sentAway: sent && !available,
    lapsed: !available && !unanswered && !sent && (state.lapsed || lost),
    slept: !available && (state.slept || (lost && state.gap === "wrap-up")),
    wrapUpUntil: running ? until : null,
    wrapUpFrom: running ? (state.wrapUpUntil === until ? state.wrapUpFrom : now + state.offset) : null,
  };
}

/**
 * @param {ConsoleState} state
 * @param {any} frame
 * @returns {boolean} whether a frame speaks of the conversation on screen
 */
function isCurrent(state, frame) {
  return state.customer !== null && (!frame.conversation || frame.conversation === state.customer.conversation);
}

/**
 * A repeated `queue:ready` refreshes the credentials and keeps the rest.
 * @param {Customer} fresh
 * @param {Customer} known
 * @returns {Partial<Customer>}
 */
function refreshed(fresh, known) {
  return {
    name: fresh.name || known.name,
    topic: fresh.topic || known.topic,
    iceServers: fresh.iceServers.length > 0 ? fresh.iceServers : known.iceServers,
    icePolicy: fresh.icePolicy,
    gen: Math.max(fresh.gen, known.gen),
  };
}

/**
 * @param {ConsoleState} state
 * @param {any} frame `call:ended {reason, by?}`
 * @param {number} now
 * @param {number} lines chat lines exchanged
 * @returns {Partial<ConsoleState>}
 */
function ended(state, frame, now, lines) {
  const customer = state.customer;
  const since = customer?.since ?? now + state.offset;
  return {
    ...FRESH,
    phase: "ended",
    attention: false,
    summary: customer && {
      name: customer.name,
      media: customer.media,
      lines,
      reason: String(frame.reason ?? ""),
      by: String(frame.by ?? ""),
      seconds: Math.max(0, (now + state.offset - since) / 1000),
    },
  };
}

/**
 * The server's whole truth replaces ours; what only this browser knows (mute, camera, summary) stays.
 * @param {ConsoleState} state
 * @param {any} snapshot `resync.state`
 * @param {number} now
 * @returns {Partial<ConsoleState>}
 */
function resync(state, snapshot, now) {
  if (snapshot?.phase === "active" && snapshot.conversation) {
    const same = state.phase === "active" && state.customer?.conversation === snapshot.conversation;
    const customer = customerOf(snapshot, now, state.offset);
    // A customer we had not met before the gap rings; after a reload the operator is already looking.
    const rings = state.synced;
    const invitation = snapshot.invitation ?? null;
    return same
      ? { synced: true, customer, invitation }
      : {
          ...FRESH,
          synced: true,
          phase: "active",
          customer,
          invitation,
          summary: null,
          ringing: rings,
          attention: rings,
        };
  }
  if (state.phase === "active") {
    return { synced: true, ...ended(state, { reason: snapshot?.reason }, now, 0) };
  }
  return { synced: true };
}

/**
 * @param {ConsoleState} state
 * @param {ConsoleEvent} event
 * @returns {ConsoleState} the same object when nothing changed
 */
export function reduce(state, event) {
  const change = reducers[event.type]?.(state, event);
  if (!change) {
    return state;
  }
  const keys = /** @type {(keyof ConsoleState)[]} */ (Object.keys(change));
  return keys.some((key) => change[key] !== state[key]) ? { ...state, ...change } : state;
}
