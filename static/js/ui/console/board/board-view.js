import { t } from "../../../core/i18n.js";
import { h, setAttribute, setText, show } from "../dom.js";
import { icon, mediaIcon, setIcon } from "../icons.js";
import { situation } from "../state.js";
import { clockTime, formatDuration, isoSeconds } from "../time.js";
import { answerRows } from "./answers.js";
import { deviceFailed, planKeys, relayFailed, talkedSeconds, urgency, waitedSeconds } from "./board-model.js";

/**
 * @import {ConsoleState} from "../state.js"
 * @import {ActiveRow, WaitingRow} from "./board-model.js"
 */

/**
 * A list whose items are kept by key: unchanged rows are never touched, moved rows keep their element.
 * @template {{key: string}} Row
 */
class KeyedList {
  /**
   * @param {HTMLElement} list
   * @param {(row: Row) => {element: HTMLElement, update: (row: Row, now: number, offset: number) => void}} make
   */
  constructor(list, make) {
    this.list = list;
    this.make = make;
    /** @type {Map<string, {element: HTMLElement, update: (row: Row, now: number, offset: number) => void}>} */
    this.items = new Map();
    /** @type {string[]} */
    this.order = [];
  }

  /**
   * @param {Row[]} rows
   * @param {number} now
   * @param {number} offset
   */
  update(rows, now, offset) {
    const wanted = rows.map((row) => row.key);
    const plan = planKeys(this.order, wanted);
    for (const key of plan.remove) {
      this.items.get(key)?.element.remove();
      this.items.delete(key);
    }
    const byKey = new Map(rows.map((row) => [row.key, row]));
    for (const { key, after } of plan.place) {
      const row = /** @type {Row} */ (byKey.get(key));
      const item = this.items.get(key) ?? this.make(row);
      this.items.set(key, item);
      const before = after === null ? this.list.firstChild : (this.items.get(after)?.element.nextSibling ?? null);
      this.list.insertBefore(item.element, before);
    }
    this.order = wanted;
    for (const row of rows) {
      this.items.get(row.key)?.update(row, now, offset);
    }
  }
}

/** @param {Pick<WaitingRow, "check" | "checkDetail">} row */
export function checkText(row) {
  if (row.check === "none") {
    return "";
  }
  const detail = row.checkDetail ?? {};
  const what = [
    deviceFailed(detail.microphone) && t("console.check.microphone"),
    detail.microphone === "quiet" && t("console.check.quiet"),
    deviceFailed(detail.camera) && t("console.check.camera"),
    relayFailed(detail.turn) && t("console.check.turn"),
  ].filter(Boolean);
  const said = row.check === "ok" ? t("console.check.ok") : t("console.check.warning", { what: what.join(", ") });
  const relays = (detail.turn ?? []).map(
    ({ region = "", transport = "", ok, rtt_ms: rtt }) =>
      `${region} ${transport}: ${ok ? `${Math.round(rtt ?? 0)} ms` : t("console.check.unreachable")}`,
  );
  return [said, ...relays].join("\n");
}

let rowCount = 0;

/** Why somebody who waits is not simply the next. @param {WaitingRow} row */
function heldText({ heldFor, callback }) {
  if (heldFor) return t("console.board.held", { name: heldFor });
  return callback && t(`console.board.callback.${callback}`);
}

