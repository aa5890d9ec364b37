import { getLocale, t } from "../../core/i18n.js";
import { button } from "../shared/button.js";
import { h, setAttribute, setText, show } from "./dom.js";
import { icon, setIcon } from "./icons.js";
import { formatDuration } from "./time.js";

/**
 * @import {ConsoleState} from "./state.js"
 * @typedef {"retry"|"continue"|"login"|"media"|"dismiss"|"available"|"reload"|"dismiss-relay"|"recheck"} BannerAction
 * @typedef {{key: string, tone: "info"|"warning"|"bad", title: string, text: string,
 *   action: BannerAction|null}} Banner
 */

/**
 * @param {ConsoleState} state
 * @param {number} now
 * @returns {string}
 */
function retryText(state, now) {
  const left = state.retryAt === null ? 0 : Math.ceil((state.retryAt - now) / 1000);
  return left > 2 ? t("console.banner.retry-in", { time: formatDuration(left) }) : "";
}

/**
 * The one banner about the connection, if any: what happened, what it means, what to do.
 * @param {ConsoleState} state
 * @param {number} now
 * @returns {Banner|null}
 */
export function connectionBanner(state, now) {
  switch (state.connection) {
    case "replaced":
      return {
        key: "replaced",
        tone: "warning",
        title: t("console.banner.replaced"),
        text: t("console.banner.replaced-text"),
        action: "continue",
      };
    case "expired":
      return {
        key: "expired",
        tone: "bad",
        title: t("console.banner.expired"),
        text: t("console.banner.expired-text"),
        action: "login",
      };
    case "refused":
      return {
        key: "refused",
        tone: "bad",
        title: t("console.banner.refused"),
        text: t("console.banner.refused-text"),
        action: "reload",
      };
    case "store-out":
      return {
        key: "store-out",
        tone: "bad",
        title: t("console.banner.store-out"),
        text: retryText(state, now),
        action: "retry",
      };
    case "reconnecting":
      return {
        key: "reconnecting",
        tone: "warning",
        title: t("console.banner.reconnecting"),
        text: retryText(state, now),
        action: "retry",
      };
    case "connecting":
      return {
        key: "connecting",
        tone: "info",
        title: t("console.banner.connecting"),
        text: retryText(state, now),
        action: null,
      };
    default:
      return null;
  }
}

/**
 * @param {ConsoleState} state
 * @param {number} now
 * @returns {Banner[]} the most important first
 */
export function bannersFor(state, now) {
  const banners = [connectionBanner(state, now)];
  if (state.lineClosed && state.connection === "online") {
    banners.push({
      key: "closed",
      tone: "info",
      title: t("console.banner.closed"),
      text: closedNote(state.lineNote),
      action: null,
    });
  }
  if (state.lapsed && state.connection === "online") {
    banners.push({ key: "lapsed", tone: "warning", title: t("console.banner.lapsed"), text: "", action: "available" });
  }
  if (state.unanswered && state.connection === "online") {
    banners.push({
      key: "unanswered",
      tone: "warning",
      title: t("console.banner.unanswered"),
      text: t("console.banner.unanswered-text"),
      action: "available",
    });
  }
  if (state.sentAway && state.connection === "online") {
    banners.push({
      key: "sent-away",
      tone: "warning",
      title: t("console.banner.sent-away"),
      text: t("console.banner.sent-away-text"),
      action: "available",
    });
  }
  if (state.mediaError !== null) {
    banners.push({
      key: `media-${state.mediaError}`,
      tone: "warning",
      title: t(`console.banner.media-${state.mediaError}`),
      text: "",
      action: "media",
    });
  }
  if (state.relayOut) {
    banners.push({ key: "relay", tone: "warning", title: t("console.banner.relay"), text: "", action: "recheck" });
  }
  if (state.relaySlow) {
    banners.push({
      key: "relay-slow",
      tone: "info",
      title: t("console.banner.relay-slow"),
      text: "",
      action: "dismiss-relay",
    });
  }
  if (state.socketSlow && state.connection === "online") {
    banners.push({
      key: "socket-slow",
      tone: "info",
      title: t("console.banner.socket-slow"),
      text: "",
      action: "recheck",
    });
  }
  if (state.fault !== null && state.connection === "online") {
    banners.push({
      key: `fault-${state.fault.code}`,
      tone: "warning",
      title: state.fault.message || state.fault.code,
      text: "",
      action: "dismiss",
    });
  }
  return banners.filter((banner) => banner !== null);
}

/**
 * What customers read meanwhile, and when it is planned to end.
 * @param {ConsoleState["lineNote"]} note
 */
function closedNote(note) {
  const end =
    note?.until && new Date(note.until).toLocaleString(getLocale(), { dateStyle: "short", timeStyle: "short" });
  const words = [
    note?.message && t("console.banner.closed-message", { message: note.message }),
    end && t("console.banner.closed-until", { time: end }),
  ];
  return words.filter(Boolean).join(" ");
}

/** @type {Record<BannerAction, string>} */
const LABELS = {
  retry: "console.banner.retry-now",
  continue: "console.banner.continue-here",
  login: "console.banner.login",
  media: "console.banner.media-retry",
  dismiss: "console.banner.dismiss",
  available: "console.go-available",
  reload: "console.banner.reload",
  "dismiss-relay": "console.banner.dismiss",
  recheck: "console.banner.recheck",
};

/** Shows the banners; each is announced once and stays one element while its key stays. */
export class BannerView {
  /** @param {{loginUrl: string, act: (action: BannerAction) => void}} options */
  constructor({ loginUrl, act }) {
    this.loginUrl = loginUrl;
    this.act = act;
    this.element = h("div", {
      class: "ad-banners",
      role: "region",
      "aria-live": "polite",
      "aria-label": t("console.title"),
    });
    /** @type {Map<string, {element: HTMLElement, update: (banner: Banner) => void}>} */
    this.shown = new Map();
  }

  /**
   * @param {ConsoleState} state
   * @param {number} now
   */
  update(state, now) {
    const banners = bannersFor(state, now);
    for (const [key, item] of this.shown) {
      if (!banners.some((banner) => banner.key === key)) {
        item.element.remove();
        this.shown.delete(key);
      }
    }
    for (const banner of banners) {
      const item = this.shown.get(banner.key) ?? this.make(banner);
      item.update(banner);
      if (!item.element.isConnected || !this.shown.has(banner.key)) {
        this.element.append(item.element);
        this.shown.set(banner.key, item);
      }
    }
    show(this.element, banners.length > 0);
  }

  /** @param {Banner} banner */
  make(banner) {
    const sign = icon("warning");
    const title = h("strong");
    // The seconds to the next try run on; a screen reader must not hear each of them.
    const text = h("span", { class: "ad-banner-text", "aria-live": "off" });
    const element = h(
      "div",
      { class: "ad-banner", "data-tone": banner.tone, "data-banner": banner.key },
      sign,
      h("p", {}, title, " ", text),
      banner.action && this.makeAction(banner.action),
    );
    return {
      element,
      /** @param {Banner} next */
      update(next) {
        setAttribute(element, "data-tone", next.tone);
        setIcon(sign, next.tone === "info" ? "refresh" : "warning");
        setText(title, next.title);
        setText(text, next.text);
      },
    };
  }

  /** @param {BannerAction} action */
  makeAction(action) {
    const label = t(LABELS[action]);
    if (action === "login") {
      return h("a", { class: "ad-button ad-button--quiet", href: this.loginUrl }, label);
    }
    return button({ kind: "quiet" }, () => this.act(action), label);
  }
}
