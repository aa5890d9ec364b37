import { t, whenSpoken } from "../../core/i18n.js";
import { setText, show } from "../shared/dom.js";
import { faultOf, tidyForm } from "./join-form.js";

/**
 * @import {CustomerState, JoinForm} from "./state.js"
 * @import {FormFault} from "./join-form.js"
 * @import {MediaKind} from "../../core/types.js"
 */

/** The form before the queue: a name, a topic if one likes, and how to talk. It stands in templates/customer/form.html. */
export class WelcomeView {
  #name;
  #nameError;
  #topic;
  #topicError;
  /** The last fault that the state told of. @type {FormFault | null} */
  #told = null;
  /** What was last filled in as the way to talk; the HTML begins with it. */
  #media = "video";
  #cancel;
  #notice;
  #button;
  #title;
  element;

  /**
   * @param {HTMLElement} element  perhaps already filled in, and Join pressed
   * @param {{join: (form: JoinForm) => void, cancelJoin: () => void, warmUp: () => void}} actions
   */
  constructor(element, actions) {
    const part = (/** @type {string} */ selector) => /** @type {any} */ (element.querySelector(selector));
    this.element = element;
    this.#title = part(".ad-title");
    this.#notice = part(".ad-note");
    this.#name = /** @type {HTMLInputElement} */ (part("#ad-name"));
    this.#nameError = part("#ad-name-error");
    this.#topic = /** @type {HTMLInputElement} */ (part("#ad-topic"));
    this.#topicError = part("#ad-topic-error");
    this.#button = /** @type {HTMLButtonElement} */ (part("[type=submit]"));
    this.#cancel = /** @type {HTMLButtonElement} */ (part("#ad-cancel"));
    const form = /** @type {HTMLFormElement} */ (part("form"));
    this.#name.addEventListener("input", () => this.#clearError("name"));
    this.#topic.addEventListener("input", () => this.#clearError("topic"));
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
    this.#topic.placeholder = t("customer.welcome.topicHint");
    this.#told = null;
  }

  /** @param {CustomerState} state */
  update({ screen, form, notice, fault }) {
    const busy = screen === "joining";
    if (!this.element.contains(document.activeElement)) this.#fill(form);
    this.#button.disabled = busy;
    this.#button.setAttribute("aria-busy", String(busy));
    setText(this.#button, t(busy ? "customer.welcome.joining" : "customer.welcome.join"));
    show(this.#cancel, busy);
    const words = notice ? t(notice) : fault?.field === null ? t(fault.key, fault.vars) : "";
    show(this.#notice, words !== "");
    setText(this.#notice, words);
    if (fault !== this.#told) {
      this.#told = fault;
      if (fault?.field) this.#showError(fault);
    }
  }

  focus() {
    this.#title.focus({ preventScroll: true });
  }

  /** Over what nobody has touched. @param {JoinForm} form */
  #fill({ name, topic, media }) {
    this.#name.value ||= name;
    this.#topic.value ||= topic;
    if (media === this.#media) return;
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
    const form = tidyForm({ name: this.#name.value, topic: this.#topic.value, media });
    const fault = faultOf(form);
    if (fault) return this.#showError(fault);
    join(form);
  }

  /** @param {FormFault} fault */
  #showError({ field: name, key, vars }) {
    const [input, error] = this.#parts(name);
    setText(error, t(key, vars));
    show(error, true);
    input.setAttribute("aria-invalid", "true");
    input.focus();
  }

  /** @param {FormFault['field']} name */
  #clearError(name) {
    const [input, error] = this.#parts(name);
    show(error, false);
    input.removeAttribute("aria-invalid");
  }

  /** @param {FormFault['field']} name @returns {[HTMLInputElement, HTMLElement]} */
  #parts(name) {
    return name === "topic" ? [this.#topic, this.#topicError] : [this.#name, this.#nameError];
  }
}
