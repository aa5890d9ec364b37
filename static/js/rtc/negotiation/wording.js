import { tuneOpus, tuneSending, withoutOrphans } from "../codecs.js";

/**
 * @import {Sound} from "../codecs.js"
 *
 * @typedef {'active' | 'passive'} Role  who began the handshake of the encryption
 */

/**
 * What one RTCPeerConnection says and hears, in words that every browser takes. The browser's own copy of a description
 * stays as it made it: it may refuse any other.
 *
 * The handshake is made once. Firefox that offered first says "active" when it answers a restart, although the peer has
 * that part, and repeats it in its own offers; Chromium refuses both. The encryption is not touched by either: only the
 * words are set right.
 */
export class Wording {
  /** Ours, once settled. @type {Role | null} */
  #role = null;

  /**
   * @param {RTCSessionDescriptionInit} description  ours, as the browser made it
   * @returns {RTCSessionDescriptionInit} as it is sent
   */
  sent({ type, sdp = "" }) {
    const text = tuneOpus(withoutOrphans(sdp));
    if (type === "offer") return { type, sdp: withSetup(text, "actpass") };
    this.#role ??= roleIn(sdp);
    return { type, sdp: this.#role ? withSetup(text, this.#role) : text };
  }

  /**
   * @param {RTCSessionDescriptionInit} description  the peer's, as it came
   * @param {Sound} sound  how ours is coded
   * @param {RTCSessionDescriptionInit | null} offered  what our browser says of its own offer, for an answer to it
   * @returns {RTCSessionDescriptionInit} as it is applied
   */
  heard({ type, sdp = "" }, sound, offered) {
    const text = tuneSending(withoutOrphans(sdp), sound);
    if (type !== "answer") return { type, sdp: text };
    const theirs = roleIn(sdp);
    if (theirs) this.#role ??= opposite(theirs);
    const ours = roleIn(offered?.sdp ?? "");
    return { type, sdp: ours ? withSetup(text, opposite(ours)) : text };
  }
}

/** @param {string} sdp @returns {Role | null} null: none, or left to the answer */
function roleIn(sdp) {
  return /** @type {Role | null} */ (sdp.match(/^a=setup:(active|passive)\b/m)?.[1] ?? null);
}

/** @param {Role} role @returns {Role} */
function opposite(role) {
  return role === "active" ? "passive" : "active";
}

/** @param {string} sdp @param {Role | 'actpass'} setup */
function withSetup(sdp, setup) {
  return sdp.replace(/^a=setup:\w+/gm, `a=setup:${setup}`);
}
