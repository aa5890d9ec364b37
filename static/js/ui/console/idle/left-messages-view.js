import { t } from "../../../core/i18n.js";
import { button } from "../../shared/button.js";
import { h, setText, show } from "../dom.js";
import { noteTime } from "../dossier/notes-view.js";

/**
 * @import {LeftFile, LeftMessage, LeftMessages} from "../../../core/types.js"
 */

/** Messages that somebody has to see to, shown while nobody is there; a recording is played where it stands. */
export class LeftMessagesView {
  #take;
  #title = h("h3", { class: "ad-today-title" });
  #rows = h("ul", { class: "ad-left-rows" });
  #all = h("a", { target: "_blank", rel: "noopener" }, t("console.left.all"));
  /** What is drawn, by id: one that has not changed stays, and goes on playing. @type {Map<string, {key: string, element: HTMLElement}>} */
  #drawn = new Map();

  /** @param {{take: (id: string) => void}} actions */
  constructor({ take }) {
    this.#take = take;
    this.known = false;
    this.element = h(
      "section",
      { class: "ad-left", "aria-label": t("console.left"), hidden: true },
      this.#title,
      this.#rows,
      h("p", { class: "ad-today-links" }, this.#all),
    );
  }

  /** @param {LeftMessages} answer */
  tell({ open, list, messages }) {
    this.known = messages.length > 0;
    setText(this.#title, open > 0 ? t("console.left.open", { n: open }) : t("console.left.none-open"));
    this.#all.setAttribute("href", list);
    const before = this.#drawn;
    this.#drawn = new Map(messages.map((message) => [message.id, this.#draw(message, before.get(message.id))]));
    for (const [id, row] of before) if (!this.#drawn.has(id)) row.element.remove();
    let place = this.#rows.firstElementChild;
    for (const { element } of this.#drawn.values()) {
      if (element === place) place = place.nextElementSibling;
      else this.#rows.insertBefore(element, place);
    }
    if (!this.known) show(this.element, false);
  }

  /**
   * @param {LeftMessage} message
   * @param {{key: string, element: HTMLElement}} [drawn]
   */
  #draw(message, drawn) {
    const key = JSON.stringify(message);
    if (drawn?.key === key) return drawn;
    const open = drawn?.element.querySelector("details")?.open ?? false;
    const element = h("li", {}, h("details", { open }, this.#summary(message), this.#whole(message)));
    const focused = drawn?.element.contains(document.activeElement);
    drawn?.element.replaceWith(element);
    // What was pressed may be gone.
    if (focused) element.querySelector("summary")?.focus();
    return { key, element };
  }

  /** @param {LeftMessage} message */
  #summary({ name, signs, mine, left_at }) {
    return h(
      "summary",
      {},
      h("bdi", { class: "ad-left-name" }, name || t("console.customer.unnamed")),
      h("span", { class: "ad-left-signs" }, signs),
      mine && h("span", { class: "ad-left-mine" }, t("console.left.mine")),
      h("time", { datetime: left_at }, noteTime(left_at)),
    );
  }

  /** @param {LeftMessage} message */
  #whole({ id, text, mine, page, files }) {
    return h(
      "div",
      { class: "ad-left-whole" },
      text !== "" && h("p", { class: "ad-left-text", dir: "auto" }, text),
      ...files.map((file) => this.#file(file)),
      h(
        "div",
        { class: "ad-left-acts" },
        !mine && button({}, () => this.#take(id), t("console.left.take")),
        h(
          "a",
          { class: "ad-button ad-button--quiet", href: page, target: "_blank", rel: "noopener" },
          t("console.left.page"),
        ),
      ),
    );
  }

  /** @param {LeftFile} file */
  #file({ kind, name, length, url }) {
    const label = kind === "file" ? name : t(`console.left.${kind}`, { length });
    if (url === "") return h("p", { class: "ad-left-file", dir: "auto" }, `${label} – ${t("console.left.not-yet")}`);
    if (kind === "file") {
      return h(
        "p",
        { class: "ad-left-file" },
        h("a", { href: url, target: "_blank", rel: "noopener", dir: "auto" }, name),
      );
    }
    const player = { controls: true, preload: "none", src: url, "aria-label": label };
    return h(
      "figure",
      { class: "ad-left-recording" },
      h("figcaption", {}, label),
      kind === "voice" ? h("audio", player) : h("video", { ...player, playsinline: true }),
    );
  }
}
