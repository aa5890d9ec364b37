import { t } from "../../../core/i18n.js";
import { button } from "../../shared/button.js";
import { h, setText, show } from "../../shared/dom.js";
import { icon } from "../../shared/icons.js";
import { clock } from "../../shared/timer.js";
import { MessageOffer } from "../message/message-offer.js";
import { RatingForm } from "./rating-form.js";
import { SaidView } from "./said-view.js";
import { TimesOffer } from "./times-offer.js";

/** @import {CustomerState} from "../state.js" */

/** Ends before a call. @type {Record<string, string>} */
const WAITED = {
  left: "left",
  "max-wait": "timeout",
  abandoned: "lost",
  removed: "removed",
  blocked: "closed",
  erased: "erased",
  repaired: "repaired",
};
/** Ends of a call. @type {Record<string, string>} */
const TALKED = {
  left: "byYou",
  customer: "byYou",
  operator: "byAgent",
  removed: "stopped",
  blocked: "closed",
  erased: "erased",
  repaired: "repaired",
};
/** Calls that the network ended: their way back leads to the head of the line. @type {Record<string, string>} */
const CUT = { "operator-lost": "agentLost", "customer-lost": "youLost", connection: "cut" };
/** Ends at which nobody was reached, or no longer: in the server's words for messages. @type {Record<string, string>} */
const DEAD = {
  timeout: "timeout",
  lost: "lost",
  agentLost: "lost",
  youLost: "lost",
  cut: "lost",
  repaired: "lost",
  removed: "other",
  stopped: "other",
};
const CALM = new Set(["title", "left", "byYou", "byAgent"]);
const WITH_TEXT = new Set(["timeout", "lost", "stopped", "closed", "erased", "repaired"]);

/**
 * Which words an end gets: a part of their keys, the same for no two kinds of end.
 * @param {string} reason  of `call:ended` or `queue:left` @param {boolean} talked
 * @param {string} [by]  who ended it, where the reason does not say
 * @returns {string}
 */
export function endKind(reason, talked, by = "") {
  if (CUT[reason]) return CUT[reason];
  if (!talked) return WAITED[reason] ?? "title";
  return TALKED[reason] ?? TALKED[by] ?? "title";
}

/** @param {string} reason */
export function isCut(reason) {
  return reason in CUT;
}

/** The end, and the way back to the queue. */
export class EndedView {
  #title = h("h1", { class: "ad-title", tabindex: "-1" });
  #text = h("p", { class: "ad-lead" });
  #duration = h("p", { class: "ad-duration" });
  #medal = h("span", { class: "ad-medal" }, icon("check"));
  #rejoin;
  #back;
  #rating;
  #said;
  #offer;
  #times = new TimesOffer();
  element;

  /**
   * @param {{rejoin: () => void, clear: () => void, rating: () => import("./rating-form.js").RatingActions & {begin: () => void}}
   *   & import("./said-view.js").SaidActions & import("../message/message-offer.js").OfferActions} actions
   */
  constructor(actions) {
    this.#rejoin = button({ wide: true }, () => actions.rejoin());
    this.#back = button({ kind: "quiet", wide: true }, () => actions.clear());
    this.#rating = actions.rating();
    this.#said = new SaidView(actions);
    this.#offer = new MessageOffer(actions);
    this.element = h(
      "section",
      { class: "ad-card ad-view ad-view--centered" },
      this.#medal,
      this.#title,
      this.#text,
      this.#duration,
      new RatingForm(this.#rating).element,
      this.#said.element,
      h("div", { class: "ad-actions" }, this.#rejoin, this.#back),
      this.#offer.element,
      this.#times.element,
    );
  }

  /** @param {CustomerState} state */
  update({ ended, peer, lines }) {
    if (!ended) return;
    this.#rating.begin();
    this.#said.update(lines);
    setText(this.#back, t(lines.length ? "customer.ended.clear" : "customer.coming.back"));
    const talked = ended.durationMs !== null;
    const kind = endKind(ended.reason, talked, ended.by);
    setText(this.#title, t(`customer.ended.${kind}`, { name: peer.name }));
    setText(this.#rejoin, t(isCut(ended.reason) ? "customer.ended.goBack" : "customer.ended.rejoin"));
    setText(this.#text, this.#words(kind, ended.reason, talked && peer.name));
    setText(this.#duration, talked ? t("customer.ended.duration", { clock: clock(ended.durationMs ?? 0) }) : "");
    show(this.#duration, talked);
    this.#offer.update(DEAD[kind] ?? null);
    this.#times.update(DEAD[kind] ?? null);
    this.#medal.classList.toggle("ad-medal--warning", !CALM.has(kind));
  }

  focus() {
    this.#title.focus({ preventScroll: true });
  }

  /** @param {string} kind @param {string} reason @param {string | false} name  of whom one talked with */
  #words(kind, reason, name) {
    if (isCut(reason)) return t("customer.ended.cutText");
    if (WITH_TEXT.has(kind)) return t(`customer.ended.${kind}Text`);
    return [name && t("customer.ended.with", { name }), t("customer.ended.thanks")].filter(Boolean).join(" ");
  }
}
