import { button } from "../button.js";
import { h, setText, show } from "../dom.js";
import { Timer } from "../timer.js";

/**
 * @import {Notice} from "./trouble.js"
 * @typedef {{title: string, text: string, act?: string}} NoticeWords  act: the button's label, where there is one
 */

/**
 * "Reconnecting" over the picture: what is being tried and for how long. Drawn only once a trouble lasts, so that a gap
 * nobody noticed does not flash up.
 */
export class ReconnectView {
  #words;
  #now;
  #title = h("p", { class: "ad-reconnect__title" });
  #text = h("p", { class: "ad-reconnect__text" });
  #time = h("time", { class: "ad-reconnect__time", "aria-live": "off" });
  #timer;
  #act;
  /** @type {any} */
  #later;
  element;

  /**
   * @param {{words: (notice: Notice) => NoticeWords, now?: () => number, act?: () => void}} options
   */
  constructor({ words, now = Date.now, act = () => {} }) {
    this.#words = words;
    this.#now = now;
    this.#timer = new Timer(this.#time, now);
    this.#act = button({ class: "ad-reconnect__act", hidden: true }, () => act());
    this.element = h(
      "div",
      { class: "ad-reconnect", role: "status", hidden: true },
      h("span", { class: "ad-spinner", "aria-hidden": "true" }),
      h("div", { class: "ad-reconnect__words" }, this.#title, this.#text),
      this.#time,
      this.#act,
    );
  }

  /** @param {Notice | null} notice */
  update(notice) {
    clearTimeout(this.#later);
    const early = notice ? notice.from - this.#now() : 0;
    if (notice && early > 0) this.#later = setTimeout(() => this.update(notice), early);
    if (!notice || early > 0) {
      this.#timer.stop();
      return show(this.element, false);
    }
    const { title, text, act = "" } = this.#words(notice);
    this.element.dataset.who = notice.who;
    this.element.dataset.step = notice.step;
    setText(this.#title, title);
    setText(this.#text, text);
    show(this.#text, text !== "");
    setText(this.#act, act);
    show(this.#act, act !== "");
    this.#timer.start(notice.since);
    show(this.element, true);
  }
}
