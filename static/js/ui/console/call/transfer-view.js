import { t } from "../../../core/i18n.js";
import { button } from "../../shared/button.js";
import { h, setAttribute, setText, show } from "../dom.js";

/**
 * @import {ConsoleState} from "../state.js"
 * @import {Colleague} from "../board/board-model.js"
 */

export const NOTE_MAX = 500;
/** No id of an operator begins with it. */
const LINE = " line ";

/** To whom a conversation is passed on, and what that one should know. */
export class TransferView {
  /**
   * @param {(to: string|null, note: string, line: string|null) => void} pass  to: id of a colleague; null: whoever is
   *     free; line: of this department
   * @param {() => void} [closed]  told when the question is gone
   */
  constructor(pass, closed = () => {}) {
    /** @type {string} what is drawn, so that a choice survives the next board */
    this.drawn = "";
    /** @type {string|null} which one is passed on; null: it has just been asked */
    this.conversation = null;
    this.list = h("div", { class: "ad-transfer-list" });
    this.note = h("textarea", {
      class: "ad-input",
      id: "console-transfer-note",
      rows: "3",
      maxlength: NOTE_MAX,
    });
    this.title = h("h2", { id: "console-transfer-title", class: "ad-dialog__title" });
    this.alone = h("p", { class: "ad-quiet" }, t("console.transfer.alone"));
    this.element = h(
      "dialog",
      {
        class: "ad-dialog ad-transfer",
        "aria-labelledby": "console-transfer-title",
        onclose: closed,
        onclick: (/** @type {Event} */ event) => event.target === this.element && this.element.close(),
      },
      h(
        "form",
        {
          class: "ad-transfer-form",
          onsubmit: (/** @type {Event} */ event) => {
            event.preventDefault();
            const to = this.chosen;
            this.element.close();
            const line = to.startsWith(LINE) ? to.slice(LINE.length) : null;
            pass(to === "" || line !== null ? null : to, this.note.value.trim(), line);
          },
        },
        this.title,
        h(
          "fieldset",
          { class: "ad-transfer-choice" },
          h("legend", { class: "ad-visually-hidden" }, t("console.transfer.to")),
          this.list,
          this.alone,
        ),
        h("label", { class: "ad-transfer-note", for: "console-transfer-note" }, t("console.transfer.note")),
        this.note,
        h(
          "div",
          { class: "ad-dialog__buttons" },
          button({ kind: "quiet" }, () => this.element.close(), t("console.transfer.cancel")),
          h("button", { class: "ad-button", type: "submit" }, t("console.transfer.pass")),
        ),
      ),
    );
  }

  /** @returns {string} the id that is chosen; "" is whoever is free */
  get chosen() {
    const input = /** @type {HTMLInputElement|null} */ (this.list.querySelector("input:checked"));
    return input?.value ?? "";
  }

  open() {
    this.note.value = "";
    this.drawn = "";
    this.conversation = null;
    this.list.replaceChildren();
    this.element.showModal();
  }

  /**
   * @param {ConsoleState} state
   * @param {string} me  the operator's own id
   */
  update(state, me) {
    if (!this.element.open) return;
    const conversation = state.phase === "active" ? (state.customer?.conversation ?? null) : null;
    this.conversation ??= conversation;
    // A note about one customer must not go with the next: after a gap there may be another one at once.
    if (conversation === null || conversation !== this.conversation) return this.element.close();
    setText(this.title, t("console.transfer.title", { name: state.customer?.name || t("console.customer.unnamed") }));
    const colleagues = state.board.operators.filter(({ id }) => id !== me);
    const { lines } = state.board;
    show(this.alone, colleagues.length === 0 && lines.length === 0);
    const drawn = JSON.stringify([colleagues, lines]);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    const { chosen } = this;
    const focused = this.list.contains(document.activeElement);
    this.list.replaceChildren(
      option({ id: "", name: t("console.transfer.anyone"), state: null }),
      ...colleagues.map(option),
      ...lines.map(({ key, name }) => option({ id: LINE + key, name, state: "line" })),
    );
    const input = [...this.list.querySelectorAll("input")].find(({ value }) => value === chosen);
    const kept = input ?? this.list.querySelector("input");
    if (kept) kept.checked = true;
    if (focused || !chosen) kept?.focus();
  }
}

/**
 * A colleague, a department, or whoever is free.
 * @param {{id: string, name: string, state: Colleague["state"]|"line"|null}} colleague
 * @returns {HTMLElement}
 */
function option({ id, name, state }) {
  const word = h("span", { class: "ad-transfer-state" }, t(`console.transfer.state.${state ?? "anyone"}`));
  setAttribute(word, "data-state", state);
  return h(
    "label",
    { class: "ad-option ad-transfer-option" },
    h("input", { type: "radio", name: "transfer-to", value: id }),
    h("span", { class: "ad-transfer-name", dir: "auto" }, name),
    word,
  );
}
