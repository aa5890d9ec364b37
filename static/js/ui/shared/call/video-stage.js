import { isScreen } from "../../../core/screens.js";
import { button } from "../button.js";
import { h, setText, show } from "../dom.js";

/**
 * The peer's picture with the own one in a corner. While no picture arrives it shows initials instead of a black
 * rectangle; sound plays either way, because it comes through the same element.
 */
export class VideoStage {
  remote = h("video", { class: "ad-stage__remote", autoplay: true, playsinline: true });
  local = h("video", { class: "ad-stage__local", autoplay: true, playsinline: true });
  #initials = h("span", { class: "ad-stage__initials", "aria-hidden": "true" });
  #name = h("p", { class: "ad-stage__name", dir: "auto" });
  #note = h("p", { class: "ad-stage__note" });
  #placeholder = h("div", { class: "ad-stage__placeholder" }, this.#initials, this.#name, this.#note);
  #unlock;
  element;

  /** @param {{unlockLabel: string, localLabel: string}} words  unlock: the button shown when the browser keeps sound back */
  constructor({ unlockLabel, localLabel }) {
    // React to a property, not an attribute: `muted` as an attribute only sets the default.
    this.local.muted = true;
    this.local.setAttribute("aria-label", localLabel);
    this.#unlock = button({ class: "ad-stage__unlock", hidden: true }, () => this.play(), unlockLabel);
    this.element = h("div", { class: "ad-stage" }, this.remote, this.#placeholder, this.local, this.#unlock);
    this.showRemoteVideo(false);
    this.showLocal(null);
  }

  /** @param {string} name @param {string} [note] */
  setPeer(name, note = "") {
    setText(this.#initials, initials(name));
    setText(this.#name, name);
    setText(this.#note, note);
  }

  /** @param {MediaStream} stream */
  setRemote(stream) {
    if (this.remote.srcObject !== stream) this.remote.srcObject = stream;
    this.play();
  }

  /** @param {boolean} arrives */
  showRemoteVideo(arrives) {
    this.element.classList.toggle("ad-stage--picture", arrives);
    show(this.#placeholder, !arrives);
    // A floating window of a picture that ended would stay black in front of everything.
    if (!arrives && document.pictureInPictureElement === this.remote)
      void document.exitPictureInPicture().catch(() => {});
  }

  /** @param {MediaStream | null} stream  null or without a picture hides the corner */
  showLocal(stream) {
    // One's own face is expected as in a mirror; writing on a shared screen is not.
    this.local.classList.toggle("ad-stage__local--screen", stream?.getVideoTracks().some(isScreen) ?? false);
    const picture = stream?.getVideoTracks().some((track) => track.readyState === "live") ?? false;
    show(this.local, picture);
    if (this.local.srcObject !== stream) this.local.srcObject = stream;
    if (picture) this.local.play().catch(() => {});
  }

  /** The peer's picture is there and the browser can float it over other windows. */
  get canFloat() {
    return document.pictureInPictureEnabled === true && this.element.classList.contains("ad-stage--picture");
  }

  /** Picture-in-picture, there and back; a refusal changes nothing. */
  async toggleFloat() {
    try {
      if (document.pictureInPictureElement) await document.exitPictureInPicture();
      else await this.remote.requestPictureInPicture();
    } catch {
      // Refused: the picture stays where it is.
    }
  }

  /** A browser that wants a gesture first gets a button. */
  play() {
    this.remote.play().then(
      () => show(this.#unlock, false),
      (error) => show(this.#unlock, error.name === "NotAllowedError"),
    );
  }

  clear() {
    this.remote.srcObject = null;
    this.local.srcObject = null;
    this.showRemoteVideo(false);
  }
}

/** @param {string} name @returns {string} at most two letters */
export function initials(name) {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return letters.map((word) => [...word][0].toLocaleUpperCase()).join("");
}
