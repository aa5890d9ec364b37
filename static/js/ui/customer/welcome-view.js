import { t } from "../../core/i18n.js";
import { h, setText, show } from "../shared/dom.js";
import { icon } from "../shared/icons.js";

/**
 * @import {CustomerState, JoinForm} from "./state.js"
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
  #notice = h("p", { class: "ad-note ad-note--info", hidden: true });
  #button;
  #title;
  element;

  /** @param {{join: (form: JoinForm) => void, warmUp: () => void}} actions */
  constructor(actions) {
    this.#name = h("input", {
      id: "ad-name", class: "ad-input", name: "name", type: "text", autocomplete: "given-name", maxlength: 80, required: true,
      "aria-describedby": "ad-name-hint ad-name-error", oninput: () => this.#clearError(),
    });
    this.#topic = h("input", {
      id: "ad-topic", class: "ad-input", name: "topic", type: "text", maxlength: 200, placeholder: t("customer.welcome.topicHint"),
    });
    this.#button = h("button", { type: "submit", class: "ad-button ad-button--large ad-button--wide" }, t("customer.welcome.join"));
    this.#title = h("h1", { class: "ad-title", tabindex: "-1" }, t("customer.welcome.title"));
    this.element = h(
      "section",
      { class: "ad-card ad-view" },
      this.#title,
      h("p", { class: "ad-lead" }, t("customer.welcome.lead")),
      this.#notice,
      h(
        "form",
        { class: "ad-form", novalidate: true, onsubmit: (event) => this.#submit(event, actions.join), onfocusin: () => actions.warmUp() },
        field("ad-name", t("customer.welcome.name"), this.#name, h("p", { class: "ad-field__hint", id: "ad-name-hint" }, t("customer.welcome.nameHint")), this.#nameError),
        field("ad-topic", h("span", {}, t("customer.welcome.topic"), h("i", { class: "ad-field__optional" }, t("customer.welcome.optional"))), this.#topic),
        h("fieldset", { class: "ad-choice" }, h("legend", { class: "ad-field__label" }, t("customer.welcome.media")), ...MEDIA.map(choice)),
        this.#button,
        h("p", { class: "ad-consent" }, icon("lock"), h("span", {}, t("customer.welcome.consent"))),
      ),
    );
  }

  /** @param {CustomerState} state */
  update({ screen, form, notice }) {
    const busy = screen === "joining";
    if (!this.element.contains(document.activeElement)) this.#fill(form);
    this.#button.disabled = busy;
    this.#button.setAttribute("aria-busy", String(busy));
    setText(this.#button, t(busy ? "customer.welcome.joining" : "customer.welcome.join"));
    show(this.#notice, Boolean(notice));
    setText(this.#notice, notice ? t(notice) : "");
  }

  focus() {
    this.#title.focus({ preventScroll: true });
  }

  /** @param {JoinForm} form */
  #fill({ name, topic, media }) {
    this.#name.value ||= name;
    this.#topic.value ||= topic;
    const chosen = this.element.querySelector(`input[value="${media}"]`);
    if (chosen instanceof HTMLInputElement && !this.element.querySelector("input[name=media]:checked")) chosen.checked = true;
  }

  /** @param {SubmitEvent} event @param {(form: JoinForm) => void} join */
  #submit(event, join) {
    event.preventDefault();
    const name = this.#name.value.trim();
    if (!name) return this.#showError();
    const data = new FormData(/** @type {HTMLFormElement} */ (event.target));
    join({ name, topic: this.#topic.value.trim(), media: /** @type {MediaKind} */ (data.get("media") ?? "video") });
  }

  #showError() {
    setText(this.#nameError, t("customer.welcome.nameMissing"));
    show(this.#nameError, true);
    this.#name.setAttribute("aria-invalid", "true");
    this.#name.focus();
  }

  #clearError() {
    show(this.#nameError, false);
    this.#name.removeAttribute("aria-invalid");
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
    h("span", { class: "ad-choice__face" }, icon(name), h("b", {}, t(`customer.media.${kind}`)), h("small", {}, t(`customer.media.${kind}.hint`))),
  );
}
