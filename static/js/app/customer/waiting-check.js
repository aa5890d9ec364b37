import { Preflight } from "../../rtc/preflight.js";

/**
 * @import {IceServer} from "../../core/types.js"
 * @import {Session} from "../../net/session.js"
 * @import {CallParts} from "../call-controller.js"
 * @import {CustomerApp} from "./customer-app.js"
 */

const ANSWER_MS = 3000;

/**
 * Checks devices and network while the customer waits and tells the server, so that the operator knows before the call.
 *
 * @param {{app: CustomerApp, session: Session, acquire: CallParts['acquire'], release: CallParts['release']}} parts
 * @returns {{preflight: Preflight, again: () => void}}
 */
export function watchWaiting({ app, session, acquire, release }) {
  const preflight = new Preflight({
    acquire,
    release,
    iceServers: () => serversToTry(session),
    socketRtt: () => roundTrip(session),
  });
  const again = () => void preflight.start(app.state.media);
  preflight.on("change", (results) => app.checked(results));
  preflight.on("done", () => app.state.screen === "waiting" && session.send("device:check", preflight.report()));
  app.on("change", ({ state, before }) => {
    if (state.screen === before.screen) return;
    if (state.screen === "waiting") again();
    else if (before.screen === "waiting") preflight.stop();
  });
  return { preflight, again };
}

/** @param {Session} session @returns {Promise<IceServer[]>} with credentials that last; none when the server is silent */
export async function serversToTry(session) {
  return (await answer(session, "ice:refresh", "ice:servers"))?.ice_servers ?? [];
}

/**
 * Any frame answers a probe, so a chance one makes it too short, never too long: the longer of two is told.
 * @param {Session} session
 * @returns {Promise<number | null>} ms there and back
 */
export async function roundTrip(session) {
  let longest = 0;
  for (let round = 0; round < 2; round += 1) {
    const sentAt = performance.now();
    if (!(await session.probe(ANSWER_MS))) return null;
    longest = Math.max(longest, performance.now() - sentAt);
  }
  return longest;
}

/**
 * @param {Session} session @param {string} question @param {string} type  of the answer
 * @returns {Promise<any>} null when none came in time
 */
function answer(session, question, type) {
  return new Promise((resolve) => {
    const settle = (/** @type {any} */ frame) => {
      off();
      clearTimeout(timer);
      resolve(frame);
    };
    const off = session.on(type, settle);
    const timer = setTimeout(() => settle(null), ANSWER_MS);
    session.send(question);
  });
}
