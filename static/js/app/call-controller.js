import { Emitter } from "../core/emitter.js";
import { steadyScore } from "../ui/shared/quality-bar.js";

/**
 * @import {IceServer, MediaKind} from "../core/types.js"
 * @import {Session} from "../net/session.js"
 * @import {Call} from "../rtc/call.js"
 * @import {Acquired} from "../rtc/media.js"
 * @import {TurnResult} from "../rtc/regions.js"
 *
 * @typedef {{
 *   session: Session,
 *   createCall: (options: ConstructorParameters<typeof Call>[0]) => Call,
 *   acquire: (media: MediaKind) => Promise<Acquired>,
 *   release: (stream: MediaStream | null) => void,
 * }} CallParts
 */

/** A picture that is on its way comes within this time of the connection. */
const PICTURE_DUE_MS = 3000;

/**
 * Holds the one call a customer can have, with its devices.
 *
 * Events: 'call' (Call | null), 'patch' (what changed in the call, for the state), 'problem' (Acquired: less than was
 * wanted, or nothing), 'no-devices' (only chat is left).
 */
export class CallController extends Emitter {
  /** @type {Call | null} */
  call = null;
  /** What a preflight found out about the relays. @type {TurnResult[]} */
  measured = [];
  #parts;

  /** @param {CallParts} parts */
  constructor(parts) {
    super();
    this.#parts = parts;
  }

  /** @param {string} conversation */
  has(conversation) {
    return this.call?.conversation === conversation;
  }

  /**
   * @param {{conversation: string, polite: boolean | null, ice_servers: IceServer[] | null, media: MediaKind | null,
   *   ice_policy?: 'all' | 'relay'}} match
   *   of `queue:ready` or `resync.state`
   * @param {{gen?: number, initiate?: boolean}} [options]  after a reload: a higher generation, and we offer
   */
  begin({ conversation, polite, ice_servers: iceServers, ice_policy: icePolicy, media }, options = {}) {
    this.drop();
    if (media === "chat") return;
    const call = this.#parts.createCall({
      session: this.#parts.session,
      conversation,
      polite: polite ?? true,
      iceServers: iceServers ?? [],
      icePolicy,
      media: media ?? "audio",
      measured: this.measured,
      ...options,
    });
    this.call = call;
    this.#watch(call);
    this.emit("call", call);
    // Both at once: what is opened joins without another round.
    const devices = this.#parts.acquire(media ?? "audio");
    call.start();
    void this.#equip(call, devices);
  }

  /** What the operator asks of this side. @param {string} action */
  control(action) {
    if (action === "ice-restart") void this.call?.restartIce();
    if (action === "audio-only") this.call?.audioOnly();
    if (action === "video") void this.call?.resumeVideo();
  }

  drop() {
    if (!this.call) return;
    this.call.close();
    this.call = null;
    this.emit("call", null);
  }

  /** @param {Call} call */
  #watch(call) {
    const patch = (/** @type {Record<string, unknown>} */ changes) => call === this.call && this.emit("patch", changes);
    call.on("state", (state) => {
      patch({ state });
      if (state === "connected") setTimeout(() => patch({ settled: true }), PICTURE_DUE_MS);
    });
    call.on("recovery", (recovery) => patch({ recovery }));
    call.on("rung", (rung) => patch({ rung }));
    call.on("remote-video", (remoteVideo) => patch({ remoteVideo }));
    /** @type {number | null} */
    let quality = null;
    call.on("stats", (stats) => {
      quality = steadyScore(quality, stats.quality);
      patch({ quality });
    });
    call.on("local", ({ muted, cameraOff, sharing }) =>
      patch({ muted, cameraOff, sharing, microphone: call.localStream.getAudioTracks().length > 0 }),
    );
    call.on("problem", (problem) => this.emit("problem", { problem, media: null }));
  }

  /** @param {Call} call @param {Promise<Acquired>} devices */
  async #equip(call, devices) {
    const got = await devices;
    call.setLocalStream(got.stream);
    if (call !== this.call) return;
    this.emit("patch", { opening: false });
    if (got.problem) this.emit("problem", got);
    if (!got.stream) this.emit("no-devices");
  }
}
