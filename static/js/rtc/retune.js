import { asAnswer } from "./codecs.js";
import { isTold } from "./outgoing.js";
import { unlessAbandoned } from "./serial.js";

/** @import {Serial} from "./serial.js" */

/**
 * Takes the peer's description in force once more, so that it can be applied differently; the peer hears nothing of it.
 * Does nothing where the browser would then forget that the peer has to be told of something else.
 *
 * @param {RTCPeerConnection} connection
 * @param {Serial} serial
 * @param {(answer: RTCSessionDescriptionInit) => Promise<void>} apply
 */
export async function retune(connection, serial, apply) {
  const { currentLocalDescription: local, currentRemoteDescription: remote, signalingState } = connection;
  if (signalingState !== "stable" || !local || !remote || !isTold(connection)) return;
  await serial.run(connection.setLocalDescription());
  try {
    await apply(asAnswer(remote, local));
  } catch (error) {
    unlessAbandoned(error);
    console.warn("sound:", error);
    await serial.run(connection.setLocalDescription({ type: "rollback" }));
  }
}
