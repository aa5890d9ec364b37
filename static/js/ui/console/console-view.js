import { t } from "../../core/i18n.js";
import { BannerView } from "./banner-view.js";
import { AvailabilityView } from "./board/availability-view.js";
import { longestWait } from "./board/board-model.js";
import { BoardView } from "./board/board-view.js";
import { ControlsView } from "./call/controls-view.js";
import { CustomerView } from "./call/customer-view.js";
import { DevicesView } from "./call/devices-view.js";
import { DiagnosticsView } from "./call/diagnostics-view.js";
import { StatsView } from "./call/stats-view.js";
import { TransferView } from "./call/transfer-view.js";
import { ChatView } from "./chat/chat-view.js";
import { h, setAttribute, setText, show } from "./dom.js";
import { DossierView } from "./dossier/dossier-view.js";
import { icon } from "./icons.js";
import { MenuView } from "./menu-view.js";
import { StageView, stageLayout } from "./stage-view.js";
import { formatDuration } from "./time.js";

/**
 * @import {ChatModel} from "./chat/chat-model.js"
 * @import {ConsoleState} from "./state.js"
 * @import {DossierModel} from "./dossier/dossier-model.js"
 * @typedef {"board"|"stage"|"chat"|"dossier"} TabName
 */

const TABS = /** @type {const} */ (["board", "stage", "chat", "dossier"]);
const TAB_ICONS = { board: "people", stage: "video", chat: "chat", dossier: "note" };
/** What shares a column beside the stage. */
const SIDES = /** @type {const} */ (["chat", "dossier"]);
const TOAST_MS = 4000;

/** The whole page: bar, board, stage and chat side by side; on a phone one of the three at a time. */
export class ConsoleView {
  /**
   * @param {{setAvailable: (available: boolean) => void, banner: (action: any) => void, loginUrl: string,
   *   links: import("./idle/day-view.js").Links,
   *   leftMessages: {take: (id: string) => void}, transfer: (to: string|null, note: string, line: string|null) => void, me: string,
   *   controls: Record<import("./call/controls-view.js").ControlName, () => void>, menu: import("./menu-view.js").MenuActions,
   *   devices: import("./call/devices-view.js").DeviceActions, dossier: import("./dossier/dossier-view.js").DossierActions,
   *   chat: {send: (text: string) => void, typing: (on: boolean) => void, seen: () => void, takeBack: (key: string) => string,
   *     drafts: import("../../core/drafts.js").Drafts, replies: import("./chat/reply-picker.js").ReplyActions,
   *     invitation: import("./chat/invitation-view.js").InvitationActions,
   *     extras: import("../shared/chat/chat-log.js").Extras & import("../shared/chat/composer.js").Attaching}}} actions
   */
  constructor(actions) {
    this.availability = new AvailabilityView(actions);
    this.menu = new MenuView(actions.menu);
    this.banners = new BannerView({ loginUrl: actions.loginUrl, act: actions.banner });
    this.board = new BoardView();
    this.customer = new CustomerView();
    this.stage = new StageView({ ...actions, openDossier: () => this.demandOutcome() });
    this.stats = new StatsView();
    this.diagnostics = new DiagnosticsView();
    this.devices = new DevicesView(actions.devices);
    this.controls = new ControlsView(actions.controls, this.devices);
    this.transfer = new TransferView(actions.transfer, () => this.controls.transfer.button.focus());
    this.me = actions.me;
    this.chat = new ChatView(actions.chat);
    this.dossier = new DossierView(actions.dossier);
    this.seen = actions.chat.seen;
    this.toast = h("p", { class: "ad-console-toast", role: "status" });
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.toastTimer = undefined;
    /** @type {TabName} */
    this.tab = "stage";
    this.facts = this.makeFacts();
    this.tabs = this.makeTabs();
    this.sides = this.makeSides();
    this.element = h(
      "div",
      { class: "ad-console", "data-tab": this.tab, "data-side": "chat" },
      h("div", { class: "ad-bar" }, this.availability.element, this.facts.element, this.menu.element),
      this.banners.element,
      this.tabs.element,
      h(
        "div",
        { class: "ad-panes" },
        this.board.element,
        h(
          "section",
          { class: "ad-pane ad-pane-stage", "aria-label": t("console.tab.stage") },
          this.customer.element,
          this.stage.element,
          this.stats.element,
          this.diagnostics.element,
          this.controls.element,
        ),
        h("div", { class: "ad-side" }, this.sides.element, this.chat.element, this.dossier.element),
      ),
      this.toast,
      this.transfer.element,
    );
  }

  makeFacts() {
    const values = { waiting: h("strong"), active: h("strong"), longest: h("strong") };
    const element = h(
      "dl",
      { class: "ad-day" },
      ...Object.entries(values).map(([name, value]) =>
        h(
          "div",
          { class: `ad-day-fact ad-day-fact-${name}` },
          h("dd", {}, value),
          h("dt", {}, t(`console.facts.${name}`)),
        ),
      ),
    );
    return { element, values };
  }

  makeTabs() {
    /** @type {Record<string, {button: HTMLElement, mark: HTMLElement}>} */
    const parts = {};
    const element = h("nav", { class: "ad-tabs", "aria-label": t("console.tabs") });
    for (const name of TABS) {
      const mark = h("span", { class: "ad-badge ad-tab-mark" });
      const button = h(
        "button",
        { class: "ad-tab", type: "button", onclick: () => this.openTab(name) },
        icon(TAB_ICONS[name]),
        h("span", {}, t(`console.tab.${name}`)),
        mark,
      );
      parts[name] = { button, mark };
      element.append(button);
    }
    return { element, parts };
  }

