import { Emitter } from "../../core/emitter.js";

/**
 * @import {Store} from "../../core/types.js"
 *
 * @typedef {'speaker' | 'headset' | 'earpiece' | 'bluetooth' | 'default' | 'other'} OutputType
 * @typedef {{id: string, label: string, type: OutputType, group: string}} Output  id "" is the system's default; group: the
 *   browser's id of one thing with several devices
 * @typedef {'select' | 'prompt' | 'none'} OutputSupport
 *   select: list and `choose()`; prompt: the browser has its own picker, `prompt()` (Firefox); none: only the system
 *   can change it, say so
 * @typedef {{state: OutputSupport, outputs: Output[], current: Output | null}} OutputState  current null: the default
 *
 * @typedef {{setSinkId?: (id: string) => Promise<void>}} Sink  an audio or video element
 */

const REMEMBERED = "audio-output";

/**
 * Where the other side is heard. The page hands in the elements that play; the choice is kept for the next call.
 *
 * Events: 'change' (OutputState), 'offer' (Output: a device was plugged in; ask, then `choose(id)`), 'lost' ({output}:
 * the chosen device is gone, the default plays), 'failed' ({output, error}: not possible, the earlier one plays on),
 * 'chosen' ({output, device_type}: tell the server, `metrics:audio-output`).
 */
export class Outputs extends Emitter {
  /** @type {Output[]} */
  #outputs = [];
  /** @type {Output | null} */
  #current = null;
  /** @type {Set<Sink>} */
  #sinks = new Set();
  #store;
  #devices;
  #Element;
  /** @type {Promise<void>} one change after the other: a slow switch must not overtake a later one */
  #chain = Promise.resolve();
  #changed = () => void this.refresh({ announce: true });

  /**
   * @param {{store: Store, devices?: any, Element?: any}} options  devices: `navigator.mediaDevices`; Element: HTMLMediaElement
   */
  constructor({ store, devices = globalThis.navigator?.mediaDevices, Element = globalThis.HTMLMediaElement }) {
    super();
    this.#store = store;
    this.#devices = devices;
    this.#Element = Element;
  }