/** @param {WaitingRow} first */
function waitingItem(first) {
  const position = h("span", { class: "ad-row-position", "aria-hidden": "true" });
  const spoken = h("span", { class: "ad-visually-hidden" });
  const name = h("span", { class: "ad-row-name", dir: "auto" });
  const site = h("span", { class: "ad-row-site", dir: "auto" });
  const held = h("span", { class: "ad-row-held" });
  const topic = h("span", { class: "ad-row-topic", dir: "auto" });
  const media = icon(mediaIcon(first.media));
  const mediaText = h("span", { class: "ad-visually-hidden" });
  const check = h("span", { class: "ad-row-check" }, icon("check"), h("span", { class: "ad-visually-hidden" }));
  // Outside the button: what ticks every second must not be part of its name.
  const waited = h("time", { class: "ad-row-time" });
  const details = waitingDetails();
  rowCount += 1;
  const id = `console-waiting-${rowCount}`;
  details.element.id = id;
  const open = h(
    "button",
    {
      class: "ad-row-open",
      type: "button",
      "aria-expanded": "false",
      "aria-controls": id,
      onclick: () => {
        show(details.element, Boolean(details.element.hidden));
        setAttribute(open, "aria-expanded", details.element.hidden ? "false" : "true");
      },
    },
    position,
    h(
      "span",
      { class: "ad-row-main" },
      spoken,
      name,
      h(
        "span",
        { class: "ad-row-second" },
        h("span", { class: "ad-row-media" }, media, mediaText),
        check,
        held,
        site,
        topic,
      ),
    ),
  );
  const element = h(
    "li",
    { class: "ad-row ad-row-waiting" },
    h("div", { class: "ad-row-head" }, open, waited),
    details.element,
  );
  return {
    element,
    /** @param {WaitingRow} row @param {number} now */
    update(row, now) {
      const seconds = waitedSeconds(row, now);
      setText(position, String(row.position));
      setText(spoken, `${t("console.board.position", { position: row.position })} `);
      setText(name, row.name || t("console.customer.unnamed"));
      setText(site, row.site);
      show(site, row.site !== "");
      setText(held, heldText(row));
      show(held, held.textContent !== "");
      setText(topic, row.topic);
      show(topic, row.topic !== "");
      setIcon(media, mediaIcon(row.media));
      const mediaName = row.media ? t(`console.media.${row.media}`) : "";
      setText(mediaText, mediaName);
      setAttribute(media.parentElement ?? media, "title", mediaName || null);
      updateCheck(check, row);
      setText(waited, formatDuration(seconds));
      setAttribute(waited, "datetime", isoSeconds(seconds));
      setAttribute(element, "data-urgency", urgency(seconds));
      details.update(row);
    },
  };
}

/** What is known of somebody before they are taken: all of the topic, how they want to talk, what their check found. */
function waitingDetails() {
  const values = { topic: h("dd", { dir: "auto" }), media: h("dd"), since: h("dd"), check: h("dd") };
  const element = h(
    "dl",
    { class: "ad-row-details", hidden: true },
    ...Object.entries(values).map(([name, dd]) => h("div", {}, h("dt", {}, t(`console.board.details.${name}`)), dd)),
  );
  let drawn = "[]";
  return {
    element,
    /** @param {WaitingRow} row */
    update(row) {
      const none = t("console.board.details.none");
      setText(values.topic, row.topic || none);
      setText(values.media, row.media ? t(`console.media.${row.media}`) : none);
      setText(values.since, clockTime(row.receivedAt - row.waitedBase * 1000));
      setText(values.check, checkText(row) || t("console.board.details.unchecked"));
      if (JSON.stringify(row.answers) === drawn) return;
      drawn = JSON.stringify(row.answers);
      for (const old of element.querySelectorAll(".ad-row-answer")) old.remove();
      for (const one of answerRows(row.answers).reverse()) {
        one.className = "ad-row-answer";
        element.prepend(one);
      }
    },
  };
}

/**
 * @param {HTMLElement} check
 * @param {WaitingRow} row
 */
function updateCheck(check, row) {
  show(check, row.check !== "none");
  setAttribute(check, "data-check", row.check);
  setAttribute(check, "title", checkText(row) || null);
  setIcon(/** @type {SVGSVGElement} */ (check.firstElementChild), row.check === "warning" ? "warning" : "check");
  setText(/** @type {Element} */ (check.lastElementChild), checkText(row));
}

