import { t } from "../../core/i18n.js";
import { h, setText, show } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { clock } from "../shared/timer.js";

/** @import {CustomerState} from "./state.js" */

/** Reasons of an end before a call that deserve their own words. @type {Record<string, string>} */
const TITLES = {
  left: "left",
  "max-wait": "timeout",
  abandoned: "lost",
  removed: "removed",
};
/** Calls that the network ended: their way back leads to the head of the line. */
const CUT = new Set(["operator-lost", "customer-lost", "connection"]);

/** @param {string} reason  of `call:ended` or `queue:left` @param {boolean} talked @returns {string} */
export function endKind(reason, talked) {
  if (CUT.has(reason)) return "cut";
  return talked ? "title" : (TITLES[reason] ?? "title");
}

/** The end, and the way back to the queue. */
export class EndedView {
  #title = h("h1", { class: "ad-title", tabindex: "-1" });
  #text = h("p", { class: "ad-lead" });
  #duration = h("p", { class: "ad-duration" });
  #medal = h("span", { class: "ad-medal" }, icon("check"));
  #rejoin;
  element;

  /** @param {{rejoin: () => void, home: () => void}} actions */
  constructor(actions) {
    this.#rejoin = h("button", { type: "button", class: "ad-button ad-button--wide", onclick: () => actions.rejoin() });
    this.element = h(
      "section",
      { class: "ad-card ad-view ad-view--centered" },
      this.#medal,
      this.#title,
      this.#text,
      this.#duration,
      h(
        "div",
        { class: "ad-actions" },
        this.#rejoin,
        h("button", { type: "button", class: "ad-button ad-button--quiet ad-button--wide", onclick: () => actions.home() }, t("customer.refused.back")),
      ),
    );
  }

  /** @param {CustomerState} state */
  update({ ended, peer }) {
    if (!ended) return;
    const talked = ended.durationMs !== null;
    const kind = endKind(ended.reason, talked);
    setText(this.#title, t(`customer.ended.${kind}`));
    setText(this.#rejoin, t(kind === "cut" ? "customer.ended.goBack" : "customer.ended.rejoin"));
    setText(this.#text, this.#words(kind, talked, peer.name));
    setText(this.#duration, talked ? t("customer.ended.duration", { clock: clock(ended.durationMs ?? 0) }) : "");
    show(this.#duration, talked);
    this.#medal.classList.toggle("ad-medal--warning", kind !== "title" && kind !== "left");
  }

  focus() {
    this.#title.focus({ preventScroll: true });
  }

  /** @param {string} kind @param {boolean} talked @param {string} name */
  #words(kind, talked, name) {
    if (kind === "cut") return t("customer.ended.cutText");
    if (talked && name) return `${t("customer.ended.with", { name })} ${t("customer.ended.thanks")}`;
    if (kind === "timeout" || kind === "lost") return t(`customer.ended.${kind}Text`);
    return t("customer.ended.thanks");
  }
}

/** The same conversation was opened elsewhere; only one page can hold it. */
export class ReplacedView {
  #title = h("h1", { class: "ad-title", tabindex: "-1" }, t("customer.replaced.title"));
  element;

  /** @param {{continueHere: () => void}} actions */
  constructor(actions) {
    this.element = h(
      "section",
      { class: "ad-card ad-view ad-view--centered" },
      h("span", { class: "ad-medal ad-medal--info" }, icon("swap")),
      this.#title,
      h("p", { class: "ad-lead" }, t("customer.replaced.text")),
      h("div", { class: "ad-actions" }, h("button", { type: "button", class: "ad-button ad-button--wide", onclick: () => actions.continueHere() }, t("customer.replaced.continue"))),
    );
  }

  update() {}

  focus() {
    this.#title.focus({ preventScroll: true });
  }
}
