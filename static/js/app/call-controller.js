import { Emitter } from "../core/emitter.js";

/**
 * @import {MediaKind} from "../core/types.js"
 * @import {Session} from "../net/session.js"
 * @import {Call} from "../rtc/call.js"
 * @import {Acquired} from "../rtc/devices/media.js"
 *
 * @typedef {{
 *   session: Session,
 *   createCall: (options: ConstructorParameters<typeof Call>[0]) => Call,
 *   acquire: (media: MediaKind) => Promise<Acquired>,
 *   release: (stream: MediaStream | null) => void,
 * }} CallParts
 */

/**
 * What a page wants of a call; the rest of `Call` is its own business.
 * @typedef {{on: (name: string, listener: (detail: any) => void) => () => void, start: () => void, close: () => void,
 *   setLocalStream: (stream: MediaStream|null) => void, setMuted: (muted: boolean) => void,
 *   setCamera: (on: boolean) => Promise<void>, restartIce: () => Promise<void>, audioOnly: () => void,
 *   shareScreen: () => Promise<boolean>, stopSharing: () => void, sharing: boolean, resumeVideo: () => Promise<void>,
 *   resync: (state: any) => void, muted: boolean, cameraOff: boolean}} CallLike
 */

/**
 * Holds the one call that a page can have, with its devices: begun with a conversation, ended with it.
 *
 * Events: 'call' (the call | null), 'opening' (boolean: its devices are being opened), 'devices' (what came of that).
 *
 * @template {CallLike} C
 * @template {{stream: MediaStream | null}} G  what opening the devices gives
 */
export class CallController extends Emitter {
  /** @type {C | null} */
  call = null;
  /** The conversation of the call. @type {string | null} */
  conversation = null;
  #release;

  /** @param {{release: (stream: MediaStream | null) => void}} parts  release: lets devices go that nobody wants any more */
  constructor({ release }) {
    super();
    this.#release = release;
  }

  /** @param {string} conversation */
  has(conversation) {
    return this.call !== null && this.conversation === conversation;
  }

  /**
   * @param {string} conversation
   * @param {C} call
   * @param {() => Promise<G>} open  the devices; what they give belongs to the call
   */
  begin(conversation, call, open) {
    this.end();
    this.conversation = conversation;
    this.call = call;
    this.emit("call", call);
    // Both at once: what is opened joins without another round.
    const devices = open();
    this.emit("opening", true);
    call.start();
    void this.#equip(call, devices);
  }

  /** Tries the devices once more; what opens joins the running call. @param {() => Promise<G>} open */
  async retryDevices(open) {
    const { call } = this;
    const got = await open();
    if (call === null || call !== this.call) return this.#release(got.stream);
    call.setLocalStream(got.stream);
    this.emit("devices", got);
  }

  /** Ends our side; the server has been told, or has told us. */
  end() {
    this.conversation = null;
    if (!this.call) return;
    this.call.close();
    this.call = null;
    this.emit("call", null);
  }

  /** @param {any} snapshot `resync.state` of the conversation this call belongs to */
  resync(snapshot) {
    this.call?.resync(snapshot);
  }

  /** What is asked of both ends. @param {string} action of `call:control` */
  control(action) {
    if (action === "ice-restart") void this.call?.restartIce();
    if (action === "audio-only") this.call?.audioOnly();
    if (action === "video") void this.call?.resumeVideo();
  }

  toggleMute() {
    this.call?.setMuted(!this.call.muted);
  }

  toggleCamera() {
    void this.call?.setCamera(this.call.cameraOff);
  }

  toggleShare() {
    if (this.call?.sharing) this.call.stopSharing();
    else void this.call?.shareScreen();
  }

  /** @param {C} call @param {Promise<G>} devices */
  async #equip(call, devices) {
    const got = await devices;
    call.setLocalStream(got.stream);
    if (call !== this.call) return;
    this.emit("opening", false);
    this.emit("devices", got);
  }
}
