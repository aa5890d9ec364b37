/** @import {TurnPath} from "./regions.js" */

const PINGS = 5;

/**
 * Does this relay carry data, and how fast? Two connections of our own talk to each other through it: gathering a
 * relay candidate would only prove that the relay gives an allocation, not that packets pass.
 *
 * @param {TurnPath} path
 * @param {{createConnection?: (configuration: RTCConfiguration) => RTCPeerConnection, timeoutMs?: number, now?: () => number}} [options]
 * @returns {Promise<number | null>} the round trip to the relay, ms (median of five); null when nothing came through
 */
export async function probeRelay({ server }, options = {}) {
  const { timeoutMs = 6000, now = () => performance.now() } = options;
  const create = options.createConnection ?? ((given) => new RTCPeerConnection(given));
  /** @type {RTCConfiguration} */
  const configuration = { iceServers: [server], iceTransportPolicy: "relay" };
  const ends = [create(configuration), create(configuration)];
  /** @type {any} */
  let timer;
  const deadline = new Promise((resolve) => (timer = setTimeout(() => resolve(null), timeoutMs)));
  try {
    return /** @type {number | null} */ (await Promise.race([talk(ends[0], ends[1], now), deadline]));
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
    for (const end of ends) end.close();
  }
}

/**
 * @param {RTCPeerConnection} near
 * @param {RTCPeerConnection} far
 * @param {() => number} now
 * @returns {Promise<number>}
 */
async function talk(near, far, now) {
  near.onicecandidate = ({ candidate }) => void (candidate && far.addIceCandidate(candidate).catch(() => {}));
  far.onicecandidate = ({ candidate }) => void (candidate && near.addIceCandidate(candidate).catch(() => {}));
  far.ondatachannel = ({ channel: back }) => {
    back.onmessage = ({ data }) => back.send(data);
  };
  const channel = near.createDataChannel("probe");
  const measured = roundTrips(channel, now);
  await near.setLocalDescription();
  await far.setRemoteDescription(/** @type {RTCSessionDescription} */ (near.localDescription));
  await far.setLocalDescription();
  await near.setRemoteDescription(/** @type {RTCSessionDescription} */ (far.localDescription));
  const times = (await measured).sort((a, b) => a - b);
  // There and back crosses the relay twice.
  return Math.round((times[Math.floor(PINGS / 2)] / 2) * 10) / 10;
}

/**
 * @param {RTCDataChannel} channel
 * @param {() => number} now
 * @returns {Promise<number[]>} ms
 */
function roundTrips(channel, now) {
  return new Promise((resolve, reject) => {
    /** @type {number[]} */
    const times = [];
    let sentAt = 0;
    const ping = () => {
      sentAt = now();
      channel.send(String(times.length));
    };
    channel.onopen = ping;
    channel.onerror = () => reject(new Error("the channel failed"));
    channel.onmessage = () => {
      times.push(now() - sentAt);
      if (times.length === PINGS) resolve(times);
      else ping();
    };
  });
}
