import { Languages } from "../core/languages.js";

/** @import {Language} from "../core/languages.js" */

/**
 * The page's languages. Until the first texts have come, the page shows what the server wrote into it; that says so
 * when they do not come.
 * @param {Language[]} list
 * @param {HTMLElement} root
 * @returns {Languages}
 */
export function pageLanguages(list, root) {
  const line = /** @type {HTMLElement | null} */ (root.querySelector("[data-trouble]"));
  return new Languages(list, {
    onspoken: ({ code, dir }) => Object.assign(document.documentElement, { lang: code, dir }),
    ontrouble: () => {
      if (line) Object.assign(line, { textContent: line.dataset.trouble, hidden: false });
    },
  });
}
