import { CallController } from "../call-controller.js";

/**
 * @import {CallLike} from "../call-controller.js"
 * @import {Customer, Store} from "../../ui/console/state.js"
 * @import {MediaDesk} from "./media-desk.js"
 * @typedef {{polite: boolean, iceServers: any[], icePolicy: "all"|"relay", media: any,
 *   devices: "video"|"audio", gen: number, conversation: string, initiate?: boolean}} CallOptions
 * @typedef {{store: Store, media: MediaDesk, createCall: (options: CallOptions) => CallLike, cameraWanted: () => boolean,
 *   kept?: {get: (key: string) => string|null, set: (key: string, value: string) => void},
 *   show: (streams: {remote?: MediaStream|null, self?: MediaStream|null}) => void}} DeskParts
 */

/** The operator's calls: begun for the customer on the screen, their news carried into the state. */
export class DeskCalls {
  #parts;
  /** @type {CallController<CallLike, {stream: MediaStream|null, error: string|null}>} */
  #calls;

  /** @param {DeskParts} parts */
  constructor(parts) {
    this.#parts = parts;
    const { store, media } = parts;
    this.#calls = new CallController({ release: (stream) => media.release(stream) });
    this.#calls.on("call", (call) => (call ? this.#listen(call) : this.#showNobody()));
    this.#calls.on("opening", (on) => store.dispatch({ type: "opening", on }));
    this.#calls.on("devices", ({ error }) => {
      store.dispatch({ type: "media-error", error });
      store.dispatch({ type: "camera-off", on: this.call?.cameraOff ?? true });
    });
    /** @type {MediaStream|null} one's own side of the call */
    this.localStream = null;
    /** @type {(stream: MediaStream|null) => void} told of it whenever it changes */
    this.onlocal = () => {};
  }

  get call() {
    return this.#calls.call;
  }

  /** @param {string} conversation */
  has(conversation) {
    return this.#calls.has(conversation);
  }

  /**
   * @param {Customer} customer
   * @param {{reloaded?: boolean}} [options] reloaded: the conversation ran already, so this side offers anew
   */
  begin(customer, { reloaded = false } = {}) {
    const { conversation, polite, iceServers, icePolicy, media, gen } = customer;
    if (media === "chat") return this.#calls.end();
    if (this.#calls.has(conversation)) return;
    this.#calls.end();
    const devices = this.#wanted(customer);
    const call = this.#parts.createCall({
      polite,
      iceServers,
      icePolicy,
      media,
      devices,
      conversation,
      // The customer's page begins above it too, and hears nothing of what is below.
      gen: reloaded || gen > 0 ? gen + 1 : 0,
      ...(reloaded ? { initiate: true } : {}),
    });
    this.#calls.begin(conversation, call, () => this.#parts.media.take(devices));
  }

  /** The camera has waited for the operator's answer. @param {Customer} customer */
  openCamera(customer) {
    if (this.has(customer.conversation) && this.#wanted(customer) === "video") void this.call?.setCamera(true);
  }

  /** @param {Customer} customer */
  async retryDevices(customer) {
    await this.#calls.retryDevices(() => this.#parts.media.take(this.#wanted(customer)));
  }

  /** The camera stays off at the beginning of this conversation's call, also after a reload. @param {string} conversation */
  keepDark(conversation) {
    this.#parts.kept?.set("dark", conversation);
  }

  /** @param {any} snapshot `resync.state` of the conversation this call belongs to */
  resync(snapshot) {
    this.#calls.resync(snapshot);
  }

  end() {
    this.#calls.end();
  }

  toggleMute() {
    this.#calls.toggleMute();
  }

  toggleCamera() {
    this.#calls.toggleCamera();
  }

  toggleShare() {
    this.#calls.toggleShare();
  }

  /** @param {"ice-restart"|"audio-only"|"video"} action */
  control(action) {
    this.#calls.control(action);
    if (action !== "ice-restart") this.#parts.store.dispatch({ type: "audio-only", on: action === "audio-only" });
  }

  /** @param {CallLike} call */
  #listen(call) {
    const { store, show } = this.#parts;
    call.on("state", (state) => store.dispatch({ type: "call-state", state }));
    call.on("recovery", (recovery) => store.dispatch({ type: "recovery", recovery, now: Date.now() }));
    call.on("stats", (frame) => store.dispatch({ type: "own-stats", frame }));
    call.on("remote-stream", (remote) => show({ remote }));
    call.on("remote-video", (on) => store.dispatch({ type: "remote-video", on }));
    call.on("local-stream", (self) => this.#showSelf(self));
    call.on("local", ({ muted, cameraOff, sharing }) => {
      store.dispatch({ type: "muted", on: muted });
      store.dispatch({ type: "camera-off", on: cameraOff });
      store.dispatch({ type: "sharing", on: sharing });
    });
    call.on("problem", ({ device, code }) =>
      store.dispatch({ type: "media-error", error: device === "microphone" ? code : "camera" }),
    );
    store.dispatch({ type: "call-state", state: "connecting" });
  }

  /** @param {Customer} customer @returns {"video"|"audio"} */
  #wanted({ media, conversation }) {
    const wanted = this.#parts.cameraWanted() && this.#parts.kept?.get("dark") !== conversation;
    return media === "video" && wanted ? "video" : "audio";
  }

  #showNobody() {
    this.#parts.show({ remote: null });
    this.#showSelf(null);
  }

  /** @param {MediaStream|null} self */
  #showSelf(self) {
    this.localStream = self;
    this.#parts.show({ self });
    this.onlocal(self);
  }
}
