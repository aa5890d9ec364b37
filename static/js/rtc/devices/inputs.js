import { Emitter } from "../../core/emitter.js";
import { isScreen } from "../../core/screens.js";
import { acquireTrack, prefer, preferred } from "./media.js";

/**
 * @import {Store} from "../../core/types.js"
 *
 * @typedef {'audio' | 'video'} Kind
 * @typedef {{id: string, label: string, group: string}} Input  id "" is the system's default
 * @typedef {{list: Input[], current: string}} InputChoice  current: the id of the device in use or of the one that would be
 * @typedef {{audio: InputChoice, video: InputChoice}} InputState  lists are empty until the browser gives names
 */

const KINDS = /** @type {const} */ (["audio", "video"]);
const REMEMBERED = { audio: "microphone", video: "camera" };

/**
 * Which microphone and camera are used; the choice is kept for the next call.
 *
 * Events: 'change' (InputState), 'offer' ({kind, input}: plugged in; ask, then `choose(kind, id)`), 'swap' ({kind, track}:
 * send this track from now on), 'lost' ({kind, label, next}: unplugged; next: the name of what is used instead, or null),
 * 'failed' ({kind, problem}: not possible, the earlier one goes on), 'chosen' ({kind, input}).
 */
export class Inputs extends Emitter {
  /** @type {Record<Kind, Input[]>} */
  #lists = { audio: [], video: [] };
  /** @type {Record<Kind, MediaStreamTrack | null>} */
  #tracks = { audio: null, video: null };
  /** @type {WeakSet<MediaStreamTrack>} */
  #watched = new WeakSet();
  #store;
  #devices;
  #open;
  #changed = () => void this.refresh({ announce: true });

  /** @param {{store: Store, devices?: any, open?: typeof acquireTrack}} options  devices: `navigator.mediaDevices` */
  constructor({ store, devices = globalThis.navigator?.mediaDevices, open = acquireTrack }) {
    super();
    this.#store = store;
    this.#devices = devices;
    this.#open = open;
    for (const kind of KINDS) prefer(kind, store.get(REMEMBERED[kind]));
  }

  /** @returns {InputState} */
  get state() {
    return { audio: this.#choice("audio"), video: this.#choice("video") };
  }

  async start() {
    if (!this.#devices) return;
    this.#devices.addEventListener("devicechange", this.#changed);
    await this.refresh();
  }

  stop() {
    this.#devices?.removeEventListener?.("devicechange", this.#changed);
    this.follow(null);
  }

  /**
   * Looks again: after permission was given, or devices changed.
   * @param {{announce?: boolean}} [options]  announce: new devices are offered
   */
  async refresh({ announce = false } = {}) {
    if (!this.#devices) return;
    const before = this.#lists;
    const found = await this.#devices.enumerateDevices();
    this.#lists = { audio: inputsOf(found, "audioinput"), video: inputsOf(found, "videoinput") };
    this.emit("change", this.state);
    if (!announce) return;
    for (const kind of KINDS) {
      // An empty list means names that were not given yet, not devices that were not there.
      const fresh = before[kind].length
        ? this.#lists[kind].find(({ id }) => id && !before[kind].some((known) => known.id === id))
        : undefined;
      if (fresh && fresh.id !== this.#choice(kind).current) this.emit("offer", { kind, input: fresh });
    }
  }

  /** The stream that is sent or shown now: its devices are the current ones. @param {MediaStream | null} stream */
  follow(stream) {
    for (const kind of KINDS) {
      const track = stream?.getTracks().find((one) => one.kind === kind && !isScreen(one)) ?? null;
      this.#tracks[kind] = track;
      if (!track || this.#watched.has(track)) continue;
      this.#watched.add(track);
      // Only what the browser ended says so; a track that we stop is silent.
      track.addEventListener("ended", () => void this.#lose(kind, track));
    }
    this.emit("change", this.state);
  }

  /**
   * Where a device of this kind is in use, it is opened and handed over by 'swap'; on failure the earlier one goes on.
   * @param {Kind} kind @param {string} id  "" for the default
   * @returns {Promise<boolean>}
   */
  async choose(kind, id) {
    const before = preferred(kind);
    prefer(kind, id);
    if (this.#tracks[kind]) {
      const { track, problem } = await this.#open(kind, this.#devices, id);
      if (!track) {
        prefer(kind, before);
        this.emit("failed", { kind, problem });
        this.emit("change", this.state);
        return false;
      }
      this.emit("swap", { kind, track });
    }
    if (id) this.#store.set(REMEMBERED[kind], id);
    else this.#store.remove(REMEMBERED[kind]);
    this.emit("chosen", {
      kind,
      input: this.#lists[kind].find((one) => one.id === id) ?? { id, label: "", group: "" },
    });
    this.emit("change", this.state);
    return true;
  }

  /** The device is gone. What is remembered stays: it may be plugged in again. @param {Kind} kind @param {MediaStreamTrack} track */
  async #lose(kind, track) {
    if (this.#tracks[kind] !== track) return;
    this.#tracks[kind] = null;
    prefer(kind, null);
    const { track: next } = await this.#open(kind, this.#devices);
    if (next) this.emit("swap", { kind, track: next });
    this.emit("lost", { kind, label: track.label, next: next?.label ?? null });
    await this.refresh();
  }

  /** @param {Kind} kind @returns {InputChoice} */
  #choice(kind) {
    const list = this.#lists[kind];
    const used = this.#tracks[kind]?.getSettings?.().deviceId;
    const wish = used === "default" ? "" : (used ?? preferred(kind) ?? "");
    const known = list.some(({ id }) => id === wish);
    return { list, current: known ? wish : (list[0]?.id ?? "") };
  }
}

/**
 * @param {any[]} devices  MediaDeviceInfo @param {'audioinput' | 'videoinput'} kind
 * @returns {Input[]} those with names, without the aliases Chromium adds
 */
export function inputsOf(devices, kind) {
  return devices
    .filter((device) => device.kind === kind && device.label && device.deviceId !== "communications")
    .map(({ deviceId, label, groupId = "" }) => ({
      id: deviceId === "default" ? "" : deviceId,
      label,
      group: groupId,
    }));
}
