import { t, whenSpoken } from "../../core/i18n.js";
import { setText, show } from "../shared/dom.js";
import { answerTo, faultOf, tidyForm } from "./join-form.js";
import { MessageOffer } from "./message/message-offer.js";

/**
 * @import {CustomerState, JoinForm} from "./state.js"
 * @import {FormFault, Question} from "./join-form.js"
 * @import {MediaKind} from "../../core/types.js"
 * @typedef {HTMLInputElement | HTMLSelectElement} Input
 * @typedef {{join: (form: JoinForm) => void, cancelJoin: () => void, warmUp: () => void, questions: Question[],
 *   isSigned: () => boolean} & import("./message/message-offer.js").OfferActions} WelcomeActions  isSigned: the site says who the visitor is
 */

/** The form before the queue: what the site asks, and how to talk. It stands in templates/customer/form.html. */
export class WelcomeView {
  /** By the keys of their questions. @type {Map<string, {row: HTMLElement, input: Input, error: HTMLElement}>} */
  #fields = new Map();
  /** What is the customer's own, emptied fields too. @type {Set<Input>} */
  #typedIn = new Set();
  #questions;
  #isSigned;
  /** The last fault that the state told of. @type {FormFault | null} */
  #told = null;
  /** What was last filled in as the way to talk; the HTML begins with it. */
  #media = "video";
  #cancel;
  #notice;
  #button;
  #title;
  #actions;
  /** @type {MessageOffer | null} */
  #offer = null;
  element;

  /**
   * @param {HTMLElement} element  perhaps already filled in, and Join pressed
   * @param {WelcomeActions} actions
   */
  constructor(element, actions) {
    const part = (/** @type {string} */ selector) => /** @type {any} */ (element.querySelector(selector));
    this.element = element;
    this.#actions = actions;
    this.#questions = actions.questions;
    this.#isSigned = actions.isSigned;
    this.#title = part(".ad-title");
    this.#notice = part(".ad-note");
    this.#button = /** @type {HTMLButtonElement} */ (part("[type=submit]"));
    this.#cancel = /** @type {HTMLButtonElement} */ (part("#ad-cancel"));
    const form = /** @type {HTMLFormElement} */ (part("form"));
    for (const { key } of actions.questions) {
      const row = part(`[data-question="${key}"]`);
      const field = { row, input: row.querySelector("input, select"), error: row.querySelector("[id$=-error]") };
      field.input.addEventListener("input", () => {
        this.#typedIn.add(field.input);
        this.#clearError(field);
      });
      this.#fields.set(key, field);
    }
    this.#cancel.addEventListener("click", () => actions.cancelJoin());
    form.addEventListener("focusin", () => actions.warmUp());
    form.addEventListener("submit", (event) => this.#submit(event, actions.join));
    whenSpoken(() => this.#takeOver(form, actions));
  }

  /** From here on a press is ours (first.js); one that came before is done now. */
  #takeOver(/** @type {HTMLFormElement} */ form, /** @type {{warmUp: () => void}} */ actions) {
    form.dataset.taken = "";
    if (this.element.contains(document.activeElement)) actions.warmUp();
    if (form.dataset.pressed === undefined) return;
    delete form.dataset.pressed;
    this.#button.disabled = false;
    setTimeout(() => form.requestSubmit());
  }

  /** In the language in force. */
  relabel() {
    for (const one of this.element.querySelectorAll("[data-t]"))
      one.textContent = t(/** @type {HTMLElement} */ (one).dataset.t ?? "");
    const topic = this.#fields.get("topic")?.input;
    if (topic && "placeholder" in topic) topic.placeholder = t("customer.welcome.topicHint");
    this.#told = null;
    this.#offer?.element.remove();
    this.#offer = null;
  }

  /** @param {CustomerState} state */
  update({ screen, form, notice, fault, link }) {
    const busy = screen === "joining";
    this.#offerMessage(busy && link === "unavailable" ? "unavailable" : null);
    this.#fill(form);
    for (const { key, spares } of this.#questions)
      if (spares) show(/** @type {any} */ (this.#fields.get(key)).row, !this.#isSigned());
    this.#button.disabled = busy;
    this.#button.setAttribute("aria-busy", String(busy));
    setText(this.#button, t(busy ? "customer.welcome.joining" : "customer.welcome.join"));
    show(this.#cancel, busy);
    const lost = fault && !this.#fields.has(fault.field ?? "");
    const words = notice ? t(notice) : lost ? t(fault.key, fault.vars) : "";
    show(this.#notice, words !== "");
    setText(this.#notice, words);
    if (fault !== this.#told) {
      this.#told = fault;
      if (fault) this.#showError(fault);
    }
  }

  focus() {
    this.#title.focus({ preventScroll: true });
  }

  /** @param {string | null} why */
  #offerMessage(why) {
    if (why && !this.#offer) {
      this.#offer = new MessageOffer(this.#actions);
      this.element.append(this.#offer.element);
    }
    this.#offer?.update(why);
  }

  /** Over what nobody has touched. @param {JoinForm} form */
  #fill(form) {
    for (const [key, { input }] of this.#fields) {
      if (this.#typedIn.has(input) || input === document.activeElement) continue;
      const value = answerTo(form, key);
      if (value === true) /** @type {HTMLInputElement} */ (input).checked = true;
      else if (value) input.value ||= value;
    }
    const { media } = form;
    if (media === this.#media || this.element.querySelector("[name=media]:focus")) return;
    this.#media = media;
    const now = this.element.querySelector("input[name=media]:checked");
    const wanted = this.element.querySelector(`input[value="${media}"]`);
    if (wanted instanceof HTMLInputElement && !(now instanceof HTMLInputElement && !now.defaultChecked))
      wanted.checked = true;
  }

  /** @param {SubmitEvent} event @param {(form: JoinForm) => void} join */
  #submit(event, join) {
    event.preventDefault();
    const data = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const media = /** @type {MediaKind} */ (data.get("media") ?? "video");
    const { name = "", topic = "", ...answers } = this.#typed();
    const form = tidyForm({ name, topic, media, answers });
    const fault = faultOf(form, this.#questions, this.#isSigned());
    if (fault) return this.#showError(fault);
    join(form);
  }

  /** @returns {Record<string, any>} by question */
  #typed() {
    const value = (/** @type {any} */ input) => (input.type === "checkbox" ? input.checked || "" : input.value);
    return Object.fromEntries([...this.#fields].map(([key, { input }]) => [key, value(input)]));
  }

  /** @param {FormFault} fault */
  #showError({ field: name, key, vars }) {
    const field = this.#fields.get(name ?? "");
    if (!field) return;
    setText(field.error, t(key, vars));
    show(field.error, true);
    field.input.setAttribute("aria-invalid", "true");
    field.input.focus();
  }

  /** @param {{input: Input, error: HTMLElement}} field */
  #clearError({ input, error }) {
    show(error, false);
    input.removeAttribute("aria-invalid");
  }
}
