import { t } from "../../../core/i18n.js";
import { button } from "../../shared/button.js";
import { h, setText, show } from "../../shared/dom.js";

/** @import {PlaceLink} from "../../../net/kept-chat.js" */

const CODE_PX = 264;

/** The way to another device: a code for its camera, and the link itself to copy or to send. */
export class PlaceDialog {
  #ask;
  #status = h("p", { class: "ad-place-link__status", role: "status" });
  #code = h("img", {
    class: "ad-place-link__code",
    width: CODE_PX,
    height: CODE_PX,
    alt: t("customer.place.code"),
    hidden: true,
  });
  #link = h("input", {
    class: "ad-input",
    type: "text",
    readonly: true,
    "aria-label": t("customer.place.link"),
    onfocus: () => this.#link.select(),
  });
  #copy = button({ kind: "quiet" }, () => void this.#copied(), t("customer.place.copy"));
  #send = button({ kind: "quiet" }, () => void this.#sent(), t("customer.place.send"));
  #ways = h("div", { class: "ad-place-link__ways", hidden: true }, this.#link, this.#copy, this.#send);
  #again = button({ kind: "quiet" }, () => void this.#fill(), t("customer.place.again"));

  /** @param {() => Promise<PlaceLink>} ask  rejects with words for people, or none */
  constructor(ask) {
    this.#ask = ask;
  }

  /**
   * Modal over the native element: Escape closes it and the focus returns by itself.
   * @returns {HTMLDialogElement}
   */
  open() {
    const dialog = h(
      "dialog",
      { class: "ad-dialog", "aria-labelledby": "ad-place-link-title", onclose: () => dialog.remove() },
      h("h2", { id: "ad-place-link-title", class: "ad-dialog__title" }, t("customer.place.title")),
      h("p", { class: "ad-dialog__text" }, t("customer.place.text")),
      this.#code,
      this.#ways,
      this.#status,
      h(
        "div",
        { class: "ad-dialog__buttons" },
        this.#again,
        button({ kind: "primary" }, () => dialog.close(), t("common.close")),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
    void this.#fill();
    return dialog;
  }

  async #fill() {
    show(this.#again, false);
    setText(this.#status, t("customer.place.loading"));
    try {
      const { link, code, expires_s: seconds } = await this.#ask();
      Object.assign(this.#code, { src: code, hidden: false });
      this.#link.value = link;
      show(this.#send, typeof navigator.share === "function");
      show(this.#ways, true);
      setText(this.#status, t("customer.place.lasts", { n: Math.round(seconds / 60) }));
    } catch (error) {
      setText(this.#status, /** @type {Error} */ (error).message || t("customer.place.failed"));
      show(this.#again, true);
    }
  }

  async #copied() {
    try {
      await navigator.clipboard.writeText(this.#link.value);
    } catch {
      // Forbidden: it is marked, so that a key copies it.
      return this.#link.focus();
    }
    setText(this.#status, t("customer.place.copied"));
  }

  async #sent() {
    try {
      await navigator.share({ url: this.#link.value });
    } catch {
      // Whoever closes the list of ways has decided otherwise.
    }
  }
}
