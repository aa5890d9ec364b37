import { t } from "../../core/i18n.js";
import { h, setText, show } from "./dom.js";

/**
 * @import {PushState} from "../../net/push.js"
 * @typedef {{state: () => Promise<PushState>, on: () => Promise<PushState>, off: () => Promise<PushState>}} PushActions
 */

/** Whether this browser tells of customers while no console is open in it; in words where it cannot. */
export class PushOption {
  #actions;
  #box = h("input", { type: "checkbox", name: "push", disabled: true, onchange: () => void this.#choose() });
  #words = h("p", { class: "ad-quiet", role: "status", hidden: true });
  /** They stand among the other settings. */
  elements;

  /** @param {PushActions} actions */
  constructor(actions) {
    this.#actions = actions;
    const label = h("label", { class: "ad-option" }, this.#box, h("span", {}, t("console.push.option")));
    this.elements = [label, this.#words];
  }

  /** Looks how it stands. */
  async look() {
    this.#show(await this.#actions.state());
  }

  async #choose() {
    const wanted = this.#box.checked;
    this.#box.disabled = true;
    try {
      this.#show(await (wanted ? this.#actions.on() : this.#actions.off()));
    } catch {
      this.#show(wanted ? "off" : "on", "console.push.failed");
    }
  }

  /** @param {PushState} state @param {string} [key]  of what is said instead */
  #show(state, key) {
    const works = state === "on" || state === "off";
    this.#box.checked = state === "on";
    this.#box.disabled = !works;
    const said = key ?? (works ? "" : `console.push.${state}`);
    setText(this.#words, said && t(said));
    show(this.#words, said !== "");
  }
}
