/**
 * What a host page says of its visitor, made to fit what the queue takes. A site's mistake never keeps its visitor from
 * support: what is too long is cut, what cannot be read is left out, and the site is told.
 *
 * @typedef {{code: "too_long" | "not_taken", field: string}} Fault
 * @typedef {Record<string, string | number | boolean>} Attributes
 */

export const MOST = { name: 80, topic: 200, attribute: 256, key: 64, attributes: 32, identity: 4096, number: 1e15 };

/** Questions that no attribute answers. */
const UNTOLD = ["consent", "name", "topic"];

/** Cut by characters as the server counts them, never through one. @param {string} text @param {number} most */
export function cut(text, most) {
  const characters = [...text];
  return characters.length > most ? characters.slice(0, most).join("") : text;
}

/**
 * @param {unknown} value
 * @param {"name" | "topic"} field
 * @param {(fault: Fault) => void} tell
 * @returns {string | undefined} undefined: nothing was said
 */
export function hostText(value, field, tell) {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string" && typeof value !== "number") {
    tell({ code: "not_taken", field });
    return undefined;
  }
  const text = String(value);
  const fitting = cut(text, MOST[field]);
  if (fitting !== text) tell({ code: "too_long", field });
  return fitting;
}

/** @param {unknown} value @param {(fault: Fault) => void} tell @returns {string | undefined} */
export function hostIdentity(value, tell) {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string" && value !== "" && value.length <= MOST.identity) return value;
  tell({ code: typeof value === "string" && value !== "" ? "too_long" : "not_taken", field: "identity" });
  return undefined;
}

/**
 * @param {unknown} value
 * @param {Attributes} known  said before; the newest word of each name counts
 * @param {(fault: Fault) => void} tell
 * @returns {Attributes}
 */
export function hostAttributes(value, known, tell) {
  if (value === undefined || value === null) return known;
  if (typeof value !== "object" || Array.isArray(value)) {
    tell({ code: "not_taken", field: "attributes" });
    return known;
  }
  const kept = new Map(Object.entries(known));
  // Looked at up to a bound: a site may hand over an object of any size.
  for (const [given, fact] of Object.entries(value).slice(0, MOST.attributes * 4)) {
    const name = cut(given, MOST.key);
    const field = `attributes.${name}`;
    const taken = hostFact(fact);
    if (name === "" || taken === undefined || (kept.size >= MOST.attributes && !kept.has(name)))
      tell({ code: "not_taken", field });
    else {
      if (name !== given || taken !== fact) tell({ code: "too_long", field });
      kept.set(name, taken);
    }
  }
  return Object.fromEntries(kept);
}

/**
 * What the form is filled in with: an attribute that has the name of a question. Agreement comes from nobody else.
 * @param {Attributes} attributes @param {import("../../../ui/customer/join-form.js").Question[]} questions
 * @returns {Record<string, string>}
 */
export function hostAnswers(attributes, questions) {
  const asked = questions.filter(({ key, kind }) => !UNTOLD.includes(kind) && Object.hasOwn(attributes, key));
  return Object.fromEntries(asked.map(({ key, most = 0 }) => [key, cut(String(attributes[key]), most)]));
}

/** @param {unknown} fact @returns {string | number | boolean | undefined} */
function hostFact(fact) {
  if (typeof fact === "string") return cut(fact, MOST.attribute);
  if (typeof fact === "boolean") return fact;
  if (typeof fact === "number" && Number.isFinite(fact) && Math.abs(fact) <= MOST.number) return fact;
  return undefined;
}

/**
 * @param {{code: string, fields?: Record<string, unknown>}} error  of a join
 * @param {Record<string, unknown>} visitor  what the site said
 * @returns {string[]} what of it was refused; none where the customer has something to mend
 */
export function factsAtFault({ code, fields = {} }, visitor) {
  const named = code === "identity_invalid" ? ["identity"] : Object.keys(fields).map((field) => field.split(".")[0]);
  const all = named.every((field) => (field === "identity" || field === "attributes") && field in visitor);
  return all ? [...new Set(named)] : [];
}
