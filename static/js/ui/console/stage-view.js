import { t } from "../../core/i18n.js";
import { button } from "../shared/button.js";
import { ReconnectView } from "../shared/call/reconnect-view.js";
import { noticeOf } from "../shared/call/trouble.js";
import { VideoStage } from "../shared/call/video-stage.js";
import { waitedSeconds } from "./board/board-model.js";
import { h, setAttribute, setText, show } from "./dom.js";
import { icon, ring, setIcon, setRing } from "./icons.js";
import { AgendaView } from "./idle/agenda-view.js";
import { DayView } from "./idle/day-view.js";
import { LeftMessagesView } from "./idle/left-messages-view.js";
import { isOver } from "./reduce.js";
import { situation } from "./state.js";
import { formatDuration, isoSeconds, remainingSeconds } from "./time.js";

/**
 * @import {ConsoleState} from "./state.js"
 * @import {Notice} from "../shared/call/trouble.js"
 * @import {NoticeWords} from "../shared/call/reconnect-view.js"
 */

const NEXT_SHOWN = 3;
const REASONS = ["silence", "failed", "network", "wake"];

/**
 * What is being tried, for somebody who may want to know why.
 * @param {Notice} notice
 * @returns {NoticeWords}
 */
export function reconnectWords({ who, step, reason, attempts }) {
  if (who === "away") return { title: t("console.reconnect.away"), text: t("console.reconnect.away-text") };
  const cause = reason !== null && REASONS.includes(reason) ? t(`console.reconnect.reason.${reason}`) : "";
  const count = attempts > 0 ? t("console.reconnect.attempt", { n: attempts }) : "";
  return {
    title: who === "peer" ? t("console.reconnect.peer") : t("console.call.reconnecting"),
    text: [t(`console.reconnect.${step}`), cause, count].filter(Boolean).join(" · "),
  };
}

/**
 * Which picture the stage shows.
 * @param {ConsoleState} state
 * @returns {"video"|"audio"|"chat"|"ended"|"idle"}
 */
export function stageLayout(state) {
  if (state.phase === "active" && state.customer) {
    return state.customer.media === "video" && state.audioOnly ? "audio" : /** @type {any} */ (state.customer.media);
  }
  // On a break it is no longer the last customer who matters, but who waits.
  return state.phase === "ended" && state.summary !== null && situation(state) !== "break" ? "ended" : "idle";
}

/** Reasons that say more than who ended it. */
const TOLD = new Set([
  "customer-lost",
  "operator-lost",
  "connection",
  "abandoned",
  "removed",
  "blocked",
  "erased",
  "repaired",
  "unanswered",
  "transferred",
]);

/**
 * @param {Pick<import("./state.js").Summary, "by" | "reason">} summary
 * @returns {string} how it ended, in the reader's words
 */
export function enderText({ by, reason }) {
  if (TOLD.has(reason)) return t(`console.reason.${reason}`);
  const who = by || reason;
  return t(who === "operator" || who === "customer" ? `console.reason.${who}` : "console.reason.system");
}

/** The middle of the page: the running call, what happens next, or how the last conversation went. */
export class StageView {
  /**
   * @param {{setAvailable: (available: boolean) => void, openDossier: () => void, links: import("./idle/day-view.js").Links,
   *   leftMessages: {take: (id: string) => void}}} actions
   */
  constructor({ setAvailable, openDossier, links, leftMessages }) {
    this.setAvailable = setAvailable;
    this.openDossier = openDossier;
    this.day = new DayView(links);
    this.agenda = new AgendaView();
    this.left = new LeftMessagesView(leftMessages);
    this.video = new VideoStage({ unlockLabel: t("console.video.play"), localLabel: t("console.video.self") });
    this.video.remote.setAttribute("aria-label", t("console.video.remote"));
    this.callText = h("span");
    this.callChip = h(
      "p",
      { class: "ad-stage-call", role: "status" },
      h("span", { class: "ad-spinner", "aria-hidden": "true" }),
      this.callText,
    );
    this.shareText = h("p", { class: "ad-stage-share", role: "status", hidden: true });
    this.reconnect = new ReconnectView({ words: reconnectWords });
    this.call = h(
      "div",
      { class: "ad-stage-call-box" },
      this.video.element,
      this.reconnect.element,
      this.shareText,
      this.callChip,
    );
    this.idle = this.makeIdle();
    this.ended = this.makeEnded();
    this.element = h("div", { class: "ad-stage-area" }, this.call, this.idle.element, this.ended.element);
  }

  makeIdle() {
    const sign = icon("coffee");
    const title = h("h2");
    const text = h("p");
    const extra = h("p", { class: "ad-stage-extra" });
    const next = h("ol", { class: "ad-stage-queue", "aria-label": t("console.board.waiting") });
    const element = h(
      "div",
      { class: "ad-stage-card ad-stage-idle" },
      h("span", { class: "ad-stage-sign" }, sign),
      title,
      text,
      extra,
      next,
      this.agenda.element,
      this.left.element,
      this.day.element,
    );
    return { element, sign, title, text, extra, next };
  }

