import { t } from "../../core/i18n.js";
import { h, setText, show } from "../shared/dom.js";
import { icon, setIcon } from "../shared/icons.js";

/** @import {CustomerState} from "./state.js" */

/** Tells about the line to the server when it is not well, and says nothing otherwise. */
export class Banner {
  #text = h("span");
  element = h("div", { class: "ad-banner", role: "status", hidden: true }, icon("offline"), this.#text);

  /** @param {CustomerState} state */
  update({ link, screen, media }) {
    const key = bannerKey(link, screen, media);
    this.element.dataset.tone = link === "unavailable" ? "bad" : "warning";
    setIcon(this.element, link === "unavailable" ? "warning" : "offline");
    setText(this.#text, key ? t(key) : "");
    show(this.element, key !== null);
  }
}

/**
 * @param {CustomerState['link']} link
 * @param {CustomerState['screen']} screen
 * @param {CustomerState['media']} [media]
 * @returns {string | null}
 */
export function bannerKey(link, screen, media) {
  if (!["joining", "waiting", "call", "loading"].includes(screen)) return null;
  switch (link) {
    case "offline":
      return "customer.link.offline";
    case "unavailable":
      return "customer.link.unavailable";
    case "reconnecting":
      // Without a socket a call goes on, and a chat does not.
      return screen === "call" && media !== "chat" ? "customer.link.call" : "customer.link.reconnecting";
    default:
      return null;
  }
}
