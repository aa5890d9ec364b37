import { show } from "../shared/dom.js";

/** Writes the hours of one day to others: most days of a week are alike. */
export class CopyDay {
  #days;
  #from;

  /** @param {HTMLElement} element  a choice of the day, and a button for each number of days from Monday on @param {HTMLFormElement} form */
  constructor(element, form) {
    this.#days = [
      .../** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll(".ad-hours-week input.ad-hours-day")),
    ];
    this.#from = /** @type {HTMLSelectElement} */ (element.querySelector("[data-from]"));
    this.#from.replaceChildren(...this.#days.map((day) => new Option(labelOf(day), day.name)));
    for (const button of element.querySelectorAll("[data-to]"))
      button.addEventListener("click", () => this.#copy(Number(/** @type {HTMLElement} */ (button).dataset.to)));
    this.#days.at(-1)?.closest("fieldset")?.append(element);
    show(element, true);
  }

  /** @param {number} count  days from Monday on */
  #copy(count) {
    const { value } = /** @type {HTMLInputElement} */ (this.#days[this.#from.selectedIndex]);
    for (const day of this.#days.slice(0, count)) day.value = value;
    this.#from.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

/** @param {HTMLInputElement} input */
function labelOf(input) {
  return (input.labels?.[0]?.textContent ?? "").replace(/:\s*$/, "").trim();
}
