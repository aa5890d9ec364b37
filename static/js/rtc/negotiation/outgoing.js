import { preferCodecs } from "../codecs.js";

/** @typedef {'audio' | 'video'} Kind */

/**
 * What this side sends, by kind. A device that is being opened is negotiated as if it were there already: its track
 * joins later without another round. One that will not come is told by a round of its own.
 */
export class Outgoing {
  /** @type {Map<Kind, MediaStreamTrack | null>} */
  #tracks = new Map();
  #soon;
  /** The network has room for a picture. */
  picture = true;

  /** @param {Kind[]} soon  kinds whose devices are being opened */
  constructor(soon) {
    this.#soon = new Set(soon);
  }

  /** @param {Kind} kind @param {MediaStreamTrack | null} track */
  set(kind, track) {
    this.#soon.delete(kind);
    this.#tracks.set(kind, track);
  }

  /** @returns {Kind[]} still being opened */
  get soon() {
    return [...this.#soon];
  }

  /** @param {RTCPeerConnection} connection @param {Kind} kind */
  add(connection, kind) {
    const transceiver = connection.addTransceiver(this.#track(kind) ?? kind, { direction: this.#direction(kind) });
    preferCodecs(transceiver, kind);
  }

  /** Makes an existing transceiver send what it should. @param {RTCRtpTransceiver} transceiver @param {Kind} kind */
  async follow(transceiver, kind) {
    const track = this.#track(kind);
    transceiver.direction = this.#direction(kind);
    if (transceiver.sender.track !== track) await transceiver.sender.replaceTrack(track);
  }

  /** No picture from now on, also in the next description. @param {RTCPeerConnection} connection */
  withoutPicture(connection) {
    const transceiver = transceiverOf(connection, "video");
    if (transceiver && !this.picture) transceiver.direction = this.#direction("video");
  }

  /** @param {Kind} kind */
  #track(kind) {
    return this.#tracks.get(kind) ?? null;
  }

  /** @param {Kind} kind @returns {RTCRtpTransceiverDirection} */
  #direction(kind) {
    if (kind === "video" && !this.picture) return "recvonly";
    return this.#track(kind) || this.#soon.has(kind) ? "sendrecv" : "recvonly";
  }
}

/**
 * @param {RTCPeerConnection} connection
 * @param {Kind} kind
 * @returns {RTCRtpTransceiver | undefined}
 */
export function transceiverOf(connection, kind) {
  return connection.getTransceivers().find(({ receiver }) => receiver.track.kind === kind);
}

/**
 * @param {RTCPeerConnection} connection
 * @returns {boolean} the peer knows what every transceiver does now
 */
export function isTold(connection) {
  const sections = connection.currentLocalDescription?.sdp.split(/(?=^m=)/m) ?? [];
  return connection
    .getTransceivers()
    .every(({ mid, direction }) =>
      sections.some((section) => section.includes(`\na=mid:${mid}\r`) && section.includes(`\na=${direction}\r`)),
    );
}
