import { t } from "../../../core/i18n.js";
import { button } from "../../shared/button.js";
import { h, setAttribute, setText, show } from "../dom.js";

/**
 * @import {Label} from "../../../core/types.js"
 * @import {DossierModel} from "./dossier-model.js"
 * @typedef {{chooseOutcome: (outcome: number|null) => void, chooseTag: (tag: number, on: boolean) => void, later: () => void}} WrapUpActions
 */

/** From so many on they are searched. */
const FILTER_FROM = 10;

/** @param {DossierModel} dossier @returns {string} how it stands with saving; empty where there is nothing to say */
export function savingText(dossier) {
  if (dossier.fault) return dossier.fault;
  if (dossier.saving === "idle") return "";
  return t(
    `console.wrap-up.${dossier.saving === "saving" && dossier.loaded && !dossier.recorded ? "early" : dossier.saving}`,
  );
}

/** What came of the conversation: one outcome, and tags. All by keyboard: arrows choose, letters search. */
export class WrapUpView {
  #actions;
  #outcomes = h("div", { class: "ad-choices" });
  #tags = h("div", { class: "ad-choices ad-choices-tags" });
  #required = h("p", { class: "ad-wrap-up-required", id: "ad-wrap-up-required", role: "status" });
  #status = h("p", { class: "ad-dossier-status", role: "status" });
  #filter = h("input", {
    class: "ad-dossier-filter",
    type: "search",
    autocomplete: "off",
    oninput: () => this.#search(),
    onkeydown: (/** @type {KeyboardEvent} */ event) => this.#takeFound(event),
  });
  /** What is drawn, so that the focus stays where nothing has changed. */
  #drawn = "";
  /** Where the focus was when somebody asked for what was not here yet. @type {Element | null} */
  #awaited = null;
  #demanded = false;

  /** @param {WrapUpActions} actions */
  constructor(actions) {
    this.#actions = actions;
    this.#filter.setAttribute("aria-label", t("console.wrap-up.filter"));
    this.#filter.setAttribute("placeholder", t("console.wrap-up.filter"));
    this.later = button({ kind: "quiet" }, () => actions.later(), t("console.wrap-up.later"));
    this.ofOutcome = h(
      "fieldset",
      { class: "ad-dossier-group", "aria-describedby": "ad-wrap-up-required" },
      h("legend", {}, t("console.wrap-up.outcome")),
      this.#required,
      this.#outcomes,
    );
    this.ofTags = h(
      "fieldset",
      { class: "ad-dossier-group" },
      h("legend", {}, t("console.wrap-up.tags")),
      this.#filter,
      this.#tags,
    );
    this.element = h("div", { class: "ad-wrap-up-form" }, this.ofOutcome, this.ofTags, this.later, this.#status);
  }

  focus() {
    const radios = [...this.#outcomes.querySelectorAll("input")];
    const first = radios.find(({ checked }) => checked) ?? radios[0] ?? this.#tags.querySelector("input");
    // Who is quicker than the lists gets there when they are here.
    this.#awaited = first?.getClientRects().length ? null : document.activeElement;
    first?.focus();
  }

  /** Says once more what is wanted, where somebody wants to go on without it. */
  demand() {
    this.#demanded = true;
    setText(this.#required, t("console.wrap-up.demand"));
    this.focus();
  }

  /** @param {DossierModel} dossier @param {boolean} wrapsUp */
  update(dossier, wrapsUp) {
    this.#draw(dossier);
    const tags = new Set(dossier.chosenTags);
    for (const box of this.#outcomes.querySelectorAll("input"))
      box.checked = box.value === String(dossier.outcome ?? "");
    for (const box of this.#tags.querySelectorAll("input")) box.checked = tags.has(Number(box.value));
    show(this.ofOutcome, dossier.outcomes.length > 0 || dossier.given.outcome !== null);
    show(this.ofTags, dossier.tags.length > 0 || dossier.given.tags.length > 0);
    show(this.later, wrapsUp && dossier.missing);
    this.#demanded &&= dossier.missing;
    setText(this.#required, dossier.missing ? t(`console.wrap-up.${this.#demanded ? "demand" : "required"}`) : "");
    setAttribute(this.ofOutcome, "data-missing", wrapsUp && dossier.missing);
    setText(this.#status, savingText(dossier));
    setAttribute(this.#status, "data-tone", dossier.fault || dossier.saving === "failed" ? "bad" : null);
    if (this.#awaited && dossier.loaded) {
      // Nobody is torn away from what they have begun since.
      if (document.activeElement === this.#awaited) this.focus();
      this.#awaited = null;
    }
  }

  /** @param {DossierModel} dossier */
  #draw(dossier) {
    const { outcomeChoices, tagChoices } = dossier;
    const look = JSON.stringify([dossier.conversation, outcomeChoices, tagChoices]);
    if (look === this.#drawn) return;
    this.#drawn = look;
    const none = { id: 0, name: t("console.wrap-up.none") };
    this.#outcomes.replaceChildren(
      ...[...outcomeChoices, none].map((label) =>
        choice("radio", label, () => this.#actions.chooseOutcome(label.id || null)),
      ),
    );
    this.#tags.replaceChildren(
      ...tagChoices.map((label) => choice("checkbox", label, (on) => this.#actions.chooseTag(label.id, on))),
    );
    show(this.#filter, tagChoices.length >= FILTER_FROM);
    this.#filter.value = "";
    this.#search();
  }

  #search() {
    const words = folded(this.#filter.value);
    for (const label of /** @type {NodeListOf<HTMLElement>} */ (this.#tags.querySelectorAll("label"))) {
      show(label, folded(label.textContent ?? "").includes(words));
    }
  }

  /** Enter takes the first that is found. @param {KeyboardEvent} event */
  #takeFound(event) {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    /** @type {HTMLInputElement | null} */
    const found = this.#tags.querySelector("label:not([hidden]) input");
    if (!found || this.#filter.value.trim() === "") return;
    this.#actions.chooseTag(Number(found.value), !found.checked);
    this.#filter.value = "";
    this.#search();
  }
}

/** @param {"radio" | "checkbox"} type @param {Label} label @param {(on: boolean) => void} choose */
function choice(type, { id, name }, choose) {
  const box = h("input", { type, value: id || "", onchange: () => choose(box.checked) });
  if (type === "radio") box.name = "ad-outcome";
  return h("label", { class: "ad-choice" }, box, h("bdi", {}, name));
}

/** Without case, marks and the four kinds of i. @param {string} text */
function folded(text) {
  return text.normalize("NFKD").toLowerCase().replace(/\p{M}/gu, "").replaceAll("ı", "i").trim();
}
