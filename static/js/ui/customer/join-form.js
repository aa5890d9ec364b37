import { isVisible, lengthOf, wellFormed } from "../../core/text.js";

/**
 * What can be wrong with the form, said by us before it is sent or by the server afterwards (sites/answers.py).
 *
 * @import {JoinForm} from "./state.js"
 * @typedef {{key: string, kind: string, required?: boolean, most?: number, spares?: boolean}} Question  of the page's
 *   configuration; spares: whom the site has signed
 * @typedef {{field: string | null, key: string, vars?: Record<string, string | number>}} FormFault  field null: no field's fault
 */

const PLAIN_EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const PHONE = /^\+?[\d ()./-]*$/;
const PHONE_DIGITS = 5;
/** @type {Record<string, string>} */
const MISSING = { name: "nameMissing", consent: "unticked" };

/** @param {JoinForm} form @returns {JoinForm} as it is sent */
export function tidyForm({ name, topic, media, answers = {} }) {
  const given = Object.entries(answers)
    .map(([key, value]) => [key, value === true || wellFormed(value).trim()])
    .filter(([, value]) => value);
  return {
    name: wellFormed(name).trim(),
    topic: wellFormed(topic).trim(),
    media,
    ...(given.length && { answers: Object.fromEntries(given) }),
  };
}

/** Where nobody is seen: a host page, or an earlier form, may still ask for it. @param {JoinForm} form @returns {JoinForm} */
export function unseen(form) {
  return form.media === "video" ? { ...form, media: "audio" } : form;
}

/**
 * @param {JoinForm} form  tidied @param {Question[]} questions @param {boolean} [signed]  the site says who it is
 * @returns {FormFault | null}
 */
export function faultOf(form, questions, signed = false) {
  for (const question of questions) {
    const wrong = signed && question.spares ? null : faultIn(answerTo(form, question.key), question);
    if (wrong) return { ...wrong, field: question.key, key: `customer.welcome.${wrong.key}` };
  }
  return null;
}

/** @param {JoinForm} form @param {string} key @returns {string | true | undefined} */
export function answerTo({ name, topic, answers = {} }, key) {
  if (key === "name") return name;
  if (key === "topic") return topic;
  return Object.hasOwn(answers, key) ? answers[key] : undefined;
}

/** @param {string | true | undefined} value @param {Question} question */
function faultIn(value, { kind, required, most = 0 }) {
  if (value === true) return null;
  if (!value) return required ? { key: MISSING[kind] ?? "missing" } : null;
  if (!isVisible(value)) return required ? { key: kind === "name" ? "nameUnseen" : "missing" } : null;
  const n = lengthOf(value) - most;
  if (n > 0) return { key: "long", vars: { most, n } };
  if (kind === "email" && !PLAIN_EMAIL.test(value)) return { key: "emailWrong" };
  const isPhone = PHONE.test(value) && value.replace(/\D/g, "").length >= PHONE_DIGITS;
  return kind === "phone" && !isPhone ? { key: "phoneWrong" } : null;
}

/** What the server's refusal of a join means for the form. @param {any} error  an `error` frame @returns {FormFault} */
export function faultFrom(error) {
  const [[field, reason] = ["", ""]] = Object.entries(error.fields ?? {});
  if (error.code === "answers_refused" && field)
    return { field: field.replace("answers.", ""), key: "customer.welcome.said", vars: { reason } };
  if (field === "name" || field === "topic") return { field, key: `customer.welcome.${field}Refused` };
  return said(error.retryable ? "customer.welcome.waits" : "customer.welcome.refused", error);
}

/** @param {string} key @param {any} error @returns {FormFault} */
function said(key, error) {
  return { field: null, key, vars: { reason: error.message || error.code } };
}
