import { t } from "../../../core/i18n.js";
import { button } from "../../shared/button.js";
import { h, setText, show } from "../../shared/dom.js";

/**
 * @typedef {{text: string, name: string, email: string, phone: string}} MessageFields
 * @typedef {{phase: 'writing' | 'uploading' | 'stopped' | 'sending' | 'waiting' | 'kept' | 'refused', fields: MessageFields, faults: Record<string, string>,
 *   message: string}} MessageState  uploading: its files are on their way; stopped: one was refused; waiting: in the page, and tried again; faults: by field, words or keys of ours; message: of the server
 * @typedef {{state: MessageState, watch: (watcher: (state: MessageState) => void) => void, write: (fields: MessageFields) => void,
 *   send: (fields: MessageFields) => void, another: () => void}} MessageActions
 */

/** As the server has them (messages_left/models.py). */
const MOST = { text: 3000, name: 80, email: 254, phone: 40 };
const NAMES = /** @type {const} */ (["text", "name", "email", "phone"]);
const KINDS = {
  name: { type: "text", autocomplete: "name" },
  email: { type: "email", autocomplete: "email" },
  phone: { type: "tel", autocomplete: "tel" },
};
/** What is said of by us where the server said nothing. */
const TOLD = new Set(["uploading", "stopped", "sending", "waiting", "refused"]);
const BUSY = new Set(["uploading", "sending"]);
const TONES = { stopped: "danger", refused: "danger", waiting: "warning" };

/** What somebody wants to say, and how they can be reached. It stands where a dead end is, and is kept while it is written. */
export class MessageForm {
  #actions;
  #inputs;
  #errors;
  #send = button({ wide: true, type: "submit" }, () => {}, t("customer.message.send"));
  #status = h("p", { class: "ad-message__status", role: "status" });
  #form;
  #kept;
  element;

  /** @param {MessageActions} actions @param {import("./message-attach.js").MessageAttach | null} [attach] */
  constructor(actions, attach = null) {
    this.#actions = actions;
    this.#errors = Object.fromEntries(
      NAMES.map((name) => [name, h("p", { class: "ad-field__error", id: `ad-message-${name}-error`, hidden: true })]),
    );
    this.#inputs = {
      text: this.#area(),
      name: this.#line("name"),
      email: this.#line("email"),
      phone: this.#line("phone"),
    };
    this.#form = h(
      "form",
      {
        class: "ad-form",
        novalidate: true,
        oninput: () => actions.write(this.#fields),
        onsubmit: (event) => {
          event.preventDefault();
          this.#submit();
        },
      },
      h("h2", { class: "ad-message__title", tabindex: "-1" }, t("customer.message.title")),
      this.#row("text"),
      attach?.element,
      ...NAMES.filter((name) => name !== "text").map((name) => this.#row(name)),
      this.#send,
      h("p", { class: "ad-field__hint" }, t("customer.message.privacy")),
    );
    this.#kept = h(
      "div",
      { class: "ad-message__kept" },
      h("h2", { class: "ad-message__title", tabindex: "-1" }, t("customer.message.kept")),
      h("p", {}),
      button({ kind: "quiet", wide: true }, () => actions.another(), t("customer.message.another")),
    );
    this.element = h("section", { class: "ad-message" }, this.#form, this.#kept, this.#status);
    attach?.listen(this.#form);
    for (const name of NAMES) this.#inputs[name].value = actions.state.fields[name];
    actions.watch((state) => this.#update(state));
  }

  focus() {
    (this.#form.hidden ? this.#kept : this.#form).querySelector("h2")?.focus({ preventScroll: true });
  }

  /** @returns {MessageFields} */
  get #fields() {
    const { text, name, email, phone } = this.#inputs;
    return { text: text.value, name: name.value, email: email.value, phone: phone.value };
  }

  #submit() {
    if (!BUSY.has(this.#actions.state.phase)) this.#actions.send(this.#fields);
    // The first thing that is wrong, for the keyboard.
    const wrong = NAMES.find((name) => this.#actions.state.faults[name]);
    if (wrong) this.#inputs[wrong].focus();
  }

  /** @param {MessageState} state */
  #update({ phase, fields, faults, message }) {
    const kept = phase === "kept";
    const hadFocus = this.element.contains(document.activeElement);
    const changes = this.#form.hidden !== kept;
    show(this.#form, !kept);
    show(this.#kept, kept);
    if (changes && hadFocus) this.focus();
    for (const name of NAMES) {
      const fault = faults[name] ?? "";
      setText(this.#errors[name], fault.startsWith("customer.") ? t(fault) : fault);
      show(this.#errors[name], fault !== "");
      this.#inputs[name].setAttribute("aria-invalid", String(fault !== ""));
      // What is being written is the same already, and setting it would move the cursor.
      if (this.#inputs[name].value.trim() !== fields[name].trim()) this.#inputs[name].value = fields[name];
    }
    setText(
      /** @type {Node} */ (this.#kept.querySelector("p")),
      t("customer.message.reached", { way: [fields.email, fields.phone].filter(Boolean).join(", ") }),
    );
    setText(this.#status, message || (TOLD.has(phase) ? t(`customer.message.${phase}`) : ""));
    this.#status.dataset.tone = /** @type {Record<string, string>} */ (TONES)[phase] ?? "";
    // Not `disabled`: that would take the keyboard's place on the page away.
    this.#send.setAttribute("aria-disabled", String(BUSY.has(phase)));
  }

  /** @param {"text" | "name" | "email" | "phone"} name */
  #row(name) {
    return h(
      "div",
      { class: "ad-field" },
      h(
        "label",
        { class: "ad-field__label", for: `ad-message-${name}` },
        t(`customer.message.${name}`),
        name === "name" && h("i", { class: "ad-field__optional" }, t("customer.welcome.optional")),
      ),
      this.#inputs[name],
      name === "email" && h("p", { class: "ad-field__hint" }, t("customer.message.either")),
      this.#errors[name],
    );
  }

  #area() {
    return h("textarea", { ...common("text"), rows: 4, required: true });
  }

  /** @param {keyof typeof KINDS} name */
  #line(name) {
    return h("input", { ...common(name), ...KINDS[name] });
  }
}

/** @param {keyof typeof MOST} name */
function common(name) {
  return {
    class: "ad-input",
    id: `ad-message-${name}`,
    dir: "auto",
    maxlength: MOST[name],
    "aria-describedby": `ad-message-${name}-error`,
  };
}
