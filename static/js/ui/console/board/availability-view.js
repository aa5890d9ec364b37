import { t } from "../../../core/i18n.js";
import { button } from "../../shared/button.js";
import { h, setAttribute, setText, show } from "../dom.js";
import { icon, ring, setRing } from "../icons.js";
import { situation } from "../state.js";
import { formatDuration, remainingSeconds } from "../time.js";

/** @import {ConsoleState} from "../state.js" */

/** The switch "available / on a break", what it means now, and the wrap-up's countdown with its way out. */
export class AvailabilityView {
  /** @param {{setAvailable: (available: boolean) => void}} actions */
  constructor({ setAvailable }) {
    this.label = h("strong", { class: "ad-availability-state" });
    this.hint = h("span", { class: "ad-availability-hint" });
    this.toggle = h(
      "button",
      {
        class: "ad-switch",
        type: "button",
        role: "switch",
        "aria-label": t("console.availability"),
        onclick: () => setAvailable(this.toggle.getAttribute("aria-checked") !== "true"),
      },
      h("span", { class: "ad-switch-thumb" }, icon("check")),
    );
    this.ring = ring();
    this.left = h("span", { class: "ad-wrap-up-left", role: "timer", "aria-live": "off" });
    this.wrapUp = h(
      "div",
      { class: "ad-wrap-up", hidden: true },
      this.ring,
      this.left,
      button({}, () => setAvailable(true), t("console.ready-now")),
    );
    const words = h("div", { class: "ad-availability-words", role: "status" }, this.label, this.hint);
    this.element = h("div", { class: "ad-availability" }, this.toggle, words, this.wrapUp);
  }

  /**
   * @param {ConsoleState} state
   * @param {number} now
   */
  update(state, now) {
    const offline = state.connection !== "online";
    const here = situation(state);
    const word = offline ? state.connection : here;
    const on = state.wanted ?? (state.available || here === "wrap-up");
    setAttribute(this.element, "data-state", offline ? "offline" : word);
    setAttribute(this.toggle, "aria-checked", on ? "true" : "false");
    setAttribute(this.toggle, "aria-busy", state.wanted !== null);
    setAttribute(this.toggle, "title", t(on ? "console.go-break" : "console.go-available"));
    this.toggle.disabled = offline;
    setText(this.label, t(`console.state.${word}`));
    setText(this.hint, t(here === "active" && !offline && !on ? "console.hint.active-break" : `console.hint.${word}`));
    this.updateWrapUp(state, now, !offline && here === "wrap-up");
  }

  /**
   * @param {ConsoleState} state
   * @param {number} now
   * @param {boolean} shown
   */
  updateWrapUp(state, now, shown) {
    show(this.wrapUp, shown);
    if (shown && state.wrapUpUntil !== null) {
      const left = remainingSeconds(state.wrapUpUntil, now, state.offset);
      const whole = (state.wrapUpUntil - (state.wrapUpFrom ?? state.wrapUpUntil)) / 1000;
      setRing(this.ring, whole > 0 ? left / whole : 0);
      setText(this.left, formatDuration(Math.ceil(left)));
    }
  }
}
