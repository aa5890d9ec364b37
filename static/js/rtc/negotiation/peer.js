import { Emitter } from "../../core/emitter.js";
import { Outgoing, transceiverOf } from "./outgoing.js";
import { RemoteDescription } from "./remote-description.js";
import { applySendLimits } from "./send-limits.js";
import { Abandoned, Serial, unlessAbandoned } from "./serial.js";
import { Trickle } from "./trickle.js";
import { Wording } from "./wording.js";

/**
 * @import {IceServer} from "../../core/types.js"
 * @import {Sound} from "../codecs.js"
 * @import {Kind} from "./outgoing.js"
 * @import {CandidateFrame} from "./trickle.js"
 *
 * @typedef {{description: RTCSessionDescriptionInit, gen: number}} DescriptionFrame
 */

/** @type {Kind[]} */
const KINDS = ["audio", "video"];

/**
 * One end of a call: perfect negotiation over an RTCPeerConnection that may be rebuilt.
 *
 * Every description and candidate carries a generation that rises with each ICE restart or rebuild; older ones are
 * dropped. In glare the higher generation wins; at the same one the impolite side does. Everything that changes the
 * connection's state runs in one chain, one after the other, so an own offer and an incoming one never interleave; of
 * offers that have piled up only the newest is answered.
 *
 * Events: 'track' (MediaStreamTrack), 'connection' (RTCPeerConnectionState), 'negotiated' (the peer's description is here or
 * in force), 'rebuilt', 'error' (Error).
 */
export class Peer extends Emitter {
  offersHeard = 0; // of the peer, taken or not
  #connection;
  #serial = new Serial((error) => this.emit("error", error));
  #outgoing;
  #trickle = new Trickle((candidate) => this.signal("rtc:ice:candidate", { candidate, gen: this.gen }));
  #restartPending = false;
  #remote = new RemoteDescription();
  #wording = new Wording();
  #newestOffer = -1; // generation of the newest offer received, taken or not
  /** Transceivers exist: made by us as the side that offers, or by the peer's offer. */
  #prepared = false;
  #sound = /** @type {Sound} */ ({ red: true, ptime: 20, bare: false });
  #stale = false; // the configuration changed and the connection does not know yet
  #closed = false;

  /**
   * @param {{
   *   polite: boolean, initiate: boolean, gen: number, kinds: Kind[], iceServers: IceServer[], soon?: Kind[], relayOnly?: boolean,
   *   signal: (type: string, fields: Record<string, unknown>) => void, now?: () => number,
   *   createConnection?: (configuration: RTCConfiguration) => RTCPeerConnection,
   * }} options  initiate: make the first offer; soon: kinds whose devices are being opened; relayOnly: never another way
   */
  constructor({
    polite,
    initiate,
    gen,
    kinds,
    iceServers,
    soon = [],
    relayOnly = false,
    signal,
    now = Date.now,
    createConnection,
  }) {
    super();
    this.polite = polite;
    this.gen = gen;
    this.kinds = kinds;
    this.relayOnly = relayOnly;
    this.signal = signal;
    this.now = now;
    /** @type {number | null} ms; when the own offer went out that is not answered yet */
    this.offeredAt = null;
    /** @type {RTCConfiguration} */
    this.configuration = { iceServers, bundlePolicy: "max-bundle", iceTransportPolicy: relayOnly ? "relay" : "all" };
    this.createConnection = createConnection ?? ((configuration) => new RTCPeerConnection(configuration));
    this.initiate = initiate;
    this.#outgoing = new Outgoing(soon);
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
    this.#outgoing.set(kind, track);
    if (!this.#prepared || this.#closed) return;
    const transceiver = transceiverOf(this.#connection, kind);
    if (transceiver) await this.#outgoing.follow(transceiver, kind);
    else if (track) this.#outgoing.add(this.#connection, kind);
  }

  /** What we may send. For less the peer is not asked, a picture that returns is negotiated. @param {Sound & {picture: boolean}} limits */
  setSendLimits({ red, ptime, bare, picture }) {
    const known = this.#sound;
    if (red === known.red && ptime === known.ptime && bare === known.bare && picture === this.#outgoing.picture) return;
    this.#sound = { red, ptime, bare };
    this.#outgoing.picture = picture;
    // Where a restart is due, that one brings it.
    this.#enqueue(
      async () =>
        this.#restartPending ||
        applySendLimits(this.#connection, this.#serial, this.#outgoing, this.#remote.sdp, (answer) =>
          this.#apply(answer),
        ),
    );
  }

  /** Devices that have not come by now are not announced any longer. */
  settleTracks() {
    for (const kind of this.#outgoing.soon) void this.setTrack(kind, null);
  }

  /** @param {DescriptionFrame} frame */
  receiveDescription(frame) {
    if (frame.description.type === "offer") this.#hearOffer(frame.gen);
    this.#enqueue(() => this.#takeDescription(frame));
  }

  /** @param {number} gen */
  #hearOffer(gen) {
    this.offersHeard += 1;
    this.#newestOffer = Math.max(this.#newestOffer, gen);
    if (gen >= this.gen) this.emit("negotiated"); // as good as
  }

  /** @param {CandidateFrame} frame */
  receiveCandidate(frame) {
    this.#enqueue(() => this.#takeCandidate(frame));
  }

  /**
   * @param {IceServer[]} iceServers  fresh credentials; used from the next restart on, whoever begins it
   * @param {{relayOnly?: boolean}} [options]
   */
  setIceServers(iceServers, { relayOnly = false } = {}) {
    const policy = relayOnly || this.relayOnly ? "relay" : "all";
    this.configuration = { ...this.configuration, iceServers, iceTransportPolicy: policy };
    this.#stale = true;
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
      this.#configure();
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

  /** Sends an offer again that may have been lost on its way. To take it twice does no harm. */
  repeatOffer() {
    this.#enqueue(async () => {
      if (this.#connection.signalingState === "have-local-offer") this.#sendDescription();
    });
  }

  /** The peer may be further than we know. @param {number} gen */
  raiseGen(gen) {
    this.gen = Math.max(this.gen, gen);
  }

  /** Media is supposed to arrive. */
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
    this.#stale = false;
    connection.onnegotiationneeded = () => this.#enqueue(() => this.#offer(connection));
    connection.onicecandidate = ({ candidate }) => this.#trickle.gathered(candidate?.toJSON() ?? null);
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
    this.#trickle.drop();
    this.#prepared = false;
    this.#restartPending = false;
    this.offeredAt = null;
    this.#remote = new RemoteDescription();
    this.#wording = new Wording();
    this.#connection = this.#build();
    this.emit("rebuilt");
  }

  #configure() {
    if (this.#stale) this.#connection.setConfiguration(this.configuration);
    this.#stale = false;
  }

  #prepare() {
    this.#prepared = true;
    for (const kind of this.kinds) this.#outgoing.add(this.#connection, kind);
  }

