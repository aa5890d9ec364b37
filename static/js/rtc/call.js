import { Emitter } from "../core/emitter.js";
import { Adapter } from "./adapter.js";
import { Credentials } from "./credentials.js";
import { LocalMedia } from "./devices/local-media.js";
import { Health } from "./health.js";
import { Peer } from "./negotiation/peer.js";
import { Reporter } from "./reporter.js";

/**
 * @import {CallStats, Frame, IceServer, MediaKind} from "../core/types.js"
 * @import {Session} from "../net/session.js"
 * @import {RecoveryAction} from "./recovery.js"
 * @import {TurnResult} from "./regions.js"
 */

/** Devices that take longer (a question to the user) are not announced before they are there. */
const DEVICES_MS = 1500;

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
  #credentials;
  #reporter;
  /** @type {any} */
  #devicesTimer;

  /**
   * @param {{
   *   session: Session, polite: boolean, iceServers: IceServer[], media: MediaKind, localStream?: MediaStream | null,
   *   devices?: MediaKind, icePolicy?: 'all' | 'relay' | null, gen?: number, conversation?: string, initiate?: boolean,
   *   measured?: TurnResult[],
   *   createConnection?: (configuration: RTCConfiguration) => RTCPeerConnection,
   * }} options  devices: which are being opened and will be handed to
   *   `setLocalStream` (default: all that the call is made of); icePolicy "relay": no path but through relays, for good;
   *   initiate: make the first offer (default: the impolite side does; after a reload, whoever reloaded, with
   *   gen one above the state's); measured: what a preflight found, to order the relays by
   */
  constructor(options) {
    super();
    const { session, polite, media, localStream, devices = media, conversation, gen = 0, measured = [] } = options;
    this.session = session;
    this.conversation = conversation;
    this.media = media;
    this.#credentials = new Credentials({ session, given: options.iceServers, measured });
    this.#peer = new Peer({
      polite,
      initiate: options.initiate ?? !polite,
      gen,
      iceServers: this.iceServers,
      kinds: kindsOf(media),
      soon: localStream === null ? [] : kindsOf(devices),
      relayOnly: options.icePolicy === "relay",
      signal: (type, fields) => void session.sendNumbered(type, { ...fields, ...this.#address() }),
      createConnection: options.createConnection,
    });
    this.#credentials.onrenewed = (servers, frame) => {
      if (frame?.ice_policy === "relay") this.#peer.relayOnly = true;
      this.#peer.setIceServers(servers);
    };
    this.#reporter = new Reporter(session);
    this.#local = new LocalMedia(localStream, (kind, track) => void this.#peer.setTrack(kind, track));
    this.#health = new Health(this.#peer, { canSignal: () => session.connected, iceServers: () => this.iceServers });
    this.#adapter = new Adapter(this.#peer, { isSharing: () => this.#local.sharing });
    this.#listen();
  }

  /** The RTCPeerConnection in force, for measurements. */
  get connection() {
    return this.#peer.connection;
  }

  /** Best relay first. */
  get iceServers() {
    return this.#credentials.servers;
  }

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
    this.#devicesTimer = setTimeout(() => this.#peer.settleTracks(), DEVICES_MS);
  }

  /** Devices, whenever they have opened: their tracks join the running call. @param {MediaStream | null} stream */
  setLocalStream(stream) {
    this.#local.add(stream);
    this.#peer.settleTracks();
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
    clearTimeout(this.#devicesTimer);
    for (const off of this.#offs) off();
    this.#credentials.close();
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

  /** Fresh TURN credentials, then an ICE restart. Media goes on meanwhile. */
  restartIce() {
    return this.#renegotiate("restart");
  }

  /**
   * The mailbox was rebuilt while we were in the call, frames may be lost on both ways: an offer that waits for its
   * answer is sent again. Media that flows is not touched; if it does not, recovery begins anew at once.
   * @param {{gen: number, ice_servers: IceServer[] | null}} state
   */
  resync(state) {
    this.#peer.raiseGen(state.gen);
    if (state.ice_servers?.length) this.#credentials.take(state.ice_servers);
    this.#announce();
    this.#peer.repeatOffer();
    this.#health.welcomed();
  }

  #listen() {
    const { session } = this;
    this.#offs = [
      session.on("rtc:description", (frame) => this.#isOurs(frame) && this.#peer.receiveDescription(frame)),
      session.on("rtc:ice:candidate", (frame) => this.#isOurs(frame) && this.#peer.receiveCandidate(frame)),
      session.on("peer:presence", (frame) => this.#health.peerIsAway(frame.state !== "connected")),
      session.on("frame", () => this.#health.heard()),
      session.on("welcome", () => {
        this.#announce();
        this.#health.welcomed();
      }),
    ];
    this.#peer.on("track", (track) => this.#remoteTrack(track));
    this.#peer.on("error", (error) => console.warn("negotiation:", error));
    this.#local.on("stream", (stream) => this.emit("local-stream", stream));
    this.#local.on("change", (detail) => {
      if (this.#announced) this.#announce({ changed: true });
      this.emit("local", detail);
    });
    this.#local.on("problem", (problem) => this.emit("problem", problem));
    this.#adapter.on("rung", (step) => this.emit("rung", step));
    this.#health.on("recover", (action) => void this.#recover(action));
    this.#health.on("stats", (stats) => this.#report(stats));
    this.#health.on("state", (state) => this.emit("state", state));
    this.#health.on("recovery", (recovery) => {
      if (recovery.state === "suspect") this.#suspected();
      if (recovery.state === "healthy") this.#adapter.renewPicture();
      this.#announce({ changed: true });
      this.emit("recovery", recovery);
    });
  }

  #suspected() {
    void this.#credentials.refresh(); // a restart will need them
    this.#adapter.choke();
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
    const { state: step, reason, attempts: attempt } = this.#health.recovery;
    const trying = ["setup", "healthy", "suspect"].includes(step) ? {} : { step, reason, attempt };
    const news = { state: this.state, ...trying, ...(this.sharing && { sharing: true }) };
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
    const { offersHeard } = this.#peer;
    this.session.send("metrics:reconnect-attempt", this.#address());
    await this.#credentials.refresh();
    // Meanwhile the peer may have begun, or the media come back by itself.
    if (this.#peer.offersHeard !== offersHeard || this.#health.recovery.state === "healthy") return;
    await this.#renegotiate(action);
  }

  /** @param {'restart' | 'restart-relay' | 'rebuild'} action */
  async #renegotiate(action) {
    // Expired TURN credentials do not end a running call, but they make its restart fail.
    await this.#credentials.refresh();
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
    this.emit("stats", stats);
    this.#reporter.report({ ...stats, ...this.#address() }, this.#adapter.isThin);
  }
}

/** @param {MediaKind} media @returns {('audio' | 'video')[]} */
function kindsOf(media) {
  if (media === "chat") return [];
  return media === "video" ? ["audio", "video"] : ["audio"];
}
