import { Emitter } from "../core/emitter.js";
import { Adapter } from "./adapter.js";
import { freshIceServers } from "./credentials.js";
import { Health } from "./health.js";
import { LocalMedia } from "./local-media.js";
import { Peer } from "./peer.js";
import { orderServers } from "./regions.js";
import { HIGH_LOSS_PCT } from "./stats.js";

/**
 * @import {CallState, CallStats, Frame, IceServer, MediaKind} from "../core/types.js"
 * @import {Session} from "../net/session.js"
 * @import {RecoveryAction} from "./recovery.js"
 * @import {TurnResult} from "./regions.js"
 */

/**
 * A call, as the pages see it. It lives on while the session swaps sockets; media does not notice.
 *
 * Events: 'local-stream' (MediaStream), 'remote-stream' (MediaStream), 'remote-video' (boolean: a picture arrives),
 * 'state' (CallState), 'recovery' ({state, reason, attempts}: what is being tried and why), 'stats' (CallStats), 'rung'
 * ({rung, reason}: how far we cut back what we send), 'local' ({muted, cameraOff, sharing}), 'problem' ({device, code}).
 */
export class Call extends Emitter {
  remoteStream = new MediaStream();
  #peer;
  #local;
  #health;
  #adapter;
  /** @type {(() => void)[]} */
  #offs = [];
  #closed = false;
  #announced = "";
  #measured;

  /**
   * @param {{
   *   session: Session, polite: boolean, iceServers: IceServer[], media: MediaKind, localStream?: MediaStream | null,
   *   gen?: number, conversation?: string, initiate?: boolean, measured?: TurnResult[],
   *   createConnection?: (configuration: RTCConfiguration) => RTCPeerConnection,
   * }} options  initiate: make the first offer (default: the impolite side does; after a reload, whoever reloaded, with
   *   gen one above the state's); measured: what a preflight found, to order the relays by
   */
  constructor({ session, polite, iceServers, media, localStream, gen = 0, conversation, initiate, measured = [], createConnection }) {
    super();
    this.session = session;
    this.conversation = conversation;
    this.#measured = measured;
    this.iceServers = orderServers(iceServers, measured);
    this.media = media;
    this.#peer = new Peer({
      polite,
      initiate: initiate ?? !polite,
      gen,
      iceServers: this.iceServers,
      kinds: media === "video" ? ["audio", "video"] : ["audio"],
      signal: (type, fields) => void session.sendNumbered(type, { ...fields, ...this.#address() }),
      createConnection,
    });
    this.#local = new LocalMedia(localStream, (kind, track) => void this.#peer.setTrack(kind, track));
    this.#health = new Health(this.#peer, { canSignal: () => session.connected, iceServers: () => this.iceServers });
    this.#adapter = new Adapter(this.#peer, { isSharing: () => this.#local.sharing });
    this.#listen();
  }

  /** The RTCPeerConnection in force, for measurements. */
  get connection() {
    return this.#peer.connection;
  }

  get gen() {
    return this.#peer.gen;
  }

  /** @returns {CallState} */
  get state() {
    return this.#health.state;
  }

  get localStream() {
    return this.#local.stream;
  }

  get muted() {
    return this.#local.muted;
  }

  get cameraOff() {
    return this.#local.cameraOff;
  }

  get sharing() {
    return this.#local.sharing;
  }

  start() {
    this.#local.start();
    this.#peer.start();
    this.#health.start();
    this.#adapter.start();
    this.#announce();
  }

  /** Devices opened after `start()`: their tracks join the running call. @param {MediaStream | null} stream */
  setLocalStream(stream) {
    this.#local.add(stream);
  }

