import { button } from "./button.js";
import { h } from "./dom.js";

/**
 * A modal question over the native dialog element: focus is trapped, Escape is "no", focus returns by itself.
 *
 * @param {{title: string, text: string, yes: string, no: string, danger?: boolean}} words
 * @param {HTMLElement} [parent]
 * @returns {Promise<boolean>}
 */
export function ask({ title, text, yes, no, danger = false }, parent = document.body) {
  return new Promise((resolve) => {
    const dialog = h(
      "dialog",
      { class: "ad-dialog", "aria-labelledby": "ad-dialog-title", onclose: () => settle() },
      h("h2", { id: "ad-dialog-title", class: "ad-dialog__title" }, title),
      h("p", { class: "ad-dialog__text" }, text),
      h(
        "div",
        { class: "ad-dialog__buttons" },
        button({ kind: "quiet" }, () => dialog.close("no"), no),
        button({ kind: danger ? "danger" : "primary" }, () => dialog.close("yes"), yes),
      ),
    );
    const settle = () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    };
    parent.append(dialog);
    dialog.showModal();
  });
}
