import { readConfig } from "../../../core/config.js";
import { getLocale, t } from "../../../core/i18n.js";
import { button } from "../../shared/button.js";
import { h, setText, show } from "../../shared/dom.js";
import { TelegramStart } from "./telegram-start.js";

/**
 * @import {TelegramActions} from "./telegram-start.js"
 * @typedef {'ask' | 'denied' | 'homeScreen' | 'unsupported'} Standing  of this browser, as one that can be told by push
 * @typedef {{ask: (address: string, here: boolean) => Promise<void>, cancel: () => Promise<void>, address: string, byMail: boolean,
 *   here: {standing: () => Standing, allow: () => Promise<boolean>} | null, telegram: TelegramActions | null}} CallbackActions
 *   ask, cancel: reject with words for people, or none; address: what is known of it already; here: null where no browser is told;
 *   telegram: null where there is no bot
 * @typedef {{channel: string, address?: string}} Callback  address: as this page has told it
 */

const ADDRESS_MOST = 254;

/** How to reach who waits when it is nearly their turn: an address, this browser or both; then, that the page may be closed. */
export class CallbackForm {
  #actions;
  #busy = false;
  #address = h("input", {
    class: "ad-input",
    id: "ad-callback-address",
    type: "email",
    maxlength: ADDRESS_MOST,
    autocomplete: "email",
    "aria-describedby": "ad-callback-status",
  });
  #addressLabel = h("label", { class: "ad-field__label", for: "ad-callback-address" });
  #here = h("input", { type: "checkbox", name: "here", onchange: () => void this.#choose() });
  #hereWords = h("p", { class: "ad-callback__status", role: "status" });
  #send = button({ wide: true, type: "submit" }, () => {});
  #stay = button(
    { kind: "quiet", wide: true },
    () => void this.#try(() => this.#actions.cancel()),
    t("customer.callback.stay"),
  );
  #telegram = new TelegramStart({ ask: () => void this.#try(() => this.#start()), back: () => this.#back() });
  #leading = false;
  #title = h("h2", { class: "ad-callback__title", tabindex: "-1" });
  #text = h("p", {});
  #status = h("p", { class: "ad-callback__status", id: "ad-callback-status", role: "status" });
  #form;
  element;

  /** @param {CallbackActions} actions */
  constructor(actions) {
    this.#actions = actions;
    this.#address.value = actions.address;
    this.#form = h(
      "form",
      {
        class: "ad-form",
        onsubmit: (event) => {
          event.preventDefault();
          const address = this.#address.value.trim();
          void this.#try(() => this.#actions.ask(address, this.#here.checked));
        },
      },
      actions.here && h("label", { class: "ad-option" }, this.#here, h("span", {}, t("customer.callback.here"))),
      this.#hereWords,
      this.#addressLabel,
      this.#address,
      this.#send,
    );
    this.element = h(
      "section",
      { class: "ad-callback" },
      this.#title,
      this.#text,
      this.#form,
      this.#telegram.element,
      this.#stay,
      this.#status,
      timesLink(),
    );
    this.#drawWays(actions.here ? actions.here.standing() : "ask");
    void actions.telegram?.standing().then((heard) => heard && this.#telegram.offer());
  }

  focus() {
    this.#title.focus({ preventScroll: true });
  }

  /** @param {Callback | null} callback  null: none is promised */
  update(callback) {
    const promised = callback !== null;
    const hadFocus = this.element.contains(document.activeElement) && this.#stay.hidden === promised;
    setText(this.#title, t(promised ? "customer.callback.kept" : "customer.callback.title"));
    setText(this.#text, callback ? promiseOf(callback) : t("customer.callback.text"));
    if (promised && this.#leading) this.#back();
    show(this.#form, !promised && !this.#leading);
    show(this.#telegram.element, !promised);
    show(this.#stay, promised);
    if (hadFocus) this.focus();
  }

  /** The way to the bot stands alone until another one is chosen. */
  async #start() {
    const { telegram, byMail } = this.#actions;
    const link = await telegram?.start(byMail ? this.#address.value.trim() : "");
    if (!link) return;
    this.#leading = true;
    this.#only(false);
    this.#telegram.lead(link);
  }

  #back() {
    this.#leading = false;
    this.#actions.telegram?.stop();
    this.#telegram.reset();
    this.#only(true);
  }

  /** @param {boolean} ways  the others, and not the one that was chosen */
  #only(ways) {
    for (const one of [this.#form, this.#text]) show(one, ways);
  }

  /** The box is the gesture on which a browser asks. */
  async #choose() {
    const { here } = this.#actions;
    if (!here) return;
    if (this.#here.checked && !(await here.allow())) this.#here.checked = false;
    this.#drawWays(here.standing());
  }

  /** What is asked for; in words where this browser tells nobody. @param {Standing} standing */
  #drawWays(standing) {
    const { byMail } = this.#actions;
    if (standing !== "ask") this.#here.checked = false;
    this.#here.disabled = standing !== "ask";
    this.#here.required = !byMail;
    const said = standing === "ask" ? "" : t(`customer.callback.${standing}`);
    setText(this.#hereWords, said && !byMail ? `${said} ${t("customer.callback.noWay")}` : said);
    this.#address.required = !this.#here.checked;
    this.#address.disabled = !byMail;
    for (const one of [this.#addressLabel, this.#address]) show(one, byMail);
    show(this.#send, byMail || (this.#actions.here !== null && standing === "ask"));
    setText(this.#addressLabel, t(this.#here.checked ? "customer.callback.addressToo" : "customer.callback.address"));
    setText(this.#send, t(this.#here.checked ? "customer.callback.sendHere" : "customer.callback.send"));
  }

  /** @param {() => Promise<void>} act */
  async #try(act) {
    if (this.#busy) return;
    this.#tell(true, "");
    try {
      await act();
      this.#tell(false, "");
    } catch (error) {
      this.#tell(false, /** @type {Error} */ (error).message || t("customer.callback.failed"));
    }
  }

  /** @param {boolean} busy @param {string} fault */
  #tell(busy, fault) {
    this.#busy = busy;
    setText(this.#status, busy ? t("customer.callback.sending") : fault);
    this.#status.dataset.tone = fault ? "danger" : "";
    this.#address.setAttribute("aria-invalid", String(fault !== ""));
    // Not `disabled`: that would take the keyboard's place on the page away.
    for (const one of [this.#send, this.#stay]) one.setAttribute("aria-disabled", String(busy));
  }
}

/** @param {Callback} callback */
function promiseOf({ channel, address = "" }) {
  if (channel === "telegram")
    return t(address ? "customer.callback.messagedBoth" : "customer.callback.messaged", { address });
  if (channel === "push") return t(address ? "customer.callback.toldBoth" : "customer.callback.told", { address });
  return t(address ? "customer.callback.written" : "customer.callback.promised", { address });
}

/** To a page of its own, where a time can be chosen instead; null where none can. */
function timesLink() {
  const { timesUrl } = readConfig();
  if (!timesUrl) return null;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
  const href = `${timesUrl}&locale=${encodeURIComponent(getLocale())}&zone=${encodeURIComponent(zone)}`;
  return h(
    "a",
    { class: "ad-link ad-callback__times", href, target: "_blank", rel: "noopener" },
    t("customer.callback.times"),
  );
}
