import { getLocale, t } from "../../core/i18n.js";
import { h, setText, show } from "./dom.js";

/**
 * The lines of a conversation. `role="log"`: a screen reader hears new lines as they come.
 *
 * @typedef {{key: string, from: 'own' | 'peer' | 'note', text: string, at: number, state?: 'sending' | 'sent' | 'seen' | 'failed'}} Line
 */
export class ChatLog {
  element;
  #typing = h("p", { class: "ad-chat-log__typing", "aria-live": "polite" });
  #list = h("div", { class: "ad-chat-log__lines" });
  /** @type {Map<string, {element: HTMLElement, state: HTMLElement, edit: HTMLElement, shown: string}>} */
  #rows = new Map();
  /** @type {readonly Line[] | null} */
  #shown = null;
  #onEdit;

  /** @param {string} label @param {(key: string) => void} onEdit  a line that was not sent shall be written anew */
  constructor(label, onEdit) {
    this.#onEdit = onEdit;
    this.element = h(
      "div",
      { class: "ad-chat-log", role: "log", "aria-label": label, tabindex: "0" },
      this.#list,
      this.#typing,
    );
  }

  /** Draws what is new and what changed; lines never move. @param {readonly Line[]} lines */
  update(lines) {
    // Every frame draws the whole log: what has not changed must cost nothing.
    if (lines === this.#shown) return;
    this.#shown = lines;
    const atEnd = this.#isAtEnd();
    if (lines.length < this.#rows.size || lines.filter((line) => this.#rows.has(line.key)).length < this.#rows.size)
      this.#clear();
    for (const line of lines) {
      const row = this.#rows.get(line.key) ?? this.#add(line);
      const now = line.state ?? "";
      if (row.shown === now) continue;
      row.shown = now;
      setText(row.state, now && t(`common.chat.${now}`));
      row.element.dataset.state = now;
      show(row.edit, now === "failed");
    }
    if (atEnd) this.scrollToEnd();
  }

  /** @param {string} text  e.g. "Ayşe yazıyor…"; empty when nobody types */
  setTyping(text) {
    if (text === this.#typing.textContent) return;
    const atEnd = this.#isAtEnd();
    setText(this.#typing, text);
    if (atEnd) this.scrollToEnd();
  }

  scrollToEnd() {
    this.element.scrollTop = this.element.scrollHeight;
  }

  #isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    return scrollHeight - scrollTop - clientHeight < 48;
  }

  /** @param {Line} line */
  #add(line) {
    const state = h("span", { class: "ad-line__state" });
    const edit = h(
      "button",
      { type: "button", class: "ad-line__edit", hidden: true, onclick: () => this.#onEdit(line.key) },
      t("common.chat.edit"),
    );
    const when = new Date(line.at);
    const element = h(
      "div",
      { class: `ad-line ad-line--${line.from}` },
      h("span", { class: "ad-visually-hidden" }, line.from === "note" ? "" : t(`common.chat.from.${line.from}`)),
      h("p", { class: "ad-line__text", dir: "auto" }, line.text),
      h(
        "p",
        { class: "ad-line__meta" },
        h(
          "time",
          { datetime: when.toISOString() },
          when.toLocaleTimeString(getLocale(), { hour: "2-digit", minute: "2-digit" }),
        ),
        state,
        edit,
      ),
    );
    this.#list.append(element);
    const row = { element, state, edit, shown: "" };
    this.#rows.set(line.key, row);
    return row;
  }

  #clear() {
    this.#rows.clear();
    this.#list.replaceChildren();
  }
}
