import { Preflight } from "../../rtc/preflight.js";
import { roundTrip, serversToTry } from "../customer/waiting-check.js";

/**
 * @import {Session} from "../../net/session.js"
 * @import {PreflightResults} from "../../rtc/preflight.js"
 * @import {CallParts} from "../call-controller.js"
 */

/**
 * The operator's own check, once the console is open: microphone, relays, socket. The camera is left alone: its light
 * would go on with nobody there.
 *
 * @param {{session: Session, acquire: CallParts['acquire'], release: CallParts['release']}} parts
 * @returns {Promise<PreflightResults>}
 */
export function checkDesk({ session, acquire, release }) {
  const preflight = new Preflight({
    acquire,
    release,
    listenMs: 0,
    iceServers: () => serversToTry(session),
    socketRtt: () => roundTrip(session),
  });
  return preflight.start("audio");
}
