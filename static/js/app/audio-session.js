/**
 * Safari asks what a page does with sound: in a call the phone then routes it as it does its own calls, and the ring
 * switch and other apps are treated rightly. Elsewhere there is no such thing, and nothing to do.
 *
 * @param {boolean} inCall
 * @param {any} [browser]
 */
export function tellAudioSession(inCall, browser = navigator) {
  if (!browser.audioSession) return;
  try {
    browser.audioSession.type = inCall ? "play-and-record" : "auto";
  } catch {
    // Not for this page: sound goes where it went.
  }
}
