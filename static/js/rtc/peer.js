import { Emitter } from "../core/emitter.js";
import { preferCodecs, tuneOpus } from "./codecs.js";
import { Abandoned, Serial } from "./serial.js";

/** @import {IceServer} from "../core/types.js" */

/**
 * @typedef {'audio' | 'video'} Kind
 * @typedef {{description: RTCSessionDescriptionInit, gen: number}} DescriptionFrame
 * @typedef {{candidate: RTCIceCandidateInit | null, gen: number}} CandidateFrame
 */

/**
 * One end of a call: perfect negotiation over an RTCPeerConnection that may be rebuilt.
 *
 * Every description and candidate carries a generation that rises with each ICE restart or rebuild; older ones are
 * dropped. In glare the higher generation wins; at the same one the impolite side does. Everything that changes the
 * connection's state runs in one chain, one after the other, so an own offer and an incoming one never interleave.
 *
 * Events: 'track' (MediaStreamTrack), 'connection' (RTCPeerConnectionState), 'rebuilt', 'error' (Error).
 */
export class Peer extends Emitter {
  #connection;
  #serial = new Serial((error) => this.emit("error", error));
  /** @type {Map<Kind, MediaStreamTrack | null>} */
  #tracks = new Map();
  /** @type {CandidateFrame[]} candidates that came before their description */
  #early = [];
  #restartPending = false;
  /** Generation of the remote description in force; -1 before the first. */
  #remoteGen = -1;
  /** @type {string | null} session id of the peer's RTCPeerConnection (SDP `o=` line) */
  #remoteSession = null;
  /** Transceivers exist: made by us as the side that offers, or by the peer's offer. */
  #prepared = false;
  #closed = false;

  /**
   * @param {{
   *   polite: boolean, initiate: boolean, gen: number, kinds: Kind[], iceServers: IceServer[],
   *   signal: (type: string, fields: Record<string, unknown>) => void,
   *   createConnection?: (configuration: RTCConfiguration) => RTCPeerConnection,
   * }} options  initiate: make the first offer, else wait for the peer's; kinds: what the call is made of
   */
  constructor({ polite, initiate, gen, kinds, iceServers, signal, createConnection }) {
    super();
    this.polite = polite;
    this.gen = gen;
    this.kinds = kinds;
    this.signal = signal;
    /** @type {RTCConfiguration} */
    this.configuration = { iceServers, bundlePolicy: "max-bundle" };
    this.createConnection = createConnection ?? ((configuration) => new RTCPeerConnection(configuration));
    this.initiate = initiate;
    this.#connection = this.#build();
  }

  /** The RTCPeerConnection in force; it changes with a rebuild. */
  get connection() {
    return this.#connection;
  }

  /** Begins to offer, if this side does. Call it after the first `setTrack`s. */
  start() {
    if (this.initiate) this.#prepare();
  }

  /**
   * Sends this track, or nothing. Turning a kind off and on again is a renegotiation, so that the peer sees it.
   * @param {Kind} kind
   * @param {MediaStreamTrack | null} track
   */
  async setTrack(kind, track) {
    this.#tracks.set(kind, track);
    if (!this.#prepared || this.#closed) return;
    const transceiver = this.#transceiver(kind);
    if (transceiver) await this.#attach(transceiver, track);
    else if (track) this.#addTransceiver(kind);
  }

  /** @param {DescriptionFrame} frame */
  receiveDescription(frame) {
    this.#enqueue(() => this.#takeDescription(frame));
  }

  /** @param {CandidateFrame} frame */
  receiveCandidate(frame) {
    this.#enqueue(() => this.#takeCandidate(frame));
  }

  /**
   * @param {IceServer[]} iceServers  fresh credentials; used from the next restart on
   * @param {{relayOnly?: boolean}} [options]
   */
  setIceServers(iceServers, { relayOnly = false } = {}) {
    this.configuration = {
      ...this.configuration,
      iceServers,
      iceTransportPolicy: relayOnly ? "relay" : "all",
    };
    this.#connection.setConfiguration(this.configuration);
  }

  /** ICE restart: new paths, the same encryption, media goes on in place. */
  restart() {
    if (this.#closed) return;
    if (!this.#prepared) return this.rebuild();
    this.#enqueue(async () => {
      this.#restartPending = true;
      // An offer that was never answered would block the new one.
      if (this.#connection.signalingState === "have-local-offer") {
        await this.#serial.run(this.#connection.setLocalDescription({ type: "rollback" }));
      }
      this.#connection.restartIce();
    });
  }

  /** A new RTCPeerConnection with the same tracks; this side offers. */
  rebuild() {
    if (this.#closed) return;
    this.gen += 1;
    this.#replaceConnection();
    this.#prepare();
  }

  /** The peer may be further than we know. @param {number} gen */
  raiseGen(gen) {
    this.gen = Math.max(this.gen, gen);
  }

  /** @returns {boolean} media is supposed to arrive */
  get expectsMedia() {
    return this.#connection.getTransceivers().some(({ currentDirection }) => currentDirection?.includes("recv"));
  }

  close() {
    this.#closed = true;
    this.#serial.abandon();
    this.#connection.close();
  }

  // ---- the connection ------------------------------------------------------------------------------------------

  #build() {
    const connection = this.createConnection(this.configuration);
    connection.onnegotiationneeded = () => this.#enqueue(() => this.#offer(connection));
    connection.onicecandidate = ({ candidate }) => {
      this.signal("rtc:ice:candidate", { candidate: candidate?.toJSON() ?? null, gen: this.gen });
    };
    connection.ontrack = ({ track }) => this.emit("track", track);
    connection.onconnectionstatechange = () => {
      if (connection === this.#connection) this.emit("connection", connection.connectionState);
    };
    return connection;
  }

  #replaceConnection() {
    const old = this.#connection;
    old.onnegotiationneeded = old.onicecandidate = old.ontrack = old.onconnectionstatechange = null;
    old.close();
    this.#serial.abandon();
    this.#prepared = false;
    this.#restartPending = false;
    this.#remoteGen = -1;
    this.#remoteSession = null;
    this.#connection = this.#build();
    this.emit("rebuilt");
  }

  #prepare() {
    this.#prepared = true;
    for (const kind of this.kinds) this.#addTransceiver(kind);
  }

