import { asAnswer, roleOf } from "../codecs.js";
import { isTold, transceiverOf } from "./outgoing.js";
import { unlessAbandoned } from "./serial.js";

/**
 * @import {Outgoing} from "./outgoing.js"
 * @import {Serial} from "./serial.js"
 *
 * @typedef {(answer: RTCSessionDescriptionInit) => Promise<void>} Apply  the peer's description, tuned
 */

/**
 * @param {RTCPeerConnection} connection
 * @param {Serial} serial
 * @param {Outgoing} outgoing  what is sent from now on
 * @param {string} heard  the peer's description in force, as it came
 * @param {Apply} apply
 */
export async function applySendLimits(connection, serial, outgoing, heard, apply) {
  await reapplyRemote(connection, serial, outgoing, heard, apply);
  const video = transceiverOf(connection, "video");
  if (video) await outgoing.follow(video, "video");
}

/**
 * Takes the peer's description once more, so that it can be applied differently; the peer hears nothing of it. Of the one
 * in force something may be left out already, hence the one that came.
 * Does nothing where the browser would then forget that the peer has to be told of something else.
 *
 * @param {RTCPeerConnection} connection
 * @param {Serial} serial
 * @param {Outgoing} outgoing
 * @param {string} heard
 * @param {Apply} apply
 */
async function reapplyRemote(connection, serial, outgoing, heard, apply) {
  const { currentLocalDescription: local, currentRemoteDescription: remote, signalingState } = connection;
  if (signalingState !== "stable" || !local || !remote || !isTold(connection)) return;
  outgoing.withoutPicture(connection);
  // One that returns is negotiated afterwards: until then it is not sent.
  const picture = transceiverOf(connection, "video")?.direction.includes("send") ?? false;
  await serial.run(connection.setLocalDescription());
  try {
    await apply(asAnswer(heard, { role: roleOf(remote, local), picture }));
  } catch (error) {
    unlessAbandoned(error);
    console.warn("send limits:", error);
    await serial.run(connection.setLocalDescription({ type: "rollback" }));
  }
}
