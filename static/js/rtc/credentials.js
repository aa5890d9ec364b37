/**
 * @import {Frame, IceServer} from "../core/types.js"
 * @import {Session} from "../net/session.js"
 */

const TIMEOUT_MS = 1500;

/**
 * Fresh TURN credentials from the server.
 * @param {Pick<Session, 'on' | 'send'>} session
 * @param {number} [timeoutMs]
 * @returns {Promise<IceServer[] | null>} null when the server does not answer in time
 */
export function freshIceServers(session, timeoutMs = TIMEOUT_MS) {
  return new Promise((resolve) => {
    const settle = (/** @type {Frame | null} */ frame) => {
      off();
      clearTimeout(timer);
      resolve(frame?.ice_servers ?? null);
    };
    const off = session.on("ice:servers", settle);
    const timer = setTimeout(() => settle(null), timeoutMs);
    session.send("ice:refresh");
  });
}