  /** @param {Kind} kind */
  #addTransceiver(kind) {
    const track = this.#tracks.get(kind) ?? null;
    const transceiver = this.#connection.addTransceiver(track ?? kind, { direction: track ? "sendrecv" : "recvonly" });
    preferCodecs(transceiver, kind);
  }

  /** @param {Kind} kind */
  #transceiver(kind) {
    return this.#connection.getTransceivers().find(({ receiver }) => receiver.track.kind === kind);
  }

  /**
   * @param {RTCRtpTransceiver} transceiver
   * @param {MediaStreamTrack | null} track
   */
  async #attach(transceiver, track) {
    transceiver.direction = track ? "sendrecv" : "recvonly";
    if (transceiver.sender.track !== track) await transceiver.sender.replaceTrack(track);
  }

  // ---- negotiation ---------------------------------------------------------------------------------------------

  /** @param {() => Promise<void>} job */
  #enqueue(job) {
    this.#serial.enqueue(async () => {
      if (!this.#closed) await job();
    });
  }

  /** @param {RTCPeerConnection} connection */
  async #offer(connection) {
    // Not stable: the browser asks again when it is.
    if (connection !== this.#connection || connection.signalingState !== "stable") return;
    if (this.#restartPending) {
      this.#restartPending = false;
      this.gen += 1;
    }
    await this.#serial.run(connection.setLocalDescription());
    this.#sendDescription();
  }

  #sendDescription() {
    const { type, sdp } = /** @type {RTCSessionDescription} */ (this.#connection.localDescription);
    this.signal("rtc:description", { description: { type, sdp: tuneOpus(sdp) }, gen: this.gen });
  }

  /** @param {DescriptionFrame} frame */
  async #takeDescription({ description, gen }) {
    if (gen < this.gen) return;
    if (description.type === "offer") await this.#answer(description, gen);
    else if (gen === this.gen && this.#connection.signalingState === "have-local-offer") {
      await this.#serial.run(this.#connection.setRemoteDescription(description));
    } else return; // answers an offer that was withdrawn
    await this.#remoteApplied(description, gen);
  }

  /**
   * @param {RTCSessionDescriptionInit} offer
   * @param {number} gen
   */
  async #answer(offer, gen) {
    const collision = this.#connection.signalingState !== "stable";
    if (collision && !this.polite && gen === this.gen) throw new Abandoned();
    if (this.#needsFreshConnection(offer)) this.#replaceConnection();
    this.#restartPending = false;
    this.gen = gen;
    this.#prepared = true;
    await this.#serial.run(this.#connection.setRemoteDescription(offer));
    for (const kind of /** @type {Kind[]} */ (["audio", "video"])) {
      const transceiver = this.#transceiver(kind);
      if (!transceiver) continue;
      preferCodecs(transceiver, kind);
      await this.#serial.run(this.#attach(transceiver, this.#tracks.get(kind) ?? null));
    }
    await this.#serial.run(this.#connection.setLocalDescription());
    this.#sendDescription();
  }

  /**
   * The peer's page was reloaded or it rebuilt: its RTCPeerConnection is another one, with another certificate. Or both
   * sides began at once: the transceivers we added for our own first offer would not be matched with the peer's.
   * @param {RTCSessionDescriptionInit} offer
   * @returns {boolean}
   */
  #needsFreshConnection(offer) {
    return this.#remoteSession === null ? this.#prepared : this.#remoteSession !== sessionOf(offer);
  }

  /**
   * @param {RTCSessionDescriptionInit} description
   * @param {number} gen
   */
  async #remoteApplied(description, gen) {
    this.#remoteGen = gen;
    this.#remoteSession = sessionOf(description);
    const waiting = this.#early;
    this.#early = [];
    for (const frame of waiting) await this.#takeCandidate(frame);
  }

  /** @param {CandidateFrame} frame */
  async #takeCandidate(frame) {
    if (frame.gen < this.gen) return;
    if (frame.gen !== this.#remoteGen) {
      this.#early.push(frame);
      return;
    }
    // A candidate of an offer that lost in glare does not fit the description in force; nothing is lost with it.
    await this.#serial.run(this.#connection.addIceCandidate(frame.candidate ?? undefined)).catch(rethrowAbandoned);
  }
}

/** @param {unknown} error */
function rethrowAbandoned(error) {
  if (error instanceof Abandoned) throw error;
}

/**
 * @param {RTCSessionDescriptionInit} description
 * @returns {string} what names the peer's RTCPeerConnection
 */
function sessionOf({ sdp }) {
  return sdp?.match(/^o=\S+ (\S+)/m)?.[1] ?? "";
}
