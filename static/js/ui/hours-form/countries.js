/**
 * Countries in the language of the page, which the browser knows; the server wrote them in English.
 * @param {HTMLSelectElement} select @param {string} language
 */
export function nameCountries(select, language) {
  const names = new Intl.DisplayNames([language], { type: "region" });
  const [none, ...countries] = select.options;
  const chosen = select.value;
  for (const option of countries) option.text = names.of(option.value) ?? option.text;
  select.replaceChildren(none, ...countries.sort((one, other) => one.text.localeCompare(other.text, language)));
  select.value = chosen;
}
