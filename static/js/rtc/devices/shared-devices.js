/**
 * @import {MediaKind} from "../../core/types.js"
 * @import {Acquired} from "./media.js"
 *
 * @typedef {(media: MediaKind) => Promise<Acquired>} Acquire
 */

const KEPT_MS = 4000;

/**
 * Whoever asks for the same devices within a few seconds gets them at once, without opening them again: the check of a
 * waiting customer and the call that follows, or a call on a reloaded page that had them opened while it connected.
 * Everybody has tracks of his own to stop; the device goes off with the last of them.
 *
 * @param {Acquire} acquire
 * @param {(stream: MediaStream | null) => void} release
 * @param {number} [keptMs]
 * @returns {{acquire: Acquire, warm: (media: MediaKind) => void}} warm: opens them for somebody who will ask soon
 */
export function shareDevices(acquire, release, keptMs = KEPT_MS) {
  /** @type {{media: MediaKind, devices: Promise<Acquired>} | null} */
  let shared = null;

  /** @param {MediaKind} media */
  const open = (media) => {
    if (shared?.media === media) return shared.devices;
    const mine = { media, devices: acquire(media) };
    shared = mine;
    setTimeout(() => {
      if (shared === mine) shared = null;
      void mine.devices.then(({ stream }) => release(stream));
    }, keptMs);
    return mine.devices;
  };

  return {
    warm: (media) => void (media !== "chat" && open(media)),
    acquire: async (media) => {
      const got = await open(media);
      return { ...got, stream: got.stream?.clone() ?? null };
    },
  };
}