/** @param {ActiveRow} first */
function activeItem(first) {
  const name = h("span", { class: "ad-row-name", dir: "auto" });
  const operator = h("span", { class: "ad-row-topic", dir: "auto" });
  const media = icon(mediaIcon(first.media));
  const since = h("time", { class: "ad-row-time" });
  const element = h(
    "li",
    { class: "ad-row ad-row-active" },
    h("span", { class: "ad-row-media" }, media),
    h("span", { class: "ad-row-main" }, name, operator),
    since,
  );
  return {
    element,
    /** @param {ActiveRow} row @param {number} now @param {number} offset */
    update(row, now, offset) {
      const seconds = talkedSeconds(row, now, offset);
      setText(name, row.customer || t("console.customer.unnamed"));
      setText(operator, row.mine ? t("console.board.you") : t("console.board.with", { operator: row.operator }));
      setIcon(media, mediaIcon(row.media));
      show(/** @type {HTMLElement} */ (media.parentElement), row.media !== "");
      setText(since, row.since === null ? "" : formatDuration(seconds));
      setAttribute(since, "datetime", isoSeconds(seconds));
      setAttribute(element, "data-mine", row.mine);
    },
  };
}

/** Who waits and who talks. */
export class BoardView {
  constructor() {
    this.waitingCount = h("span", { class: "ad-badge ad-badge--quiet" });
    this.activeCount = h("span", { class: "ad-badge ad-badge--quiet" });
    const waitingList = h("ol", { class: "ad-rows", "aria-label": t("console.board.waiting") });
    const activeList = h("ul", { class: "ad-rows", "aria-label": t("console.board.active") });
    this.waiting = new KeyedList(waitingList, waitingItem);
    this.active = new KeyedList(activeList, activeItem);
    this.emptyTitle = h("strong", {}, t("console.board.empty"));
    this.emptyText = h("span");
    this.empty = h("p", { class: "ad-board-empty" }, this.emptyTitle, this.emptyText);
    this.more = h("p", { class: "ad-board-more", hidden: true });
    this.noneActive = h("p", { class: "ad-board-empty" }, h("span", {}, t("console.board.none-active")));
    this.summary = h("p", { class: "ad-visually-hidden", "aria-live": "polite" });
    this.element = h(
      "section",
      { class: "ad-pane ad-pane-board", id: "console-board", "aria-label": t("console.board"), tabindex: -1 },
      this.summary,
      h(
        "div",
        { class: "ad-board-part ad-board-part-waiting" },
        h("h2", { class: "ad-pane-title" }, t("console.board.waiting"), this.waitingCount),
        this.empty,
        waitingList,
        this.more,
      ),
      h(
        "div",
        { class: "ad-board-part" },
        h("h2", { class: "ad-pane-title" }, t("console.board.active"), this.activeCount),
        this.noneActive,
        activeList,
      ),
    );
  }

  /**
   * @param {ConsoleState} state
   * @param {number} now
   */
  update(state, now) {
    const { board, offset } = state;
    this.waiting.update(board.waiting, now, offset);
    this.active.update(board.active, now, offset);
    setText(this.waitingCount, board.known ? String(board.waitingTotal) : "");
    setText(this.activeCount, board.known ? String(board.activeTotal) : "");
    show(this.empty, board.waitingTotal === 0);
    show(this.noneActive, board.known && board.activeTotal === 0);
    const here = situation(state);
    const key = !board.known ? null : here === "active" || here === "break" ? here : "available";
    setText(this.emptyText, key === null ? t("console.loading") : t(`console.board.empty-${key}`));
    show(this.emptyTitle, key !== null);
    const hidden = board.waitingTotal - board.waiting.length;
    show(this.more, hidden > 0);
    setText(this.more, hidden > 0 ? t("console.board.more", { n: hidden }) : "");
  }

  /** @param {number} waiting */
  announce(waiting) {
    setText(this.summary, waiting === 0 ? t("console.board.summary-none") : t("console.board.summary", { n: waiting }));
  }
}
