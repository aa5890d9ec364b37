import { steadyScore } from "../../ui/shared/quality-bar.js";

/**
 * @import {CallController} from "../call-controller.js"
 * @import {Acquired} from "../../rtc/media.js"
 * @import {Call} from "../../rtc/call.js"
 * @import {CustomerApp} from "./customer-app.js"
 */

/** A picture that is on its way comes within this time of the connection. */
const PICTURE_DUE_MS = 3000;

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