  makeEnded() {
    const title = h("h2");
    const facts = { duration: h("dd"), lines: h("dd"), reason: h("dd") };
    const countdown = ring();
    const next = h("p", { class: "ad-stage-next", "aria-live": "off" });
    const ask = button({ kind: "quiet", class: "ad-stage-ask" }, () => this.openDossier(), t("console.ended.outcome"));
    const rest = button({ kind: "quiet" }, () => this.setAvailable(false), icon("coffee"), t("console.go-break"));
    const ready = button({}, () => this.setAvailable(true), t("console.ready-now"));
    const element = h(
      "div",
      { class: "ad-stage-card ad-stage-ended" },
      h("span", { class: "ad-stage-sign" }, countdown, icon("check")),
      title,
      h(
        "dl",
        { class: "ad-summary" },
        ...Object.entries(facts).map(([name, dd]) => h("div", {}, h("dt", {}, t(`console.ended.${name}`)), dd)),
      ),
      next,
      ask,
      h("div", { class: "ad-stage-acts" }, ready, rest),
    );
    return { element, title, facts, ring: countdown, next, ask, ready, rest };
  }

  /** @param {MediaStream|null} stream the customer's sound and picture */
  setRemote(stream) {
    if (stream === null) {
      this.video.clear();
    } else {
      this.video.setRemote(stream);
    }
  }

  /** @param {MediaStream|null} stream one's own picture */
  setSelf(stream) {
    this.video.showLocal(stream);
  }

  /**
   * @param {ConsoleState} state
   * @param {number} now
   */
  update(state, now) {
    const layout = stageLayout(state);
    setAttribute(this.element, "data-layout", layout);
    const calls = layout === "video" || layout === "audio";
    show(this.call, calls);
    show(this.idle.element, layout === "idle");
    show(this.ended.element, layout === "ended");
    this.reconnect.update(
      calls ? noticeOf({ own: state.trouble, peer: state.peerTrouble, awayAt: state.awayAt }) : null,
    );
    if (calls) {
      this.updateCall(state, layout === "video");
    } else if (layout === "idle") {
      this.updateIdle(state, now);
    } else if (layout === "ended") {
      this.updateEnded(state, now);
    }
  }

  /**
   * @param {ConsoleState} state
   * @param {boolean} video
   */
  updateCall(state, video) {
    this.video.setPeer(state.customer?.name || t("console.customer.unnamed"));
    this.video.showRemoteVideo(video && state.remoteVideo);
    const shares = state.sharing ? "own" : state.peerSharing && state.remoteVideo ? "peer" : "";
    show(this.shareText, shares !== "" && state.call === "connected");
    setText(this.shareText, shares ? t(`console.sharing.${shares}`) : "");
    show(this.callChip, state.call !== "connected" && state.trouble === null);
    setAttribute(this.callChip, "data-call", state.call);
    setText(this.callText, t(`console.call.${state.call === "none" ? "connecting" : state.call}`));
  }

  /**
   * @param {ConsoleState} state
   * @param {number} now
   */
  updateIdle(state, now) {
    const here = situation(state);
    const offline = state.connection !== "online";
    const key = offline ? state.connection : here === "break" ? "break" : "available";
    setIcon(this.idle.sign, offline ? "link" : key === "break" ? "coffee" : "bell");
    setAttribute(this.idle.element, "data-state", !offline ? key : isOver(state.connection) ? "over" : "offline");
    setText(this.idle.title, t(`console.idle.${key}`));
    setText(this.idle.text, t(`console.idle.${key}-text`));
    const waiting = state.board.waitingTotal;
    show(this.idle.extra, key === "break" && waiting > 0);
    setText(this.idle.extra, waiting > 0 ? t("console.idle.break-waiting", { n: waiting }) : "");
    this.updateNext(key === "break" ? state.board.waiting.slice(0, NEXT_SHOWN) : [], now);
    show(this.agenda.element, !offline && this.agenda.known);
    show(this.left.element, !offline && this.left.known);
    show(this.day.element, !offline && this.day.known);
  }

  /**
   * On a phone the board is on another tab: whoever thinks about going on sees here for whom.
   * @param {import("./board/board-model.js").WaitingRow[]} rows
   * @param {number} now
   */
  updateNext(rows, now) {
    const { next } = this.idle;
    show(next, rows.length > 0);
    while (next.children.length > rows.length) next.lastElementChild?.remove();
    while (next.children.length < rows.length) next.append(h("li", {}, h("bdi"), h("time")));
    rows.forEach((row, index) => {
      const [name, waited] = next.children[index].children;
      const seconds = waitedSeconds(row, now);
      setText(name, row.name || t("console.customer.unnamed"));
      setText(waited, formatDuration(seconds));
      setAttribute(waited, "datetime", isoSeconds(seconds));
    });
  }

  /**
   * @param {ConsoleState} state
   * @param {number} now
   */
  updateEnded(state, now) {
    const summary = state.summary;
    if (summary === null) {
      return;
    }
    const { title, facts, next, ask, ready, rest } = this.ended;
    setText(title, summary.name ? t("console.ended.with", { name: summary.name }) : t("console.ended"));
    setText(facts.duration, formatDuration(summary.seconds));
    setText(facts.lines, String(summary.lines));
    setText(facts.reason, enderText(summary));
    const left = remainingSeconds(state.wrapUpUntil, now, state.offset);
    const whole = state.wrapUpUntil === null ? 0 : (state.wrapUpUntil - (state.wrapUpFrom ?? state.wrapUpUntil)) / 1000;
    setRing(this.ended.ring, whole > 0 ? left / whole : 0);
    const here = situation(state);
    const key = here === "wrap-up" ? (state.outcomeMissing ? "next-outcome" : "next") : "next-now";
    setText(next, t(`console.ended.${key}`, { time: formatDuration(Math.ceil(left)) }));
    show(ask, state.outcomeMissing);
    show(ready, here === "wrap-up");
    ready.disabled = rest.disabled = state.connection !== "online";
  }
}
