import { ColourInput } from "./ui/site-form/colour-input.js";
import { CopyButton } from "./ui/site-form/copy-button.js";
import { Preview } from "./ui/site-form/preview.js";
import { showFieldsOfKind } from "./ui/site-form/question-fields.js";
import { SmallPicture } from "./ui/site-form/small-picture.js";

// The admin's page of a site: what its form cannot do without a script.
for (const input of document.querySelectorAll("input.ad-colour")) {
  new ColourInput(/** @type {HTMLInputElement} */ (input));
}
for (const button of document.querySelectorAll("[data-copy]")) new CopyButton(/** @type {HTMLElement} */ (button));
for (const input of document.querySelectorAll("input[data-box]"))
  new SmallPicture(/** @type {HTMLInputElement} */ (input));
const preview = document.querySelector("[data-preview]");
const form = document.querySelector("#site_form");
if (preview instanceof HTMLElement && form instanceof HTMLFormElement) new Preview(preview, form);
for (const event of ["change", "formset:added"]) document.addEventListener(event, () => showFieldsOfKind(document));
showFieldsOfKind(document);
