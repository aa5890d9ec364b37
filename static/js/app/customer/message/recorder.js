import { Meter } from "../../../rtc/devices/meter.js";

/**
 * @import {MediaKind} from "../../../core/types.js"
 * @import {Acquired} from "../../../rtc/devices/media.js"
 * @import {RecorderState, RecordingKind} from "../../../ui/customer/message/recorder-view.js"
 *
 * @typedef {{acquire: (media: MediaKind) => Promise<Acquired>, release: (stream: MediaStream | null) => void, secs: number, bytes: number,
 *   name: (kind: RecordingKind, seconds: number) => string, made: (file: File, kind: RecordingKind) => void, gone: (file: File) => void,
 *   Recorder?: typeof MediaRecorder, Meter?: new (stream: MediaStream) => {level: number, stop: () => void}, now?: () => number}} RecorderParts
 *   bytes: at which it stops; made: a recording is there; gone: it is not wanted
 */

/** The first that a browser knows: WebM in Chromium and Firefox, MP4 in Safari. */
const TYPES = {
  voice: ["audio/webm;codecs=opus", "audio/mp4"],
  video: ["video/webm;codecs=vp8,opus", "video/mp4"],
};
/** Two minutes of them are 6 MB; speech needs no more, and lines of phones are thin. */
const RATES = { audioBitsPerSecond: 40_000, videoBitsPerSecond: 380_000 };
const SMALL = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 24 } };
const PIECE_MS = 1000;
const LOOK_MS = 100;
/** @type {RecorderState} */
const OFF = { phase: "off", kind: "voice", seconds: 0, level: 0, problem: null, stream: null, file: null, full: false };

const FAILED = /** @type {const} */ ({ device: "microphone", code: "busy" });

/** @param {RecordingKind} kind @param {typeof MediaRecorder | undefined} [Recorder] @returns {string} empty: this browser cannot */
export function typeFor(kind, Recorder = globalThis.MediaRecorder) {
  return TYPES[kind].find((type) => Recorder?.isTypeSupported(type)) ?? "";
}

/** Records a voice or video message, one at a time, up to a time. */
export class MessageRecorder {
  state = OFF;
  #parts;
  /** @type {(state: RecorderState) => void} */
  #watcher = () => {};
  /** The one that runs. @type {{stop: () => void} | null} */
  #running = null;
  /** Every one is given up for a newer one. */
  #turn = 0;

  /** @param {RecorderParts} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  /** @param {(state: RecorderState) => void} watcher  it takes the place of an earlier one */
  watch(watcher) {
    this.#watcher = watcher;
    watcher(this.state);
  }

  /** @param {RecordingKind} kind */
  async record(kind) {
    this.cancel();
    const turn = ++this.#turn;
    this.#tell({ ...OFF, phase: "asking", kind });
    const { stream, media, problem } = await this.#parts.acquire(kind === "video" ? "video" : "audio");
    const fits = stream !== null && (kind === "voice" || media === "video");
    try {
      if (turn === this.#turn && fits) return this.#run(kind, stream, turn);
    } catch {
      // A recorder that cannot what it said it could.
    }
    this.#parts.release(stream);
    if (turn === this.#turn) this.#tell({ ...OFF, kind, problem: problem ?? FAILED });
  }

  /** What was said until now is kept. */
  stop() {
    this.#running?.stop();
  }

  /** The form is gone from the page: what was said until now is kept, and no device stays open or is opened any more. */
  leave() {
    if (this.state.phase === "asking") this.cancel();
    else this.stop();
  }

  /** Nothing of it is kept, nor of one that was. */
  cancel() {
    this.#turn += 1;
    this.#running?.stop();
    const { phase, problem, file } = this.state;
    if (phase !== "off" || problem) this.#tell(OFF);
    if (file) this.#parts.gone(file);
  }

  /** @param {RecordingKind} kind @param {MediaStream} stream @param {number} turn */
  #run(kind, stream, turn) {
    const { release, secs, bytes, now = () => performance.now() } = this.#parts;
    const type = typeFor(kind, this.#parts.Recorder);
    for (const track of stream.getVideoTracks()) void track.applyConstraints?.(SMALL).catch(() => {});
    /** @type {Blob[]} */
    const pieces = [];
    let size = 0;
    let full = false;
    const recorder = new (this.#parts.Recorder ?? MediaRecorder)(stream, { mimeType: type, ...RATES });
    const meter = new (this.#parts.Meter ?? Meter)(stream);
    const began = now();
    const seconds = () => Math.min(secs, (now() - began) / 1000);
    const end = () => {
      clearInterval(timer);
      meter.stop();
      release(stream);
      if (this.#running === running) this.#running = null;
    };
    const stop = () => recorder.state !== "inactive" && recorder.stop();
    const running = { stop };
    const timer = setInterval(() => {
      if (seconds() >= secs || size >= bytes) {
        full = true;
        return stop();
      }
      this.#tell({ ...this.state, seconds: seconds(), level: meter.level });
    }, LOOK_MS);
    recorder.ondataavailable = ({ data }) => {
      pieces.push(data);
      size += data.size;
    };
    recorder.onstop = () => {
      const lasted = seconds();
      end();
      if (turn !== this.#turn) return;
      if (size === 0) return this.#tell({ ...OFF, kind, problem: FAILED });
      const file = new File(pieces, this.#parts.name(kind, lasted), { type: type.split(";")[0] });
      this.#tell({ ...OFF, phase: "kept", kind, seconds: lasted, file, full });
      this.#parts.made(file, kind);
    };
    // What was recorded until a device went is there; so it is if an encoder fails.
    recorder.onerror = stop;
    this.#running = running;
    recorder.start(PIECE_MS);
    this.#tell({ ...OFF, phase: "recording", kind, stream });
  }

  /** @param {RecorderState} state */
  #tell(state) {
    this.state = state;
    this.#watcher(state);
  }
}