  /** @returns {OutputSupport} */
  get support() {
    if (!this.#devices || !this.#Element?.prototype || !("setSinkId" in this.#Element.prototype)) return "none";
    return typeof this.#devices.selectAudioOutput === "function" ? "prompt" : "select";
  }

  /** @returns {OutputState} */
  get state() {
    return { state: this.support, outputs: this.#outputs, current: this.#current };
  }

  /** Lists the devices and takes up the remembered one. Labels are there once the microphone is allowed. */
  async start() {
    if (this.support === "none") return this.emit("change", this.state);
    this.#devices.addEventListener("devicechange", this.#changed);
    await this.refresh();
  }

  stop() {
    this.#devices?.removeEventListener?.("devicechange", this.#changed);
    this.#sinks.clear();
  }

  /** @param {Sink} sink  an element that plays the other side; it gets the current output @returns {() => void} */
  add(sink) {
    this.#sinks.add(sink);
    if (this.#current) void this.#queue(() => this.#route([sink], this.#current?.id ?? ""));
    return () => void this.#sinks.delete(sink);
  }

  /**
   * Looks again: after permission was given, or devices changed.
   * @param {{announce?: boolean}} [options]  announce: new devices are offered
   */
  async refresh({ announce = false } = {}) {
    if (this.support === "none") return;
    const before = this.#outputs;
    this.#outputs = outputsOf(await this.#devices.enumerateDevices());
    if (this.#current && !this.#outputs.some(({ id }) => id === this.#current?.id)) await this.#lose();
    else if (!this.#current) await this.#remember();
    this.emit("change", this.state);
    if (!announce || before.length === 0) return;
    const fresh = this.#outputs.find(({ id }) => id && !before.some((known) => known.id === id));
    if (fresh && fresh.id !== this.#current?.id) this.emit("offer", fresh);
  }

  /**
   * After a gesture. On failure the earlier output goes on.
   * @param {string} id  "" for the default
   * @returns {Promise<boolean>}
   */
  async choose(id) {
    const output = this.#outputs.find((known) => known.id === id) ?? {
      id,
      label: "",
      type: /** @type {OutputType} */ (id ? "other" : "default"),
      group: "",
    };
    let done = false;
    await this.#queue(async () => {
      done = await this.#switch(output);
    });
    if (!done) return false;
    if (id) this.#store.set(REMEMBERED, id);
    else this.#store.remove(REMEMBERED);
    this.emit("chosen", { output, device_type: output.type });
    this.emit("change", this.state);
    return true;
  }

  /** The browser's own picker, where it has one. @returns {Promise<boolean>} false when the person chose nothing */
  async prompt() {
    try {
      const device = await this.#devices.selectAudioOutput();
      await this.refresh();
      if (!this.#outputs.some(({ id }) => id === device.deviceId)) this.#outputs = [...this.#outputs, outputOf(device)];
      return await this.choose(device.deviceId);
    } catch (error) {
      if (/** @type {any} */ (error)?.name !== "NotAllowedError") this.emit("failed", { output: null, error });
      return false;
    }
  }

  /** Between a headset and the loudspeaker. @returns {Promise<boolean>} false when there is only one kind */
  async toggle() {
    const wanted = isPersonal(this.#current?.type ?? "default") ? "speaker" : "headset";
    const next =
      this.#outputs.find(({ type }) => (wanted === "headset" ? isPersonal(type) : type === "speaker")) ??
      (wanted === "speaker" ? this.#outputs.find(({ type }) => type === "default") : undefined);
    return next ? this.choose(next.id) : false;
  }

  /** The device of the last call, if it is there: without a word, it was chosen once. */
  async #remember() {
    const kept = this.#outputs.find(({ id }) => id && id === this.#store.get(REMEMBERED));
    if (kept) await this.#queue(async () => void (await this.#switch(kept, { quiet: true })));
  }

  async #lose() {
    const output = /** @type {Output} */ (this.#current);
    this.#current = null;
    // The browser stays silent on a sink that is gone; the default must be asked for.
    await this.#queue(() => this.#route([...this.#sinks], ""));
    this.emit("lost", { output });
  }

  /**
   * @param {Output} output
   * @param {{quiet?: boolean}} [options]
   * @returns {Promise<boolean>}
   */
  async #switch(output, { quiet = false } = {}) {
    try {
      await this.#route([...this.#sinks], output.id);
      this.#current = output.id ? output : null;
      return true;
    } catch (error) {
      await this.#route([...this.#sinks], this.#current?.id ?? "").catch(() => {});
      if (!quiet) this.emit("failed", { output, error });
      return false;
    }
  }

  /** @param {Sink[]} sinks @param {string} id */
  async #route(sinks, id) {
    await Promise.all(sinks.map((sink) => sink.setSinkId?.(id)));
  }

  /** @param {() => Promise<void>} job @returns {Promise<void>} */
  #queue(job) {
    this.#chain = this.#chain.then(job).catch((error) => this.emit("failed", { output: this.#current, error }));
    return this.#chain;
  }
}

/** @param {any[]} devices  MediaDeviceInfo @returns {Output[]} without the aliases Chromium adds */
export function outputsOf(devices) {
  return devices.filter(({ kind, deviceId }) => kind === "audiooutput" && deviceId !== "communications").map(outputOf);
}

/** @param {{deviceId: string, label: string, groupId?: string}} device @returns {Output} */
function outputOf({ deviceId, label, groupId = "" }) {
  const id = deviceId === "default" ? "" : deviceId;
  return { id, label, type: id ? typeOf(label) : "default", group: groupId };
}

/** What a label says of its device; anonymous enough to be counted. @param {string} label @returns {OutputType} */
export function typeOf(label) {
  if (/bluetooth|airpods|buds|hands-?free/i.test(label)) return "bluetooth";
  if (/head(set|phone)|kulakl|earphone|kopfh/i.test(label)) return "headset";
  if (/earpiece|ahize|receiver/i.test(label)) return "earpiece";
  if (/speaker|hoparl|lautsprecher|hdmi|display|built-?in/i.test(label)) return "speaker";
  return "other";
}

/** @param {OutputType} type  worn on the head */
function isPersonal(type) {
  return type === "headset" || type === "bluetooth" || type === "earpiece";
}
