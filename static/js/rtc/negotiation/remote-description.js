/** @import {CandidateFrame} from "./trickle.js" */

/** The peer's description in force: which generation, of which RTCPeerConnection, and which candidates belong to it. */
export class RemoteDescription {
  /** -1 before the first. */
  gen = -1;
  /** What names the peer's RTCPeerConnection (SDP `o=` line). @type {string | null} */
  session = null;
  /** As it came: what is applied may be tuned. */
  sdp = "";

  /** @param {RTCSessionDescriptionInit} description @param {number} gen */
  apply(description, gen) {
    this.gen = gen;
    this.session = sessionOf(description);
    this.sdp = description.sdp ?? "";
  }

  /**
   * The peer's page was reloaded or it rebuilt: its RTCPeerConnection is another one, with another certificate. Or both
   * sides began at once: the transceivers we added for our own first offer would not be matched with the peer's.
   * @param {RTCSessionDescriptionInit} offer
   * @param {boolean} prepared  we have transceivers already
   * @returns {boolean} it can only be answered by a new connection
   */
  isReplacedBy(offer, prepared) {
    return this.session === null ? prepared : this.isAnotherThan(offer);
  }

  /**
   * Our encryption was made with an RTCPeerConnection that is no more, and only some browsers make it anew in place: in
   * the others the new one would wait for ever.
   * @param {RTCSessionDescriptionInit} description
   * @returns {boolean} it speaks for another RTCPeerConnection than the one that we know
   */
  isAnotherThan(description) {
    return this.session !== null && this.session !== sessionOf(description);
  }

  /** @param {RTCSessionDescriptionInit} offer @returns {boolean} it asks for new paths */
  isRestartedBy(offer) {
    return fragmentOf(offer.sdp) !== fragmentOf(this.sdp);
  }

  /**
   * @param {CandidateFrame} frame
   * @returns {boolean} browsers that do not name the user fragment are believed
   */
  owns({ candidate, gen }) {
    if (gen !== this.gen) return false;
    const fragment = candidate?.usernameFragment;
    return !fragment || this.sdp.includes(`a=ice-ufrag:${fragment}`);
  }
}

/**
 * @param {RTCSessionDescriptionInit} description
 * @returns {string}
 */
function sessionOf({ sdp }) {
  return sdp?.match(/^o=\S+ (\S+)/m)?.[1] ?? "";
}

/** @param {string | undefined} sdp */
function fragmentOf(sdp) {
  return sdp?.match(/^a=ice-ufrag:(\S+)/m)?.[1];
}
