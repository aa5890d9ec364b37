import { t } from "../../../core/i18n.js";
import { initials } from "../../shared/call/video-stage.js";
import { h, setAttribute, setText, show } from "../dom.js";
import { vouchedText } from "../dossier/card-view.js";
import { icon, mediaIcon, setIcon } from "../icons.js";
import { elapsedSeconds, formatDuration, isoSeconds, remainingSeconds } from "../time.js";

/** @import {ConsoleState} from "../state.js" */

/** Who is being talked with: name, topic, kind of call, since when, and whether the other end is there. */
export class CustomerView {
  constructor() {
    this.avatar = h("span", { class: "ad-avatar", "aria-hidden": "true" });
    this.name = h("h2", { class: "ad-customer-name", dir: "auto" });
    this.topic = h("span", { class: "ad-chip ad-chip-topic", dir: "auto" });
    this.site = h("span", { class: "ad-chip", dir: "auto" });
    this.line = h("span", { class: "ad-chip", dir: "auto" });
    this.mediaIcon = icon("chat");
    this.mediaText = h("span");
    this.media = h("span", { class: "ad-chip" }, this.mediaIcon, this.mediaText);
    this.presence = h("span", { class: "ad-presence-text" });
    this.presenceChip = h(
      "span",
      { class: "ad-chip ad-chip-presence", role: "status" },
      h("span", { class: "ad-dot", "aria-hidden": "true" }),
      this.presence,
    );
    this.timer = h("time", {
      class: "ad-customer-timer",
      role: "timer",
      "aria-live": "off",
      "aria-label": t("console.customer.timer"),
    });
    this.vouchedValue = h("bdi", {});
    // Beside the name and not among what the page has sent: whatever somebody calls an attribute, it cannot be this.
    this.vouched = h(
      "span",
      { class: "ad-chip ad-chip-vouched" },
      icon("check"),
      h("span", {}, t("console.customer.verified")),
      this.vouchedValue,
    );
    this.passedOn = h("p", { class: "ad-customer-transfer", dir: "auto" });
    this.element = h(
      "header",
      { class: "ad-customer", "aria-label": t("console.customer") },
      this.avatar,
      h(
        "div",
        { class: "ad-customer-words" },
        this.name,
        h("div", { class: "ad-chips" }, this.presenceChip, this.line, this.site, this.media, this.topic, this.vouched),
        this.passedOn,
      ),
      this.timer,
    );
  }

  /**
   * @param {ConsoleState} state
   * @param {number} now
   */
  update(state, now) {
    const customer = state.phase === "active" ? state.customer : null;
    show(this.element, customer !== null);
    if (customer === null) {
      return;
    }
    const name = customer.name || t("console.customer.unnamed");
    const onBoard = state.board.active.find((row) => row.key === customer.conversation);
    const topic = customer.topic || onBoard?.topic || "";
    setText(this.name, name);
    setText(this.avatar, initials(customer.name));
    setText(this.topic, topic);
    setAttribute(this.topic, "title", topic || null);
    show(this.topic, topic !== "");
    setText(this.site, customer.site);
    setAttribute(this.site, "title", customer.site ? t("console.customer.site") : null);
    show(this.site, customer.site !== "");
    setText(this.line, customer.line);
    setAttribute(this.line, "title", customer.line ? t("console.customer.line") : null);
    show(this.line, customer.line !== "");
    setIcon(this.mediaIcon, mediaIcon(customer.media));
    setText(this.mediaText, t(`console.media.${customer.media}`));
    const seconds = elapsedSeconds(customer.since, now, state.offset);
    setText(this.timer, formatDuration(seconds));
    setAttribute(this.timer, "datetime", isoSeconds(seconds));
    this.updateTransfer(customer.transfer);
    this.updatePresence(state, now);
    this.updateVouched(customer);
  }

  /**
   * @param {ConsoleState} state
   * @param {number} now
   */
  updatePresence(state, now) {
    const left = formatDuration(Math.ceil(remainingSeconds(state.awayUntil, now, state.offset)));
    setAttribute(this.presenceChip, "data-presence", state.presence);
    setText(this.presence, t(`console.presence.${state.presence}`, { time: left }));
    // The countdown must not be read out every second.
    setAttribute(this.presenceChip, "aria-live", state.presence === "away" ? "off" : "polite");
  }

  /** @param {import("../state.js").Customer["transfer"]} transfer */
  updateTransfer(transfer) {
    show(this.passedOn, transfer !== null);
    if (transfer === null) return;
    const key = transfer.note ? "console.customer.transfer-note" : "console.customer.transfer";
    setText(this.passedOn, t(key, { name: transfer.from, note: transfer.note }));
  }

  /** @param {import("../state.js").Customer} customer */
  updateVouched({ about }) {
    const vouched = vouchedText(about);
    setText(this.vouchedValue, vouched);
    setAttribute(this.vouched, "title", vouched || null);
    show(this.vouched, vouched !== "");
  }
}
