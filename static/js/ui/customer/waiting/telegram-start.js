import { t } from "../../../core/i18n.js";
import { button } from "../../shared/button.js";
import { h, setText, show } from "../../shared/dom.js";

/**
 * @typedef {{link: string, code: string, expires_s: number}} StartLink  into the bot's chat; code: as a QR code
 * @typedef {{standing: () => Promise<boolean>, start: (address: string) => Promise<StartLink>, stop: () => void}} TelegramActions
 *   standing: whether the bot hears now; start: a link for who waits, and this page looks whether it was followed until `stop`
 */

/** To be called on Telegram: an offer, and then the way there. What has come of it the page hears from the server. */
export class TelegramStart {
  #expired = 0;
  #offer;
  #open = h("a", { class: "ad-button ad-button--wide", target: "_blank", rel: "noopener" });
  #code = h("img", { class: "ad-callback__code", alt: t("customer.callback.telegramCode") });
  #status = h("p", { class: "ad-callback__status", role: "status" });
  #again;
  #steps;
  element;

  /** @param {{ask: () => void, back: () => void}} actions  ask: for a link, the first or a new one */
  constructor({ ask, back }) {
    this.#offer = button({ kind: "quiet", wide: true, hidden: true }, ask, t("customer.callback.telegram"));
    this.#again = button({ wide: true }, ask, t("customer.callback.telegramAgain"));
    setText(this.#open, t("customer.callback.telegramOpen"));
    this.#steps = h(
      "div",
      { class: "ad-callback__steps", hidden: true },
      h("p", {}, t("customer.callback.telegramText")),
      this.#open,
      h("p", { class: "ad-callback__status" }, t("customer.callback.telegramScan")),
      this.#code,
      this.#status,
      this.#again,
      button({ kind: "quiet", wide: true }, back, t("customer.callback.telegramOther")),
    );
    this.element = h("div", { class: "ad-callback__telegram" }, this.#offer, this.#steps);
  }

  offer() {
    show(this.#offer, Boolean(this.#steps.hidden));
  }

  /** @param {StartLink} link */
  lead({ link, code, expires_s }) {
    this.#open.href = link;
    this.#code.src = code;
    show(this.#offer, false);
    show(this.#steps, true);
    this.#draw(true);
    clearTimeout(this.#expired);
    this.#expired = window.setTimeout(() => this.#draw(false), expires_s * 1000);
    this.#open.focus({ preventScroll: true });
  }

  /** Back to the offer. */
  reset() {
    clearTimeout(this.#expired);
    if (this.#steps.hidden) return;
    show(this.#steps, false);
    show(this.#offer, true);
  }

  /** @param {boolean} good  the link can still be followed */
  #draw(good) {
    for (const one of [this.#open, this.#code]) show(one, good);
    show(this.#again, !good);
    setText(this.#status, t(good ? "customer.callback.telegramWaiting" : "customer.callback.telegramOld"));
  }
}
