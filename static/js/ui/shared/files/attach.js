import { t } from "../../../core/i18n.js";
import { iconButton } from "../button.js";
import { h, show } from "../dom.js";

/** Buttons that choose files; on what is held in a hand also one that takes a picture. */
export class AttachButtons {
  element = h("div", { class: "ad-attach", hidden: true });
  #input;
  /** @type {HTMLButtonElement[]} */
  #buttons = [];

  /** @param {(files: File[]) => void} take */
  constructor(take) {
    this.#input = this.#add("attach", t("common.files.attach"), take);
    this.#input.multiple = true;
    if (!matchMedia("(pointer: coarse)").matches) return;
    const camera = this.#add("camera", t("common.files.camera"), take);
    camera.accept = "image/jpeg";
    camera.setAttribute("capture", "environment");
  }

  /** @param {string | null} accept  what is taken; null: nothing is @param {boolean} now  whether it can be sent now */
  update(accept, now) {
    show(this.element, accept !== null);
    this.#input.accept = accept ?? "";
    for (const button of this.#buttons) button.disabled = !now;
  }

  /** @param {string} icon @param {string} label @param {(files: File[]) => void} take */
  #add(icon, label, take) {
    const input = h("input", {
      type: "file",
      hidden: true,
      onchange: () => {
        take([...(input.files ?? [])]);
        // The same one can be chosen again.
        input.value = "";
      },
    });
    const button = iconButton({ icon, label, title: label }, () => input.click());
    this.#buttons.push(button);
    this.element.append(input, button);
    return input;
  }
}
