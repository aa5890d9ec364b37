/** What the console needs beyond the shared tools for making elements. */
export { h, setText, show } from "../shared/dom.js";

/**
 * @param {Element} element
 * @param {string} name
 * @param {string|number|boolean|null|undefined} value `false`, null and undefined take the attribute away
 */
export function setAttribute(element, name, value) {
  if (value === false || value === null || value === undefined) {
    if (element.hasAttribute(name)) {
      element.removeAttribute(name);
    }
    return;
  }
  const wanted = value === true ? "" : String(value);
  if (element.getAttribute(name) !== wanted) {
    element.setAttribute(name, wanted);
  }
}
