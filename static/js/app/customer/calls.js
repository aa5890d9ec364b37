import { steadyScore } from "../../ui/shared/call/quality-bar.js";

/**
 * @import {IceServer, MediaKind, Store} from "../../core/types.js"
 * @import {CallController, CallParts} from "../call-controller.js"
 * @import {Acquired} from "../../rtc/devices/media.js"
 * @import {Call} from "../../rtc/call.js"
 * @import {CustomerApp} from "./customer-app.js"
 */

/** A picture that is on its way comes within this time of the connection. */
const PICTURE_DUE_MS = 3000;

/** Of the conversation whose call begins without the camera. */
const DARK = "dark";

/** @param {Store} storage @param {string | null} conversation  its call begins without the camera, after a reload too */
export function keepDark(storage, conversation) {
  storage.set(DARK, conversation ?? "");
}

/**
 * Begins the call of a match, if it is one.
 * @param {CallController<Call, Acquired>} calls
 * @param {CallParts & {storage: Store}} parts
 * @param {{
 *   match: {conversation: string, polite: boolean | null, ice_servers: IceServer[] | null, media: MediaKind | null,
 *     ice_policy?: 'all' | 'relay', gen?: number},
 *   measured: import("../../rtc/regions.js").TurnResult[], gen?: number, initiate?: boolean,
 * }} options  match.gen: there was another operator before; gen, initiate: after a reload a higher generation, and we offer
 */
export function beginCall(calls, { session, storage, createCall, acquire }, { match, ...options }) {
  calls.end();
  const { conversation, media } = match;
  if (media === "chat") return;
  const kind = media ?? "audio";
  const devices = storage.get(DARK) === conversation ? "audio" : kind;
  const call = createCall({
    session,
    conversation,
    polite: match.polite ?? true,
    iceServers: match.ice_servers ?? [],
    icePolicy: match.ice_policy,
    media: kind,
    devices,
    ...(match.gen && { gen: match.gen + 1 }),
    ...options,
  });
  calls.begin(conversation, call, () => acquire(devices));
}

/**
 * What the call tells the page: its state, its devices, and what is missing.
 * @param {CallController<Call, Acquired>} calls
 * @param {CustomerApp} app
 * @param {(event: {type: string, [field: string]: any}) => void} apply  changes the page's state
 */
export function followCall(calls, app, apply) {
  const patch = (/** @type {Record<string, unknown>} */ changes) => apply({ type: "call", patch: changes });
  const warn = (/** @type {{problem: any, media: string | null}} */ { problem, media }) => {
    const fallback = media ? [`customer.device.fallback.${media}`] : [];
    app.emit("toast", { keys: [`customer.device.${problem.device}.${problem.code}`, ...fallback], tone: "warning" });
  };
  calls.on("call", (/** @type {Call | null} */ call) => {
    if (call) watch(call, (changes) => call === calls.call && patch(changes), warn);
    app.emit("call", call);
  });
  calls.on("opening", (opening) => !opening && patch({ opening: false }));
  calls.on("devices", (/** @type {Acquired} */ got) => {
    if (got.problem) warn(got);
    if (!got.stream) app.toggleChat(true);
  });
}

/**
 * @param {Call} call
 * @param {(changes: Record<string, unknown>) => void} patch
 * @param {(fault: {problem: any, media: string | null}) => void} warn
 */
function watch(call, patch, warn) {
  call.on("state", (state) => {
    patch({ state });
    if (state === "connected") setTimeout(() => patch({ settled: true }), PICTURE_DUE_MS);
  });
  call.on("recovery", (recovery) => patch({ recovery }));
  call.on("rung", (rung) => patch({ rung }));
  call.on("remote-video", (remoteVideo) => patch({ remoteVideo }));
  /** @type {number | null} */
  let quality = null;
  call.on("stats", (stats) => {
    quality = steadyScore(quality, stats.quality);
    patch({ quality });
  });
  call.on("local", ({ muted, cameraOff, sharing }) =>
    patch({ muted, cameraOff, sharing, microphone: call.localStream.getAudioTracks().length > 0 }),
  );
  call.on("problem", (problem) => warn({ problem, media: null }));
}
