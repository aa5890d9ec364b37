import { show } from "../shared/dom.js";

/** Row of the form → the kind of question that it is for. */
const OF_KIND = { choices: "choice", link: "consent" };

/** Of each question only what its kind needs. @param {ParentNode} place */
export function showFieldsOfKind(place) {
  for (const kind of place.querySelectorAll('select[name$="-kind"]')) {
    const question = kind.closest(".inline-related");
    for (const [name, wanted] of Object.entries(OF_KIND)) {
      const row = question?.querySelector(`.field-${name}`);
      if (row instanceof HTMLElement) show(row, /** @type {HTMLSelectElement} */ (kind).value === wanted);
    }
  }
}
