import { t } from "../../core/i18n.js";
import { button } from "../shared/button.js";
import { h, setText, show } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { faultOf, tidyForm } from "./join-form.js";

/**
 * @import {CustomerState, JoinForm} from "./state.js"
 * @import {FormFault} from "./join-form.js"
 * @import {MediaKind} from "../../core/types.js"
 */

/** @type {{kind: MediaKind, icon: string}[]} */
const MEDIA = [
  { kind: "video", icon: "video" },
  { kind: "audio", icon: "mic" },
  { kind: "chat", icon: "chat" },
];

/** The form before the queue: a name, a topic if one likes, and how to talk. */
export class WelcomeView {
  #name;
  #nameError = h("p", { class: "ad-field__error", id: "ad-name-error", hidden: true });
  #topic;
  #topicError = h("p", { class: "ad-field__error", id: "ad-topic-error", hidden: true });
  /** The last fault that the state told of. @type {FormFault | null} */
  #told = null;
  #cancel;
  #notice = h("p", { class: "ad-note", "data-tone": "info", hidden: true });
  #button;
  #title;
  element;

  /** @param {{join: (form: JoinForm) => void, cancelJoin: () => void, warmUp: () => void}} actions */
  constructor(actions) {
    this.#name = h("input", {
      id: "ad-name",
      class: "ad-input",
      name: "name",
      type: "text",
      autocomplete: "given-name",
      required: true,
      dir: "auto",
      "aria-describedby": "ad-name-hint ad-name-error",
      oninput: () => this.#clearError("name"),
    });
    this.#topic = h("input", {
      id: "ad-topic",
      class: "ad-input",
      name: "topic",
      type: "text",
      dir: "auto",
      placeholder: t("customer.welcome.topicHint"),
      "aria-describedby": "ad-topic-error",
      oninput: () => this.#clearError("topic"),
    });
    this.#button = h(
      "button",
      { type: "submit", class: "ad-button ad-button--large ad-button--wide" },
      t("customer.welcome.join"),
    );
    this.#cancel = button(
      { kind: "quiet", wide: true, hidden: true },
      () => actions.cancelJoin(),
      t("customer.welcome.cancel"),
    );
    this.#title = h("h1", { class: "ad-title", tabindex: "-1" }, t("customer.welcome.title"));
    this.element = h(
      "section",
      { class: "ad-card ad-view" },
      this.#title,
      h("p", { class: "ad-lead" }, t("customer.welcome.lead")),
      this.#notice,
      h(
        "form",
        {
          class: "ad-form",
          novalidate: true,
          onsubmit: (event) => this.#submit(event, actions.join),
          onfocusin: () => actions.warmUp(),
        },
        field(
          "ad-name",
          t("customer.welcome.name"),
          this.#name,
          h("p", { class: "ad-field__hint", id: "ad-name-hint" }, t("customer.welcome.nameHint")),
          this.#nameError,
        ),
        field(
          "ad-topic",
          h(
            "span",
            {},
            t("customer.welcome.topic"),
            h("i", { class: "ad-field__optional" }, t("customer.welcome.optional")),
          ),
          this.#topic,
          this.#topicError,
        ),
        h(
          "fieldset",
          { class: "ad-choice" },
          h("legend", { class: "ad-field__label" }, t("customer.welcome.media")),
          ...MEDIA.map(choice),
        ),
        this.#button,
        this.#cancel,
        h("p", { class: "ad-consent" }, icon("lock"), h("span", {}, t("customer.welcome.consent"))),
      ),
    );
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

  /** @param {JoinForm} form */
  #fill({ name, topic, media }) {
    this.#name.value ||= name;
    this.#topic.value ||= topic;
    const chosen = this.element.querySelector(`input[value="${media}"]`);
    if (chosen instanceof HTMLInputElement && !this.element.querySelector("input[name=media]:checked"))
      chosen.checked = true;
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

/** @param {string} id @param {string | Node} label @param {...Node} parts */
function field(id, label, ...parts) {
  return h("div", { class: "ad-field" }, h("label", { class: "ad-field__label", for: id }, label), ...parts);
}

/** @param {{kind: MediaKind, icon: string}} option */
function choice({ kind, icon: name }) {
  return h(
    "label",
    { class: "ad-choice__option" },
    h("input", { class: "ad-choice__radio", type: "radio", name: "media", value: kind }),
    h(
      "span",
      { class: "ad-choice__face" },
      icon(name),
      h("b", {}, t(`customer.media.${kind}`)),
      h("small", {}, t(`customer.media.${kind}.hint`)),
    ),
  );
}
