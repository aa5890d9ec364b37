/**
 * One call at a time: begins it when a customer is there, carries its news into the state, ends it with the
 * conversation. The Call itself is made by the entry and handed in.
 */

/**
 * @import {Store, Customer} from "./state.js"
 * @import {MediaDesk} from "./media-desk.js"
 * @typedef {{on: (name: string, listener: (detail: any) => void) => () => void, start: () => void, close: () => void,
 *   setLocalStream: (stream: MediaStream|null) => void, setMuted: (muted: boolean) => void,
 *   setCamera: (on: boolean) => Promise<void>, restartIce: () => Promise<void>, audioOnly: () => void,
 *   shareScreen: () => Promise<boolean>, stopSharing: () => void, sharing: boolean, resumeVideo: () => Promise<void>, resync: (state: any) => void, muted: boolean, cameraOff: boolean}} CallLike
 * @typedef {{polite: boolean, iceServers: any[], icePolicy: "all"|"relay", media: any,
 *   devices: "video"|"audio", gen: number, conversation: string, initiate?: boolean}} CallOptions
 */

export class CallController {
  /**
   * @param {{store: Store, media: MediaDesk, createCall: (options: CallOptions) => CallLike, cameraWanted: () => boolean,
   *   show: (streams: {remote?: MediaStream|null, self?: MediaStream|null}) => void}} options
   */
  constructor({ store, media, createCall, cameraWanted, show }) {
    this.store = store;
    this.media = media;
    this.createCall = createCall;
    this.cameraWanted = cameraWanted;
    this.show = show;
    /** @type {CallLike|null} */
    this.call = null;
    /** @type {string|null} */
    this.conversation = null;
    /** @type {MediaStream|null} one's own side of the call */
    this.localStream = null;
    /** @type {(stream: MediaStream|null) => void} told of it whenever it changes */
    this.onlocal = () => {};
  }

  /**
   * @param {Customer} customer
   * @param {{reloaded?: boolean}} [options] reloaded: the conversation ran already, so this side offers anew
   */
  begin(customer, { reloaded = false } = {}) {
    if (this.conversation === customer.conversation) {
      return;
    }
    this.end();
    if (customer.media === "chat") {
      return;
    }
    this.conversation = customer.conversation;
    const call = this.createCall({
      polite: customer.polite,
      iceServers: customer.iceServers,
      icePolicy: customer.icePolicy,
      media: customer.media,
      devices: this.wanted(customer.media),
      conversation: customer.conversation,
      gen: reloaded ? customer.gen + 1 : customer.gen,
      ...(reloaded ? { initiate: true } : {}),
    });
    this.call = call;
    this.listen(call);
    this.store.dispatch({ type: "call-state", state: "connecting" });
    void this.equip(call, customer.media);
  }

  /** @param {CallLike} call */
  listen(call) {
    const { store } = this;
    call.on("state", (state) => store.dispatch({ type: "call-state", state }));
    call.on("recovery", (recovery) => store.dispatch({ type: "recovery", recovery, now: Date.now() }));
    call.on("stats", (frame) => store.dispatch({ type: "own-stats", frame }));
    call.on("remote-stream", (remote) => this.show({ remote }));
    call.on("remote-video", (on) => store.dispatch({ type: "remote-video", on }));
    call.on("local-stream", (self) => this.showSelf(self));
    call.on("local", ({ muted, cameraOff, sharing }) => {
      store.dispatch({ type: "muted", on: muted });
      store.dispatch({ type: "camera-off", on: cameraOff });
      store.dispatch({ type: "sharing", on: sharing });
    });
    call.on("problem", ({ device, code }) =>
      store.dispatch({ type: "media-error", error: device === "microphone" ? code : "camera" }),
    );
  }

  /** @param {string} media @returns {"video"|"audio"} */
  wanted(media) {
    return media === "video" && this.cameraWanted() ? "video" : "audio";
  }

  /**
   * The call and the devices at once: what is opened joins without another round.
   * @param {CallLike} call
   * @param {string} media
   */
  async equip(call, media) {
    const devices = this.media.take(this.wanted(media));
    this.store.dispatch({ type: "opening", on: true });
    call.start();
    const { stream, error } = await devices;
    call.setLocalStream(stream);
    if (call !== this.call) {
      return;
    }
    this.store.dispatch({ type: "opening", on: false });
    this.store.dispatch({ type: "media-error", error });
    this.store.dispatch({ type: "camera-off", on: call.cameraOff });
  }

  /**
   * Tries the devices once more; what opens joins the running call.
   * @param {string} media
   */
  async retryDevices(media) {
    const { call } = this;
    const { stream, error } = await this.media.take(this.wanted(media));
    if (call === null || call !== this.call) {
      this.media.release(stream);
      return;
    }
    call.setLocalStream(stream);
    this.store.dispatch({ type: "media-error", error });
    this.store.dispatch({ type: "camera-off", on: call.cameraOff });
  }

  /** @param {any} snapshot `resync.state` of the conversation this call belongs to */
  resync(snapshot) {
    this.call?.resync(snapshot);
  }

  /** Ends our side; the server has been told, or has told us. */
  end() {
    this.call?.close();
    this.call = null;
    this.conversation = null;
    this.show({ remote: null });
    this.showSelf(null);
  }

  /** @param {MediaStream|null} self */
  showSelf(self) {
    this.localStream = self;
    this.show({ self });
    this.onlocal(self);
  }

  toggleMute() {
    this.call?.setMuted(!this.call.muted);
  }

  toggleCamera() {
    void this.call?.setCamera(this.call.cameraOff);
  }

  toggleShare() {
    if (this.call?.sharing) {
      this.call.stopSharing();
    } else {
      void this.call?.shareScreen();
    }
  }

  restart() {
    void this.call?.restartIce();
  }

  /** @param {boolean} on */
  audioOnly(on) {
    if (on) {
      this.call?.audioOnly();
    } else {
      void this.call?.resumeVideo();
    }
    this.store.dispatch({ type: "audio-only", on });
  }
}