  /** @param {string} [reason] */
  hangup(reason = "hangup") {
    if (this.#closed) return;
    this.session.sendNumbered("call:end", { reason, ...this.#address() });
    this.close();
  }

  /** Ends our side without a word: the call is over already, or lives on in another page. */
  close() {
    if (this.#closed) return;
    this.#closed = true;
    for (const off of this.#offs) off();
    this.#health.stop();
    this.#adapter.stop();
    this.#peer.close();
    this.#local.close();
  }

  /** @param {boolean} muted */
  setMuted(muted) {
    this.#local.setMuted(muted);
  }

  /** @param {boolean} on */
  setCamera(on) {
    return this.#local.setCamera(on);
  }

  /** Video off on our side until `resumeVideo()`. */
  audioOnly() {
    this.#local.audioOnly();
  }

  /** The camera again, if `audioOnly()` turned it off; never one that its owner had off. */
  resumeVideo() {
    return this.#local.resume();
  }

  /** @returns {Promise<boolean>} false when refused or impossible */
  shareScreen() {
    return this.#local.shareScreen();
  }

  stopSharing() {
    this.#local.stopSharing();
  }

  /** Fresh TURN credentials, then an ICE restart. */
  restartIce() {
    return this.#recover("restart");
  }

  /**
   * The mailbox was rebuilt while we were in the call: frames may be lost on both ways, so what was being negotiated is
   * negotiated anew. Media that flows is not touched.
   * @param {{gen: number, ice_servers: IceServer[] | null}} state
   */
  resync(state) {
    this.#peer.raiseGen(state.gen);
    if (state.ice_servers?.length) this.iceServers = state.ice_servers;
    this.#announce();
    void this.restartIce();
  }

  #listen() {
    const { session } = this;
    this.#offs = [
      session.on("rtc:description", (frame) => this.#isOurs(frame) && this.#peer.receiveDescription(frame)),
      session.on("rtc:ice:candidate", (frame) => this.#isOurs(frame) && this.#peer.receiveCandidate(frame)),
      session.on("peer:presence", (frame) => void (this.#health.peerAway = frame.state !== "connected")),
      session.on("frame", () => this.#health.heard()),
      session.on("welcome", () => this.#announce()),
    ];
    this.#peer.on("track", (track) => this.#remoteTrack(track));
    this.#peer.on("error", (error) => console.warn("negotiation:", error));
    this.#local.on("stream", (stream) => this.emit("local-stream", stream));
    this.#local.on("change", (detail) => this.emit("local", detail));
    this.#local.on("problem", (problem) => this.emit("problem", problem));
    this.#adapter.on("rung", (step) => this.emit("rung", step));
    this.#health.on("recover", (action) => void this.#recover(action));
    this.#health.on("stats", (stats) => this.#report(stats));
    this.#health.on("state", (state) => this.emit("state", state));
    this.#health.on("recovery", (recovery) => {
      this.#announce({ changed: true });
      this.emit("recovery", recovery);
    });
  }

  /** @param {Frame} frame */
  #isOurs(frame) {
    return !frame.conversation || !this.conversation || frame.conversation === this.conversation;
  }

  #address() {
    return this.conversation ? { conversation: this.conversation } : {};
  }

  /** @param {{changed?: boolean}} [options]  changed: only if it says something new */
  #announce({ changed = false } = {}) {
    const { state: step, reason } = this.#health.recovery;
    const trying = ["setup", "healthy", "suspect"].includes(step) ? {} : { step, reason };
    const news = { state: this.state, ...trying };
    if (changed && JSON.stringify(news) === this.#announced) return;
    this.#announced = JSON.stringify(news);
    this.session.send("call:state", { ...news, ...this.#address() });
  }

  /** @param {MediaStreamTrack} track */
  #remoteTrack(track) {
    for (const old of this.remoteStream.getTracks()) {
      if (old.kind === track.kind) this.remoteStream.removeTrack(old);
    }
    this.remoteStream.addTrack(track);
    if (track.kind === "video") {
      const tell = () => this.emit("remote-video", !track.muted && track.readyState === "live");
      track.onmute = track.onunmute = track.onended = tell;
      tell();
    }
    this.emit("remote-stream", this.remoteStream);
  }

  /** @param {RecoveryAction} action */
  async #recover(action) {
    if (action === "probe") return this.#probe();
    if (action === "resignal") return this.session.raceSocket();
    this.session.send("metrics:reconnect-attempt", this.#address());
    // Expired TURN credentials do not end a running call, but they make its restart fail.
    const fresh = await freshIceServers(this.session);
    if (fresh) this.iceServers = orderServers(fresh, this.#measured);
    if (this.#closed) return;
    this.#peer.setIceServers(this.iceServers, { relayOnly: action === "restart-relay" });
    if (action === "rebuild") this.#peer.rebuild();
    else this.#peer.restart();
  }

  async #probe() {
    if (await this.session.probe()) this.#health.heard();
  }

  /** @param {CallStats} figures */
  #report(figures) {
    const { rung, reason } = this.#adapter;
    const stats = { ...figures, rung, reason };
    this.session.send("call:stats", { ...stats, ...this.#address() });
    if ((stats.loss_pct ?? 0) > HIGH_LOSS_PCT) {
      this.session.send("metrics:high-packet-loss", { loss_pct: stats.loss_pct, ...this.#address() });
    }
    this.emit("stats", stats);
  }
}
