/**
 * Which tracks show a screen. A track does not say so in every browser (Firefox has no `displaySurface`), but whoever
 * opens one knows.
 * @type {WeakSet<MediaStreamTrack>}
 */
const screens = new WeakSet();

/** @param {MediaStreamTrack} track  of `getDisplayMedia` */
export function markScreen(track) {
  screens.add(track);
}

/** @param {MediaStreamTrack} track */
export function isScreen(track) {
  return screens.has(track);
}
