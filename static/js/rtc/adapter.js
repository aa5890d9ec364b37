import { Emitter } from "../core/emitter.js";
import { Ladder, RUNGS, videoEncoding } from "./adaptation.js";
import { conditions } from "./stats.js";

/**
 * @import {Peer} from "./negotiation/peer.js"
 * @import {Rung, RungReason} from "./adaptation.js"
 * @import {Report} from "./stats.js"
 */

const EVERY_MS = 1000;
const SCREEN_FPS = 10;

/**
 * Looks once a second at how the network does and sets the senders accordingly: nothing is negotiated with the peer. It compares what is set with what should be, so new tracks and rebuilt connections get theirs too.
 *
 * Events: 'rung' ({rung, reason}).
 */
export class Adapter extends Emitter {
  #peer;
  #ladder = new Ladder();
  /** @type {Report | null} */
  #before = null;
  /** @type {any} */
  #timer;
  #isSharing;
  /** @type {RTCPeerConnection | null} the connection that `#before` is of */
  #measured = null;

  /** @param {Peer} peer @param {{isSharing: () => boolean}} options  a screen keeps its sharpness and loses frames instead */
  constructor(peer, { isSharing }) {
    super();
    this.#peer = peer;
    this.#isSharing = isSharing;
  }

  /** @returns {number} */
  get rung() {
    return this.#ladder.rung;
  }

  /** Every packet counts on this line, signaling's too. */
  get isThin() {
    return RUNGS[this.#ladder.rung].audio.bare;
  }

  /** @returns {RungReason | null} */
  get reason() {
    return this.#ladder.reason;
  }

  start() {
    this.#timer ??= setInterval(() => void this.#look(), EVERY_MS);
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Media has stopped: not the moment to wait for more samples. */
  choke() {
    if (!this.#ladder.choke()) return;
    this.emit("rung", { rung: this.#ladder.rung, reason: this.#ladder.reason });
    this.#limitSending(RUNGS[this.#ladder.rung]);
  }

  /** Media is back: a whole picture at once, or the peer waits three seconds until it misses one. */
  renewPicture() {
    for (const sender of this.#peer.connection.getSenders()) {
      if (sender.track?.kind === "video") void sendKeyFrame(sender);
    }
  }

  /** @param {Rung} rung */
  #limitSending(rung) {
    // An encoding that is merely inactive goes on answering the peer's requests for what was lost of it.
    this.#peer.setSendLimits({ ...rung.audio, picture: rung.video !== null });
  }

  async #look() {
    const { connection } = this.#peer;
    if (connection.connectionState !== "connected") {
      this.#before = null;
      return;
    }
    const report = await connection.getStats();
    if (connection !== this.#peer.connection || this.#timer === undefined) return;
    const before = connection === this.#measured ? this.#before : null;
    this.#before = report;
    this.#measured = connection;
    if (before && this.#ladder.step(conditions(before, report))) {
      this.emit("rung", { rung: this.#ladder.rung, reason: this.#ladder.reason });
    }
    const rung = RUNGS[this.#ladder.rung];
    this.#limitSending(rung);
    await Promise.all(connection.getSenders().map((sender) => setSender(sender, rung, this.#isSharing())));
  }
}

/**
 * @param {RTCRtpSender} sender
 * @param {Rung} rung
 * @param {boolean} sharing
 */
export async function setSender(sender, rung, sharing) {
  if (!sender.track) return;
  const parameters = /** @type {any} */ (sender.getParameters());
  const [encoding] = parameters.encodings ?? [];
  if (!encoding) return;
  const video = sender.track.kind === "video";
  const changes = video ? pictureOf(sender.track, rung, sharing) : soundOf(rung);
  const degradationPreference = !video
    ? parameters.degradationPreference
    : sharing
      ? "maintain-resolution"
      : "balanced";
  const same = Object.entries(changes).every(([name, value]) => isSame(encoding[name], value));
  if (same && parameters.degradationPreference === degradationPreference) return;
  Object.assign(encoding, changes);
  if (degradationPreference) parameters.degradationPreference = degradationPreference;
  try {
    await sender.setParameters(parameters);
  } catch (error) {
    console.warn("sender parameters:", error);
  }
}

/** Browsers that do not know the option take it for no change. @param {RTCRtpSender} sender */
async function sendKeyFrame(sender) {
  const parameters = sender.getParameters();
  const encodingOptions = parameters.encodings.map(() => ({ keyFrame: true }));
  try {
    await /** @type {any} */ (sender).setParameters(parameters, { encodingOptions });
  } catch (error) {
    console.warn("key frame:", error);
  }
}

/** @param {MediaStreamTrack} track @param {Rung} rung @param {boolean} sharing */
function pictureOf(track, rung, sharing) {
  const encoding = videoEncoding(rung, track.getSettings().height ?? 720);
  if (!sharing || !rung.video) return encoding;
  return { ...encoding, scaleResolutionDownBy: 1, maxFramerate: Math.min(SCREEN_FPS, rung.video.fps) };
}

/** Redundancy and packet time are the peer connection's business: see `Peer.setSendLimits`. @param {Rung} rung */
function soundOf({ audio }) {
  return { maxBitrate: audio.bitrate, priority: "high", networkPriority: "high" };
}

/** @param {any} now @param {any} next */
function isSame(now, next) {
  return typeof next === "number" && typeof now === "number" ? Math.abs(now - next) < 0.01 : now === next;
}
