import { t } from "../../core/i18n.js";
import { initials } from "../shared/video-stage.js";
import { h, setAttribute, setText, show } from "./dom.js";
import { icon, mediaIcon, setIcon } from "./icons.js";
import { elapsedSeconds, formatDuration, isoDuration, remainingSeconds } from "./time.js";

/** @import {ConsoleState} from "./state.js" */

/** Who is being talked with: name, topic, kind of call, since when, and whether the other end is there. */
export class CustomerView {
  constructor() {
    this.avatar = h("span", { class: "ad-avatar", "aria-hidden": "true" });
    this.name = h("h2", { class: "ad-customer-name", dir: "auto" });
    this.topic = h("span", { class: "ad-chip ad-chip-topic", dir: "auto" });
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
    this.details = h("dl", { class: "ad-customer-details" });
    this.more = h(
      "details",
      { class: "ad-customer-more" },
      h("summary", {}, t("console.customer.details")),
      h(
        "div",
        { class: "ad-customer-sent" },
        h("p", { class: "ad-customer-unchecked" }, t("console.customer.unchecked")),
        this.details,
      ),
    );
    /** @type {string|null} */
    this.drawnFor = null;
    this.element = h(
      "header",
      { class: "ad-customer", "aria-label": t("console.customer") },
      this.avatar,
      h(
        "div",
        { class: "ad-customer-words" },
        this.name,
        h("div", { class: "ad-chips" }, this.presenceChip, this.media, this.topic, this.vouched, this.more),
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
    setIcon(this.mediaIcon, mediaIcon(customer.media));
    setText(this.mediaText, t(`console.media.${customer.media}`));
    const seconds = elapsedSeconds(customer.since, now, state.offset);
    setText(this.timer, formatDuration(seconds));
    setAttribute(this.timer, "datetime", isoDuration(seconds));
    this.updatePresence(state, now);
    this.updateDetails(customer);
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

  /** @param {import("./state.js").Customer} customer */
  updateDetails(customer) {
    const { identity, ...facts } = customer.attributes ?? {};
    const vouched = identity && typeof identity === "object" ? Object.values(identity).filter(Boolean).join(" · ") : "";
    setText(this.vouchedValue, vouched);
    setAttribute(this.vouched, "title", vouched || null);
    show(this.vouched, vouched !== "");
    const entries = Object.entries(facts).slice(0, 20);
    show(this.more, entries.length > 0);
    if (this.drawnFor !== customer.conversation) {
      this.drawnFor = customer.conversation;
      this.more.open = false;
      this.details.replaceChildren(
        ...entries.flatMap(([key, value]) => [
          h("dt", {}, h("bdi", {}, key)),
          h("dd", { dir: "auto" }, String(value).slice(0, 200)),
        ]),
      );
    }
  }
}
