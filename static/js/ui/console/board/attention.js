/** Title, desktop notices and sounds: everything that calls an operator who looks elsewhere. */
import { t } from "../../../core/i18n.js";
import { TitleBadge } from "../../shared/title-badge.js";
import { boardIsNews, noticeFor, soundsFor, titlesFor } from "./alerts.js";

/**
 * @import {ConsoleState} from "../state.js"
 * @import {Ringer} from "./ringer.js"
 * @import {Prefs} from "../prefs.js"
 */

export class Attention {
  /**
   * @param {{ringer: Ringer, prefs: Prefs, announce: (waiting: number) => void,
   *   icons: {calm: string, alert: string}|null}} options
   */
  constructor({ ringer, prefs, announce, icons }) {
    this.ringer = ringer;
    this.prefs = prefs;
    this.announce = announce;
    this.icons = icons;
    this.base = document.title;
    this.title = new TitleBadge();
    this.link = /** @type {HTMLLinkElement|null} */ (document.querySelector("link[rel='icon']"));
    /** @type {Notification|null} */
    this.notice = null;
  }

  /**
   * @param {ConsoleState} state
   * @param {ConsoleState} before
   */
  follow(state, before) {
    this.ringer.enabled = this.prefs.get("sound");
    for (const sound of soundsFor(state, before)) {
      this.ringer.make(sound);
    }
    if (boardIsNews(state, before)) {
      this.announce(state.board.waitingTotal);
    }
    const kind = noticeFor(state, before, { hidden: document.hidden, focused: document.hasFocus() });
    if (kind !== null) {
      this.show(kind, state);
    }
    if (!state.attention && before.attention) {
      this.notice?.close();
    }
    this.mark(state);
  }

  /** @param {ConsoleState} state */
  mark(state) {
    const { plain, alert } = titlesFor(state, this.base, (name, invites) =>
      t(invites ? "console.title.invited" : "console.title.ready", { name: name || t("console.customer.unnamed") }),
    );
    this.title.setPlain(plain);
    this.title.setAlert(alert);
    if (this.link && this.icons) {
      const wanted = alert || state.board.waitingMine > 0 ? this.icons.alert : this.icons.calm;
      if (this.link.getAttribute("href") !== wanted) this.link.setAttribute("href", wanted);
    }
  }

  /**
   * @param {"ready"|"invited"|"waiting"} kind
   * @param {ConsoleState} state
   */
  show(kind, state) {
    if (!this.prefs.get("notify") || !("Notification" in window) || Notification.permission !== "granted") {
      return;
    }
    const name = state.customer?.name || t("console.customer.unnamed");
    try {
      this.notice = new Notification(t(`console.notice.${kind}`, { name }), {
        body: t(`console.notice.${kind}-text`),
        tag: "adminara-console",
        requireInteraction: kind !== "waiting",
      });
      this.notice.onclick = () => {
        window.focus();
        this.notice?.close();
      };
    } catch {
      // Android's browsers know the constructor and forbid it.
    }
  }
}
