import { t } from "../../../core/i18n.js";
import { linked } from "../../shared/chat/links.js";
import { h } from "../dom.js";

/**
 * What a customer has answered before the conversation, as the server keeps it.
 *
 * @typedef {{key: string, kind: string, value: string | true, label?: string, link?: string}} Answer
 */

const ANSWERS_MOST = 20;
const TEXT_MOST = 300;

/** @param {unknown} given @returns {Answer[]} those that are answers */
export function answersOf(given) {
  if (!Array.isArray(given)) return [];
  return given.filter((one) => one && typeof one === "object" && typeof one.key === "string").slice(0, ANSWERS_MOST);
}

/** For a `dl`: a question and its answer each. @param {Answer[]} answers @returns {HTMLElement[]} */
export function answerRows(answers) {
  return answers.map(({ key, kind, value, label, link }) => {
    const own = kind === "email" || kind === "phone" ? t(`console.answers.${kind}`) : key;
    const text = value === true ? t("console.answers.agreed") : String(value).slice(0, TEXT_MOST);
    const parts = link ? [...linked(text), " ", ...linked(link)] : linked(text);
    return h("div", {}, h("dt", {}, h("bdi", {}, label || own)), h("dd", { dir: "auto" }, ...parts));
  });
}
