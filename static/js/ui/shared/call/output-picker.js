import { t } from "../../../core/i18n.js";
import { button } from "../button.js";
import { h, setText, show } from "../dom.js";
import { icon } from "../icons.js";

/**
 * @import {OutputState} from "../../../rtc/devices/outputs.js"
 * @typedef {{choose: (id: string) => void, prompt: () => void}} OutputActions
 */

let count = 0;

/** One group of radio buttons for each picker of a page. */
function nextName() {
  count += 1;
  return `ad-output-${count}`;
}

/** Where the sound is heard: a list where the browser allows a choice, its own picker, or the honest word that it does not. */
export class OutputPicker {
  #actions;
  #name = nextName();
  #list = h("div", { class: "ad-output__list", role: "radiogroup" });
  #note = h("p", { class: "ad-output__note" });
  #prompt;
  #drawn = "";
  element;

  /** @param {OutputActions} actions */
  constructor(actions) {
    this.#actions = actions;
    this.#list.setAttribute("aria-label", t("common.output"));
    this.#prompt = button({ kind: "quiet" }, () => actions.prompt(), t("common.output.prompt"));
    this.element = h(
      "div",
      { class: "ad-output" },
      h("h2", { class: "ad-output__title" }, icon("speaker"), t("common.output")),
      this.#list,
      this.#prompt,
      this.#note,
    );
  }

  /** @param {OutputState} state */
  update({ state, outputs, current }) {
    show(this.#prompt, state === "prompt");
    show(this.#list, state === "select" && outputs.length > 0);
    const note =
      state === "none" ? "common.output.none" : state === "select" && outputs.length < 2 ? "common.output.single" : "";
    setText(this.#note, note ? t(note) : state === "prompt" && current ? current.label : "");
    show(this.#note, this.#note.textContent !== "");
    const key = JSON.stringify([outputs, current?.id]);
    if (key === this.#drawn) return;
    this.#drawn = key;
    this.#list.replaceChildren(...outputs.map(({ id, label }) => this.#choice(id, label, id === (current?.id ?? ""))));
  }

  /** @param {string} id @param {string} label @param {boolean} checked */
  #choice(id, label, checked) {
    const radio = h("input", { type: "radio", name: this.#name, value: id, onchange: () => this.#actions.choose(id) });
    radio.checked = checked;
    return h(
      "label",
      { class: "ad-option" },
      radio,
      h("span", {}, label || t(id ? "common.output.unnamed" : "common.output.default")),
    );
  }
}
