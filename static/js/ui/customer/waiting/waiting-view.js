import { ownWord, t } from "../../../core/i18n.js";
import { button } from "../../shared/button.js";
import { ask } from "../../shared/dialog.js";
import { h, setText, show } from "../../shared/dom.js";
import { icon } from "../../shared/icons.js";
import { MessageOffer } from "../message/message-offer.js";
import { aheadText, estimateText } from "../words.js";
import { PreflightView } from "./preflight-view.js";

/**
 * @import {LaterPart} from "../../../core/later.js"
 * @import {EndPart} from "../shell.js"
 * @typedef {{draw: (place: HTMLElement, state: CustomerState) => {focus: () => void}}} CallbackPart
 * @import {CustomerState} from "../state.js"
 */

const DOTS = 6;
/** Who has to wait longer is asked whether they would rather be called. */
const LONG_S = 300;
const CALL_TRIES = 3;

/** The place in the queue, live. The number is spoken once per change, not with every redraw. */
export class WaitingView {
  #title = h("h1", { class: "ad-eyebrow", tabindex: "-1" }, t("customer.waiting.title"));
  #number = h("span", { class: "ad-place__number" });
  #ahead = h("p", { class: "ad-place__ahead" });
  #line = h("div", { class: "ad-line-up", "aria-hidden": "true" });
  #estimate = h("dd", { class: "ad-facts__value" });
  #total = h("p", { class: "ad-facts__note" });
  #now;
  #end;
  #spoken = h("p", { class: "ad-visually-hidden", "aria-live": "polite", "aria-atomic": "true" });
  #offer;
  #actions;
  #long = h("p", { class: "ad-lead", hidden: true }, t("customer.waiting.long"));
  #callback;
  /** @type {CustomerState | null} */
  #state = null;
  preflight;
  element;

  /**
   * @param {{leave: () => void, move: () => void, checkAgain: () => void, serverNow: () => number,
   *   callbacks?: LaterPart<CallbackPart>,
   *   input: import("../../shared/call/input-picker.js").InputActions} & import("../message/message-offer.js").OfferActions} actions  callbacks: none
   *     where nobody can be called
   * @param {LaterPart<EndPart>} end  what becomes of it at closing
   */
  constructor(actions, end) {
    this.#actions = actions;
    this.#end = end;
    this.#now = actions.serverNow;
    this.#offer = new MessageOffer(actions);
    this.preflight = new PreflightView(actions);
    this.#callback = h(
      "div",
      { class: "ad-actions", hidden: !actions.callbacks },
      this.#long,
      button({ wide: true, kind: "quiet" }, () => void this.#call(true), icon("bell"), t("customer.waiting.callback")),
    );
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
      ownWord("site.wait") && h("p", { class: "ad-lead" }, ownWord("site.wait")),
      this.#callback,
      button({ kind: "quiet", wide: true }, () => actions.move(), icon("swap"), t("customer.waiting.move")),
      button(
        { kind: "quiet", wide: true },
        () => void this.#leave(actions),
        icon("leave"),
        t("customer.waiting.leave"),
      ),
      this.#offer.element,
      this.preflight.element,
      h(
        "ul",
        { class: "ad-tips" },
        h("li", {}, icon("lock"), h("span", {}, t("customer.waiting.tip"))),
        h("li", {}, icon("bell"), h("span", {}, t("customer.waiting.sound"))),
      ),
      this.#spoken,
    );
  }

  /** @param {CustomerState} state */
  update(state) {
    const { position, waiting, estimate, staffed, closing, preflight, link, callback } = state;
    this.#state = state;
    if (callback || this.#actions.callbacks?.module) void this.#call();
    show(this.#long, (estimate?.low_s ?? 0) >= LONG_S);
    this.preflight.update(preflight);
    if (closing || this.#end.module)
      void this.#end.insist().then((part) => part?.tellClosing(this.#total, closing, this.#now));
    this.#offer.update(link === "unavailable" ? "unavailable" : staffed ? null : "unstaffed");
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

  /** To be called instead of waiting here. @param {boolean} [pressed] */
  async #call(pressed) {
    const part = await this.#actions.callbacks?.insist(undefined, CALL_TRIES);
    const form = this.#state && part?.draw(this.#callback, this.#state);
    if (!pressed) return;
    if (form) form.focus();
    else this.#actions.warn(t("customer.coming.text"));
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
