/**
 * @import {CallKeeper} from "./call-keeper.js"
 * @import {CustomerApp} from "./customer-app.js"
 */

/**
 * What the call tells the page: its state, its devices, and what is missing.
 * @param {CallKeeper} keeper
 * @param {CustomerApp} app
 * @param {(event: {type: string, [field: string]: any}) => void} apply  changes the page's state
 */
export function followCall(keeper, app, apply) {
  keeper.on("call", (call) => app.emit("call", call));
  keeper.on("patch", (patch) => apply({ type: "call", patch }));
  keeper.on("no-devices", () => app.toggleChat(true));
  keeper.on("problem", ({ problem, media }) => {
    const fallback = media ? [`customer.device.fallback.${media}`] : [];
    app.emit("toast", { keys: [`customer.device.${problem.device}.${problem.code}`, ...fallback], tone: "warning" });
  });
}
