import { t } from "../../core/i18n.js";
import { button } from "../shared/button.js";
import { ask } from "../shared/dialog.js";
import { h, setText, show } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { PreflightView } from "./preflight-view.js";
import { aheadText, estimateText } from "./words.js";

/** @import {CustomerState} from "./state.js" */

const DOTS = 6;

/** The place in the queue, live. The number is spoken once per change, not with every redraw. */
export class WaitingView {
  #title = h("h1", { class: "ad-eyebrow", tabindex: "-1" }, t("customer.waiting.title"));
  #number = h("span", { class: "ad-place__number" });
  #ahead = h("p", { class: "ad-place__ahead" });
  #line = h("div", { class: "ad-line-up", "aria-hidden": "true" });
  #estimate = h("dd", { class: "ad-facts__value" });
  #total = h("p", { class: "ad-facts__note" });
  #spoken = h("p", { class: "ad-visually-hidden", "aria-live": "polite", "aria-atomic": "true" });
  preflight;
  element;

  /** @param {{leave: () => void, checkAgain: () => void, input: import("../shared/input-picker.js").InputActions}} actions */
  constructor(actions) {
    this.preflight = new PreflightView(actions);
    this.element = h(
      "section",
      { class: "ad-card ad-view ad-waiting" },
      this.#title,
      h(
        "div",
        { class: "ad-place" },
        h("span", { class: "ad-place__label" }, t("customer.waiting.position")),
        this.#number,
      ),
      this.#ahead,
      this.#line,
      h(
        "dl",
        { class: "ad-facts" },
        h("dt", { class: "ad-facts__name" }, icon("clock"), t("customer.waiting.estimate")),
        this.#estimate,
      ),
      this.#total,
      this.preflight.element,
      h(
        "ul",
        { class: "ad-tips" },
        h("li", {}, icon("lock"), h("span", {}, t("customer.waiting.tip"))),
        h("li", {}, icon("bell"), h("span", {}, t("customer.waiting.sound"))),
      ),
      button(
        { kind: "quiet", wide: true },
        () => void this.#leave(actions),
        icon("leave"),
        t("customer.waiting.leave"),
      ),
      this.#spoken,
    );
  }

  /** @param {CustomerState} state */
  update({ position, waiting, estimate, staffed, preflight }) {
    this.preflight.update(preflight);
    if (position === null) return;
    setText(this.#number, String(position));
    setText(this.#ahead, aheadText(position));
    setText(this.#estimate, estimateText(estimate, staffed));
    this.#estimate.classList.toggle("ad-facts__value--unknown", estimate === null);
    setText(this.#total, waiting ? t("customer.waiting.total", { n: waiting }) : "");
    setText(this.#spoken, t("customer.waiting.announce", { position, estimate: estimateText(estimate, staffed) }));
    this.#drawLine(position);
  }

  focus() {
    this.#title.focus({ preventScroll: true });
  }

  /** Who is ahead, as dots before the door; more than fit become a number. @param {number} position */
  #drawLine(position) {
    const ahead = Math.max(0, position - 1);
    const hidden = Math.max(0, ahead - DOTS);
    const dots = Array.from({ length: ahead - hidden }, () => h("i", { class: "ad-line-up__dot" }));
    const more = h("span", { class: "ad-line-up__more" }, `+${hidden}`);
    show(more, hidden > 0);
    this.#line.replaceChildren(
      h("span", { class: "ad-line-up__door" }, icon("door")),
      ...dots,
      more,
      h("i", { class: "ad-line-up__dot ad-line-up__dot--own" }),
    );
  }

  /** @param {{leave: () => void}} actions */
  async #leave(actions) {
    const words = {
      title: t("customer.waiting.leaveAsk"),
      text: t("customer.waiting.leaveText"),
      yes: t("customer.waiting.leave"),
      no: t("customer.waiting.stay"),
      danger: true,
    };
    if (await ask(words)) actions.leave();
  }
}
