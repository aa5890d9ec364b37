import { getLocale, t } from "../../core/i18n.js";
import { h } from "../shared/dom.js";
import { icon } from "../shared/icons.js";

/** @import {Language} from "../../core/languages.js" */

/**
 * How the visitor changes the language: of two, a button that names the other one; of more, a list. Each is called what
 * it calls itself.
 * @param {Language[]} languages
 * @param {(code: string) => void} choose
 * @returns {HTMLElement | null} null: there is nothing to choose
 */
export function languageChoice(languages, choose) {
  const others = languages.filter(({ code }) => code !== getLocale());
  if (others.length === 0) return null;
  if (others.length === 1) {
    const [{ code, name }] = others;
    const attributes = { type: "button", class: "ad-aside", lang: code, onclick: () => choose(code) };
    return h("button", attributes, icon("globe"), name);
  }
  const list = h(
    "select",
    { class: "ad-aside ad-head__languages", "aria-label": t("common.language"), onchange: () => choose(list.value) },
    ...languages.map(({ code, name }) =>
      h("option", { value: code, lang: code, selected: code === getLocale() }, name),
    ),
  );
  return list;
}
