import { t } from "../../../core/i18n.js";
import { iconButton } from "../button.js";
import { h, setText, show } from "../dom.js";
import { icon } from "./file-icons.js";
import { kindText } from "./file-words.js";

/** @import {FileInfo} from "../../../core/types.js" */

/**
 * Pictures of the conversation over the whole page, one at a time. The native dialog keeps the keyboard inside, closes
 * with Escape and gives the focus back.
 */
export class PictureViewer {
  #pictures;
  #at;
  #name = h("h2", { class: "ad-viewer__name", id: "ad-viewer-name", dir: "auto" });
  #kind = h("p", { class: "ad-viewer__kind", role: "status" });
  #failed = h("p", { class: "ad-viewer__failed", role: "status" });
  #frame = h("div", { class: "ad-viewer__frame" });
  #take = h("a", { class: "ad-icon-button" }, icon("download"));
  #before = iconButton({ icon: "before", label: t("common.files.before"), class: "ad-viewer__before" }, () =>
    this.#move(-1),
  );
  #after = iconButton({ icon: "after", label: t("common.files.after"), class: "ad-viewer__after" }, () =>
    this.#move(1),
  );
  /** @type {HTMLDialogElement} */
  #dialog;

  /** @param {FileInfo[]} pictures  all that are ready, in their order @param {string} id  of the first to be shown */
  constructor(pictures, id) {
    this.#pictures = pictures;
    this.#at = Math.max(
      0,
      pictures.findIndex((one) => one.id === id),
    );
    const close = iconButton({ icon: "close", label: t("common.close") }, () => this.#dialog.close());
    this.#dialog = h(
      "dialog",
      {
        class: "ad-viewer",
        "aria-labelledby": "ad-viewer-name",
        onkeydown: (event) => this.#key(event),
        // Beside the picture is out of it.
        onclick: ({ target }) => (target === this.#dialog || target === this.#frame) && this.#dialog.close(),
        onclose: () => this.#dialog.remove(),
      },
      h(
        "header",
        { class: "ad-viewer__head" },
        h("div", { class: "ad-viewer__words" }, this.#name, this.#kind),
        this.#take,
        close,
      ),
      this.#frame,
      this.#failed,
      this.#before,
      this.#after,
    );
  }

  /** @param {HTMLElement} [parent] */
  open(parent = document.body) {
    for (const button of [this.#before, this.#after]) show(button, this.#pictures.length > 1);
    parent.append(this.#dialog);
    this.#draw();
    this.#dialog.showModal();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const forward = document.documentElement.dir === "rtl" ? -1 : 1;
    const step = { ArrowRight: forward, ArrowLeft: -forward }[event.key];
    // The page's own keys rest meanwhile.
    event.stopPropagation();
    if (step === undefined) return;
    event.preventDefault();
    this.#move(step);
  }

  /** @param {number} step  round the end to the beginning */
  #move(step) {
    const { length } = this.#pictures;
    this.#at = (this.#at + step + length) % length;
    this.#draw();
  }

  #draw() {
    const file = this.#pictures[this.#at];
    const { name, url, width, height } = file;
    const failed = () => {
      setText(this.#failed, t("common.files.failed"));
      this.#frame.replaceChildren();
    };
    setText(this.#failed, "");
    setText(this.#name, name);
    const place = t("common.files.place", { n: this.#at + 1, all: this.#pictures.length });
    setText(this.#kind, [kindText(file), this.#pictures.length > 1 && place].filter(Boolean).join(" · "));
    this.#frame.replaceChildren(
      h("img", { class: "ad-viewer__picture", src: url, alt: name, width, height, onerror: failed }),
    );
    const label = t("common.files.take", { name });
    for (const [key, value] of Object.entries({ href: url ?? "", download: name, "aria-label": label, title: label }))
      this.#take.setAttribute(key, value);
  }
}
