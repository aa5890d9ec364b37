import { t } from "../../../core/i18n.js";
import { iconButton } from "../button.js";
import { h, setText, show } from "../dom.js";
import { icon } from "./file-icons.js";
import { sizeText } from "./file-words.js";

/**
 * @typedef {{key: string, file: File, phase: 'chosen' | 'queued' | 'sending' | 'trouble' | 'refused' | 'done', part: number,
 *   message: string, tries: number}} Upload
 *   chosen: not sent yet; trouble: another try may help; done: it is on the server, where that is no end; part: of it that has gone out, 0 to 1; message: what went wrong
 * @typedef {{element: HTMLElement, update: (item: Upload) => void, close: () => void}} Row
 */

/** What was chosen for the conversation and is not in it yet, and how far each has come. */
export class UploadList {
  element = h("ul", { class: "ad-uploads", "aria-label": t("common.files.list"), hidden: true });
  #actions;
  /** @type {Map<string, Row>} */
  #rows = new Map();

  /** @param {{retry: (key: string) => void, remove: (key: string) => void}} actions */
  constructor(actions) {
    this.#actions = actions;
  }

  /** @param {readonly Upload[]} items */
  update(items) {
    const keys = new Set(items.map(({ key }) => key));
    for (const [key, row] of this.#rows) {
      if (keys.has(key)) continue;
      row.close();
      this.#rows.delete(key);
    }
    for (const item of items) {
      let row = this.#rows.get(item.key);
      if (!row) {
        row = this.#row(item);
        this.#rows.set(item.key, row);
        this.element.append(row.element);
      }
      row.update(item);
    }
    show(this.element, items.length > 0);
  }

  /** @param {Upload} item @returns {Row} */
  #row({ key, file }) {
    const address = file.type.startsWith("image/") ? URL.createObjectURL(file) : "";
    const name = file.name;
    const below = h("span", { class: "ad-upload__below", "aria-live": "polite" });
    const bar = h("progress", {
      class: "ad-upload__bar",
      max: 100,
      "aria-label": t("common.files.progress", { name }),
    });
    const again = iconButton({ icon: "again", label: t("common.files.retry", { name }), small: true }, () =>
      this.#actions.retry(key),
    );
    const remove = iconButton({ icon: "close", label: t("common.files.remove", { name }), small: true }, () =>
      this.#actions.remove(key),
    );
    const element = h(
      "li",
      { class: "ad-upload" },
      address ? h("img", { class: "ad-upload__sign", src: address, alt: "", decoding: "async" }) : icon("file"),
      h("span", { class: "ad-upload__words" }, h("span", { class: "ad-upload__name", dir: "auto" }, name), below, bar),
      again,
      remove,
    );
    const update = (/** @type {Upload} */ { phase, part, message }) => {
      element.dataset.phase = phase;
      setText(below, message || (phase === "chosen" ? sizeText(file.size) : t(`common.files.${phase}`)));
      show(bar, phase === "sending");
      bar.value = Math.round(part * 100);
      show(again, phase === "trouble");
    };
    const close = () => {
      element.remove();
      if (address) URL.revokeObjectURL(address);
    };
    return { element, update, close };
  }
}
