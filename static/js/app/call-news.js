/**
 * @import {CallController} from "./call-controller.js"
 * @import {CustomerApp} from "./customer-app.js"
 */

/**
 * What the call tells the page: its state, its devices, and what is missing.
 * @param {CallController} calls
 * @param {CustomerApp} app
 * @param {(event: {type: string, [field: string]: any}) => void} apply  changes the page's state
 */
export function followCall(calls, app, apply) {
  calls.on("call", (call) => app.emit("call", call));
  calls.on("patch", (patch) => apply({ type: "call", patch }));
  calls.on("no-devices", () => app.toggleChat(true));
  calls.on("problem", ({ problem, media }) => {
    const fallback = media ? [`customer.device.fallback.${media}`] : [];
    app.emit("toast", { keys: [`customer.device.${problem.device}.${problem.code}`, ...fallback], tone: "warning" });
  });
}
