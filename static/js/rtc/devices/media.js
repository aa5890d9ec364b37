/** @import {MediaKind} from "../../core/types.js" */

/**
 * Camera and microphone. Whatever the devices do, there is an answer: video, else audio alone, else chat only.
 *
 * @typedef {'denied' | 'missing' | 'none' | 'busy' | 'insecure'} DeviceProblem  none: neither camera nor microphone
 * @typedef {{stream: MediaStream | null, media: MediaKind, problem: {device: 'camera' | 'microphone', code: DeviceProblem} | null}} Acquired
 *   media: what was really got; problem: the first thing that failed, for words like "your camera is in use"
 */

/** @type {MediaTrackConstraints} */
export const AUDIO = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/** @type {MediaTrackConstraints} */
export const VIDEO = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 }, facingMode: "user" };

/**
 * What was chosen on this page, by kind; null: what the system takes. Everything that opens a device asks here.
 * @type {{audio: string | null, video: string | null}}
 */
const chosen = { audio: null, video: null };

/** @param {'audio' | 'video'} kind @param {string | null} id  deviceId; a device that is gone is no obstacle */
export function prefer(kind, id) {
  chosen[kind] = id || null;
}

/** @param {'audio' | 'video'} kind @returns {string | null} */
export function preferred(kind) {
  return chosen[kind];
}

/** @typedef {'ideal' | 'exact'} How  whether another device will do */

/**
 * @param {'audio' | 'video'} kind
 * @param {string | null} id  "" or null: the system's default
 * @param {How} how
 * @returns {MediaTrackConstraints}
 */
function constraints(kind, id, how) {
  const base = kind === "video" ? VIDEO : AUDIO;
  if (!id) return base;
  // A chosen camera may look away from its owner.
  const { facingMode: _, ...rest } = base;
  return { ...rest, deviceId: { [how]: id } };
}

/**
 * Opens the devices that were chosen, and what there is where one of them is gone: some browsers (Chromium is one) take
 * their default for a device that is merely wished for, so it is demanded first.
 * @param {Pick<MediaDevices, 'getUserMedia'>} devices
 * @param {('audio' | 'video')[]} kinds
 * @returns {Promise<MediaStream>}
 */
async function openChosen(devices, kinds) {
  const open = (/** @type {How} */ how) =>
    devices.getUserMedia(Object.fromEntries(kinds.map((kind) => [kind, constraints(kind, chosen[kind], how)])));
  try {
    return await open("exact");
  } catch (error) {
    if (/** @type {any} */ (error)?.name !== "OverconstrainedError") throw error;
    return open("ideal");
  }
}

/**
 * @param {MediaKind} wanted
 * @param {(Pick<MediaDevices, 'getUserMedia'> & Partial<Pick<MediaDevices, 'enumerateDevices'>>) | undefined} [devices]
 * @returns {Promise<Acquired>} never rejects
 */
export async function acquire(wanted, devices = globalThis.navigator?.mediaDevices) {
  if (wanted === "chat") return { stream: null, media: "chat", problem: null };
  // Without https (or localhost) browsers have no mediaDevices at all.
  if (!devices) return { stream: null, media: "chat", problem: { device: "microphone", code: "insecure" } };
  // Who has no device is not asked for leave to use it.
  const has = await present(devices);
  if (!has.audio)
    return { stream: null, media: "chat", problem: { device: "microphone", code: has.video ? "missing" : "none" } };
  /** @type {Acquired['problem']} */
  let problem = wanted === "video" && !has.video ? { device: "camera", code: "missing" } : null;
  if (wanted === "video" && has.video) {
    try {
      return {
        stream: await openChosen(devices, ["audio", "video"]),
        media: "video",
        problem,
      };
    } catch (error) {
      problem = { device: "camera", code: problemOf(error) };
    }
  }
  try {
    return { stream: await openChosen(devices, ["audio"]), media: "audio", problem };
  } catch (error) {
    return { stream: null, media: "chat", problem: { device: "microphone", code: problemOf(error) } };
  }
}

/**
 * Which kinds of device there are; the list says so without any permission, only without names. A page that may use
 * none, by the policy of the site that frames it, sees an empty list: then only asking tells.
 * @param {Partial<Pick<MediaDevices, 'enumerateDevices'>>} devices
 * @returns {Promise<{audio: boolean, video: boolean}>}
 */
async function present(devices) {
  const policy = /** @type {any} */ (globalThis.document)?.featurePolicy;
  const may = (/** @type {string} */ feature) => policy?.allowsFeature?.(feature) !== false;
  try {
    const kinds = new Set(
      (await devices.enumerateDevices?.())?.map(({ kind }) => kind) ?? ["audioinput", "videoinput"],
    );
    return { audio: kinds.has("audioinput") || !may("microphone"), video: kinds.has("videoinput") || !may("camera") };
  } catch {
    return { audio: true, video: true };
  }
}

/**
 * One track, to turn the camera or the microphone on in a running call.
 * @param {'audio' | 'video'} kind
 * @param {Pick<MediaDevices, 'getUserMedia'> | undefined} [devices]
 * @param {string | null} [exact]  this device or none
 * @returns {Promise<{track: MediaStreamTrack | null, problem: Acquired['problem']}>}
 */
export async function acquireTrack(kind, devices = globalThis.navigator?.mediaDevices, exact = null) {
  const device = kind === "video" ? "camera" : "microphone";
  if (!devices) return { track: null, problem: { device, code: "insecure" } };
  try {
    const stream = await (exact === null
      ? openChosen(devices, [kind])
      : devices.getUserMedia({ [kind]: constraints(kind, exact, "exact") }));
    return { track: stream.getTracks()[0], problem: null };
  } catch (error) {
    return { track: null, problem: { device, code: problemOf(error) } };
  }
}

/** @param {MediaStream | null} stream  the camera light goes out */
export function release(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/**
 * @param {any} error  DOMException of getUserMedia
 * @returns {DeviceProblem}
 */
export function problemOf(error) {
  switch (error?.name) {
    case "NotAllowedError":
    case "SecurityError":
      return "denied";
    case "NotFoundError":
    case "OverconstrainedError":
      return "missing";
    case "TypeError":
      return "insecure";
    default: // NotReadableError, AbortError and what browsers invent next: something else holds the device
      return "busy";
  }
}
