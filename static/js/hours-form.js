import { CopyDay } from "./ui/hours-form/copy-day.js";
import { nameCountries } from "./ui/hours-form/countries.js";
import { HoursPreview } from "./ui/hours-form/preview.js";

// The admin's page of opening hours: what its form cannot do without a script.
const form = document.querySelector("#openinghours_form");
const copy = document.querySelector(".ad-hours-copy");
const preview = document.querySelector("[data-preview]");
const countries = document.querySelector("select[name=country]");
if (form instanceof HTMLFormElement) {
  if (copy instanceof HTMLElement) new CopyDay(copy, form);
  if (countries instanceof HTMLSelectElement) nameCountries(countries, document.documentElement.lang);
  if (preview instanceof HTMLElement) new HoursPreview(preview, form);
}
