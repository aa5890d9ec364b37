import { t } from "../../../core/i18n.js";
import { button } from "../../shared/button.js";
import { h, setText } from "../../shared/dom.js";

/**
 * @typedef {'none' | 'sending' | 'late' | 'sent' | 'refused' | 'failed'} MailState
 * @typedef {{mailTranscript: (address: string, told: (state: MailState) => void) => Promise<void>}} MailActions
 */

const ADDRESS_MOST = 254;

/** Sends the chat to an address. It blocks nothing: who leaves the page gets the letter all the same. */
export class MailForm {
  #actions;
  #busy = false;
  #address = h("input", {
    class: "ad-input",
    id: "ad-mail-address",
    type: "email",
    required: true,
    maxlength: ADDRESS_MOST,
    autocomplete: "email",
    "aria-describedby": "ad-mail-status",
  });
  #send = button({ kind: "quiet", type: "submit" }, () => {}, t("customer.mail.send"));
  #status = h("p", { class: "ad-said__note", id: "ad-mail-status", role: "status" });
  element;

  /** @param {MailActions} actions */
  constructor(actions) {
    this.#actions = actions;
    this.element = h(
      "form",
      {
        class: "ad-said__mail",
        onsubmit: (event) => {
          event.preventDefault();
          void this.#submit(this.#address.value.trim());
        },
      },
      h("label", { class: "ad-field__label", for: "ad-mail-address" }, t("customer.mail.label")),
      h("div", { class: "ad-said__address" }, this.#address, this.#send),
      this.#status,
    );
  }

  /** @param {string} address */
  async #submit(address) {
    if (this.#busy) return;
    this.#tell("sending", address);
    try {
      await this.#actions.mailTranscript(address, (state) => this.#tell(state, address));
    } catch (error) {
      this.#tell("failed", address);
      setText(this.#status, /** @type {Error} */ (error).message || t("customer.mail.failed"));
    }
  }

  /** @param {MailState} state @param {string} address */
  #tell(state, address) {
    const bad = state === "refused" || state === "failed";
    setText(this.#status, state === "none" ? "" : t(`customer.mail.${state}`, { address }));
    this.#status.dataset.tone = bad ? "danger" : state === "late" ? "warning" : "";
    this.#address.setAttribute("aria-invalid", String(bad));
    // Not `disabled`: that would take the keyboard's place on the page away.
    this.#busy = state === "sending";
    this.#send.setAttribute("aria-disabled", String(this.#busy));
  }
}