  /** Which of the two shares the column beside the stage. */
  makeSides() {
    /** @type {Record<string, {button: HTMLElement, mark: HTMLElement}>} */
    const parts = {};
    const element = h("div", { class: "ad-sides", role: "group", "aria-label": t("console.sides") });
    for (const name of SIDES) {
      const mark = h("span", { class: "ad-badge" });
      const button = h(
        "button",
        { class: "ad-side-choice", type: "button", onclick: () => this.openTab(name) },
        h("span", {}, t(`console.tab.${name}`)),
        mark,
      );
      setAttribute(button, "aria-pressed", name === "chat" ? "true" : "false");
      parts[name] = { button, mark };
      element.append(button);
    }
    return { element, parts };
  }

  /** @param {TabName} name  beside the stage it brings its own to the front of their column */
  openTab(name) {
    this.tab = name;
    setAttribute(this.element, "data-tab", name);
    if (name === "chat" || name === "dossier") this.#openSide(name);
    for (const [tab, { button }] of Object.entries(this.tabs.parts)) {
      setAttribute(button, "aria-current", tab === name ? "true" : null);
    }
    if (name === "chat") {
      this.chat.toEnd();
    }
    this.seen();
  }

  /** @param {"chat"|"dossier"} name */
  #openSide(name) {
    setAttribute(this.element, "data-side", name);
    for (const [side, { button }] of Object.entries(this.sides.parts)) {
      setAttribute(button, "aria-pressed", side === name ? "true" : "false");
    }
  }

  /** Where an outcome is wanted, and why. */
  demandOutcome() {
    this.openTab("dossier");
    this.dossier.wrapUp.demand();
  }

  /** @returns {boolean} whether the chat is on screen: beside the stage or alone, or behind the notes */
  get chatShown() {
    return this.chat.element.getClientRects().length > 0;
  }

  /** @param {string} text */
  say(text) {
    setText(this.toast, text);
    setAttribute(this.toast, "data-shown", true);
    clearTimeout(this.toastTimer);
    this.toastTimer = setTimeout(() => {
      setAttribute(this.toast, "data-shown", null);
      setText(this.toast, "");
    }, TOAST_MS);
  }

  /**
   * What changes with the state.
   * @param {ConsoleState} state
   * @param {ConsoleState} before
   */
  follow(state, before) {
    if (state.phase === "active" && state.customer?.conversation !== before.customer?.conversation) {
      this.#openSide("chat");
      this.openTab(state.customer?.media === "chat" ? "chat" : "stage");
    } else if (state.phase === "active" && before.customer?.media === "chat" && state.customer?.media !== "chat") {
      this.openTab("stage");
    } else if (state.phase === "ended" && before.phase === "active") {
      this.openTab("stage");
      if (!this.dossier.wrapUp.element.hidden) this.#openSide("dossier");
    }
  }

  /**
   * @param {ConsoleState} state
   * @param {ChatModel} chat
   * @param {number} now
   * @param {DossierModel | null} dossier
   */
  update(state, chat, now, dossier) {
    setAttribute(this.element, "data-layout", stageLayout(state));
    setAttribute(this.element, "data-connection", state.connection);
    setAttribute(this.element, "data-ringing", state.attention && state.phase === "active");
    this.availability.update(state, now);
    this.banners.update(state, now);
    this.board.update(state, now);
    this.customer.update(state, now);
    this.stage.update(state, now);
    this.stats.update(state);
    this.diagnostics.update(state, now);
    this.controls.update(state);
    this.transfer.update(state, this.me);
    this.chat.update(chat, state);
    this.dossier.update(dossier, state.wrapUpUntil !== null, now);
    this.updateFacts(state, now);
    this.updateMarks(state, chat);
  }

  /**
   * @param {ConsoleState} state
   * @param {number} now
   */
  updateFacts(state, now) {
    const { board } = state;
    const { waiting, active, longest } = this.facts.values;
    setText(waiting, board.known ? String(board.waitingTotal) : "–");
    setText(active, board.known ? String(board.activeTotal) : "–");
    setText(longest, board.waitingTotal > 0 ? formatDuration(longestWait(board, now)) : "–");
  }

  /**
   * @param {ConsoleState} state
   * @param {ChatModel} chat
   */
  updateMarks(state, chat) {
    const { board, stage, chat: talk, dossier } = this.tabs.parts;
    const beside = this.sides.parts;
    const unread = state.phase === "active" ? chat.unreadCount() : 0;
    setText(board.mark, state.board.waitingTotal > 0 ? String(state.board.waitingTotal) : "");
    for (const { mark } of [talk, beside.chat]) {
      setText(mark, unread > 0 ? String(unread) : "");
      setAttribute(mark, "aria-label", unread > 0 ? t("console.tab.unread", { n: unread }) : null);
    }
    const wanted = state.outcomeMissing && state.wrapUpUntil !== null;
    for (const { mark } of [dossier, beside.dossier]) {
      setText(mark, wanted ? "!" : "");
      setAttribute(mark, "aria-label", wanted ? t("console.ended.outcome") : null);
    }
    show(stage.button, stageLayout(state) !== "chat");
  }
}
