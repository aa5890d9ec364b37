/**
 * Canned replies in the chat field: where one is asked for, and what its places become.
 *
 * @typedef {Record<"customer" | "operator", Record<string, string>>} Facts  whose, which: what a place stands for
 */

/** After a blank or at the beginning, so that no date and no address asks for one. */
const ASKED = /(?:^|\s)\/([^\s/]{0,32})$/u;
const PLACE = /\{(customer|operator)\.([^{}|]*)(?:\|([^{}]*))?\}/gu;

/**
 * @param {string} value  of the field
 * @param {number} caret
 * @returns {{from: number, to: number, typed: string} | null}  the `/word` before the caret
 */
export function slashWord(value, caret) {
  const found = ASKED.exec(value.slice(0, caret));
  return found && { from: caret - found[1].length - 1, to: caret, typed: found[1] };
}

/**
 * `{customer.name}` becomes the name, `{customer.name|dear customer}` what stands after the line where there is none.
 * What was put in is not looked at again: a name may be `{operator.name}`.
 * @param {string} text
 * @param {Facts} facts
 */
export function filled(text, facts) {
  return text.replace(PLACE, (place, whose, name, otherwise = "") => {
    const known = facts[/** @type {keyof Facts} */ (whose)];
    return Object.hasOwn(known, name) ? known[name] || otherwise : place;
  });
}