  // ---- negotiation ---------------------------------------------------------------------------------------------

  /** @param {() => Promise<unknown>} job */
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
    this.#trickle.hold();
    await this.#serial.run(connection.setLocalDescription());
    this.#sendDescription();
  }

  #sendDescription() {
    const description = this.#wording.sent(/** @type {RTCSessionDescription} */ (this.#connection.localDescription));
    this.offeredAt = description.type === "offer" ? this.now() : null;
    this.signal("rtc:description", { description, gen: this.gen });
    this.#trickle.flush();
  }

  /** @param {RTCSessionDescriptionInit} theirs */
  async #apply(theirs) {
    const heard = this.#wording.heard(theirs, this.#sound, this.#connection.pendingLocalDescription);
    await this.#serial.run(this.#connection.setRemoteDescription(heard));
  }

  /** @param {DescriptionFrame} frame */
  async #takeDescription({ description, gen }) {
    if (gen < this.gen) return;
    if (description.type === "offer") {
      if (gen < this.#newestOffer) return;
      await this.#answer(description, gen);
    } else if (gen === this.gen && this.#connection.signalingState === "have-local-offer") {
      if (this.#remote.isAnotherThan(description)) return this.rebuild();
      await this.#apply(description);
      this.offeredAt = null;
    } else return; // answers an offer that was withdrawn
    this.#remote.apply(description, gen);
    this.emit("negotiated");
    for (const frame of this.#trickle.kept()) await this.#takeCandidate(frame);
  }

  /** @param {RTCSessionDescriptionInit} offer @param {number} gen */
  async #answer(offer, gen) {
    const collision = this.#connection.signalingState !== "stable";
    if (collision && !this.polite && gen === this.gen) throw new Abandoned();
    if (this.#remote.isReplacedBy(offer, this.#prepared)) this.#replaceConnection();
    this.#restartPending = false;
    this.gen = gen;
    if (this.#remote.isRestartedBy(offer)) this.#configure();
    this.#trickle.hold();
    await this.#apply(offer);
    this.#prepared = true; // not before: a track would bring a transceiver of its own
    for (const kind of KINDS) {
      const transceiver = transceiverOf(this.#connection, kind); // in the offer's order of codecs: see `preferCodecs`
      if (transceiver) await this.#serial.run(this.#outgoing.follow(transceiver, kind));
    }
    await this.#serial.run(this.#connection.setLocalDescription());
    this.#sendDescription();
  }

  /** @param {CandidateFrame} frame */
  async #takeCandidate(frame) {
    if (frame.gen < this.gen) return;
    if (!this.#remote.owns(frame)) return this.#trickle.keep(frame);
    // A candidate that the browser does not like is one path less; nothing else is lost with it.
    await this.#serial.run(this.#connection.addIceCandidate(frame.candidate ?? undefined)).catch(unlessAbandoned);
  }
}
