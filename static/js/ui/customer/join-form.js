import { isVisible, lengthOf, NAME_MOST, TOPIC_MOST, wellFormed } from "../../core/text.js";

/**
 * What can be wrong with the form, said by us before it is sent or by the server afterwards.
 *
 * @import {JoinForm} from "./state.js"
 * @typedef {{field: 'name' | 'topic' | null, key: string, vars?: Record<string, string | number>}} FormFault  field null: no field's fault
 */

/** @param {JoinForm} form @returns {JoinForm} as it is sent */
export function tidyForm({ name, topic, media }) {
  return { name: wellFormed(name).trim(), topic: wellFormed(topic).trim(), media };
}

/** @param {JoinForm} form  tidied @returns {FormFault | null} */
export function faultOf({ name, topic }) {
  if (name === "") return { field: "name", key: "customer.welcome.nameMissing" };
  if (!isVisible(name)) return { field: "name", key: "customer.welcome.nameUnseen" };
  return tooLong("name", name, NAME_MOST) ?? tooLong("topic", topic, TOPIC_MOST);
}

/**
 * @param {'name' | 'topic'} field @param {string} text @param {number} most
 * @returns {FormFault | null}
 */
function tooLong(field, text, most) {
  const over = lengthOf(text) - most;
  return over > 0 ? { field, key: `customer.welcome.${field}Long`, vars: { most, n: over } } : null;
}

/** What the server's refusal of a join means for the form. @param {any} error  an `error` frame @returns {FormFault} */
export function faultFrom(error) {
  const fields = Object.keys(error.fields ?? {});
  if (fields.includes("name")) return { field: "name", key: "customer.welcome.nameRefused" };
  if (fields.includes("topic")) return { field: "topic", key: "customer.welcome.topicRefused" };
  return said(error.retryable ? "customer.welcome.waits" : "customer.welcome.refused", error);
}

/** @param {string} key @param {any} error @returns {FormFault} */
function said(key, error) {
  return { field: null, key, vars: { reason: error.message || error.code } };
}
