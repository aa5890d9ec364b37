import { Emitter } from "../../core/emitter.js";
import { isScreen, markScreen } from "../../core/screens.js";
import { acquireTrack, release } from "./media.js";

/** @typedef {'audio' | 'video'} Kind */

/**
 * What this side sends: microphone, camera, screen. It owns the local stream and tells the peer connection which track
 * goes out under which kind.
 *
 * Events: 'stream' (MediaStream), 'change' ({muted, cameraOff, sharing}), 'problem' ({device, code}).
 */
export class LocalMedia extends Emitter {
  muted = false;
  sharing = false;
  #closed = false;
  /** @type {MediaStreamTrack | null} the camera, put aside while the screen is shared */
  #camera = null;
  /** The camera was on before `audioOnly()`: only then may it be turned on again from outside. */
  #suspended = false;

  /**
   * @param {MediaStream | null | undefined} stream
   * @param {(kind: Kind, track: MediaStreamTrack | null) => void} setTrack
   */
  constructor(stream, setTrack) {
    super();
    this.stream = stream ?? new MediaStream();
    this.setTrack = setTrack;
  }

  /** Of the camera alone: while the screen is shared it may be on, and waits. */
  get cameraOff() {
    const tracks = this.sharing ? [this.#camera] : this.stream.getVideoTracks();
    return !tracks.some((track) => track?.readyState === "live");
  }

  /** Hands every track to the peer connection. */
  start() {
    for (const track of this.stream.getTracks()) this.setTrack(/** @type {Kind} */ (track.kind), track);
    this.#tell();
  }

  /** Devices that were opened later. @param {MediaStream | null} stream */
  add(stream) {
    for (const track of stream?.getTracks() ?? []) this.#use(track);
  }

  /** @param {boolean} muted */
  setMuted(muted) {
    this.muted = muted;
    for (const track of this.stream.getAudioTracks()) track.enabled = !muted;
    this.#tell();
  }

  /**
   * Off frees the device (its light goes out), on opens it again; the peer sees either by renegotiation.
   * @param {boolean} on
   */
  async setCamera(on) {
    this.#suspended = false;
    if (!on) return this.#drop();
    if (!this.cameraOff) return;
    const { track, problem } = await acquireTrack("video");
    if (problem) this.emit("problem", problem);
    if (track) this.#use(track);
  }

  /** No picture of any kind until `resume()`. */
  audioOnly() {
    const wasOn = !this.cameraOff;
    this.#drop();
    this.stopSharing();
    this.#suspended = wasOn;
  }

  /** The camera again if `audioOnly()` turned it off; never one that its owner had off. */
  async resume() {
    if (this.#suspended) await this.setCamera(true);
  }

  /** The screen in place of the camera. @returns {Promise<boolean>} false when refused or impossible */
  async shareScreen() {
    try {
      const [track] = (await navigator.mediaDevices.getDisplayMedia({ video: true })).getVideoTracks();
      markScreen(track);
      track.onended = () => this.stopSharing();
      // Who asks twice chooses twice: the second screen takes the place of the first, the camera has been put aside.
      if (!this.sharing) {
        this.#camera = this.stream.getVideoTracks()[0] ?? null;
        if (this.#camera) this.stream.removeTrack(this.#camera);
      }
      this.sharing = true;
      this.#use(track);
      return true;
    } catch {
      return false;
    }
  }

  stopSharing() {
    if (!this.sharing) return;
    const camera = this.#camera;
    this.sharing = false;
    this.#camera = null;
    this.#drop();
    if (camera?.readyState === "live") this.#use(camera);
  }

  close() {
    this.#closed = true;
    release(this.stream);
    this.#camera?.stop();
  }

  /** @param {MediaStreamTrack} track */
  #use(track) {
    if (this.#closed) return track.stop();
    if (this.sharing && track.kind === "video" && !isScreen(track)) return this.#putAside(track);
    for (const old of this.stream.getTracks()) {
      if (old.kind !== track.kind || old === track) continue;
      this.stream.removeTrack(old);
      old.stop();
    }
    if (track.kind === "audio") track.enabled = !this.muted;
    this.stream.addTrack(track);
    this.setTrack(/** @type {Kind} */ (track.kind), track);
    this.#tell();
  }

  /** A camera that comes while the screen is shared waits for its end. @param {MediaStreamTrack} track */
  #putAside(track) {
    if (this.#camera !== track) this.#camera?.stop();
    this.#camera = track;
    this.#tell();
  }

  /** The camera goes off, also one that waits for the end of the share; the screen goes on. */
  #drop() {
    if (this.sharing) {
      this.#camera?.stop();
      this.#camera = null;
      return this.#tell();
    }
    for (const track of this.stream.getVideoTracks()) {
      this.stream.removeTrack(track);
      track.stop();
    }
    this.setTrack("video", null);
    this.#tell();
  }

  #tell() {
    this.emit("stream", this.stream);
    this.emit("change", { muted: this.muted, cameraOff: this.cameraOff, sharing: this.sharing });
  }
}
