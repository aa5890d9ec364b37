import { t } from "../../../core/i18n.js";
import { h, setAttribute, setText, show } from "../dom.js";
import { slashWord } from "./reply-text.js";

/**
 * @import {CannedReply as Reply} from "../../../core/types.js"
 * @typedef {{find: (typed: string, conversation: string) => Promise<Reply[]>, used: (id: number, conversation: string) => void}} ReplyActions
 * @typedef {{conversation: () => string, written: (text: string) => string}} ReplyPlace  written: with its places filled
 */

/** How long the typing has to rest before it is asked. */
const REST_MS = 120;

/**
 * The list that a `/` in the chat field opens. The field keeps the focus: it is a combobox while the list is open, and
 * what it always was otherwise. Arrows move, Enter or Tab takes, Escape closes.
 */
export class ReplyPicker {
  /** The chat field. @type {HTMLTextAreaElement} */
  #input;
  #actions;
  #place;
  #list = h("ul", { class: "ad-panel ad-replies", role: "listbox", id: "ad-replies", hidden: true });
  #said = h("p", { class: "ad-replies-said", role: "status" });
  /** @type {Reply[]} */
  #replies = [];
  #at = 0;
  /** Which question the next answer belongs to; an answer to an older one comes too late. */
  #asked = 0;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;
  #pending = false;
  /** Enter was pressed before the answer was there. */
  #hurried = false;
  /** Where a list was closed by hand; it stays closed for that word. @type {number|null} */
  #closedAt = null;

  /** @param {HTMLElement} composer  the form with the chat field @param {ReplyActions} actions @param {ReplyPlace} place */
  constructor(composer, actions, place) {
    this.#input = /** @type {HTMLTextAreaElement} */ (composer.querySelector("textarea"));
    this.#actions = actions;
    this.#place = place;
    this.#list.setAttribute("aria-label", t("console.replies"));
    this.element = h("div", { class: "ad-replies-box" }, this.#said, this.#list, composer);
    this.#input.addEventListener("input", () => this.#look());
    this.#input.addEventListener("blur", () => this.close());
    // Before the field's own keys: Enter must not send what was only searched for.
    composer.addEventListener("keydown", (event) => this.#key(event), { capture: true });
  }

  get isOpen() {
    return !this.#list.hidden;
  }

  close() {
    clearTimeout(this.#timer);
    this.#asked += 1;
    this.#pending = this.#hurried = false;
    this.#replies = [];
    this.#draw();
    this.#say("");
  }

  get #word() {
    const { value, selectionStart } = this.#input;
    return slashWord(value, selectionStart);
  }

  #look() {
    const word = this.#word;
    if (word === null || word.from === this.#closedAt) {
      if (word === null) this.#closedAt = null;
      this.close();
      return;
    }
    clearTimeout(this.#timer);
    this.#pending = true;
    this.#timer = setTimeout(() => void this.#ask(word.typed), REST_MS);
  }

  /** @param {string} typed */
  async #ask(typed) {
    this.#asked += 1;
    const question = this.#asked;
    /** @type {Reply[] | null} */
    const replies = await this.#actions.find(typed, this.#place.conversation()).catch(() => null);
    if (question !== this.#asked) return;
    this.#pending = false;
    this.#replies = replies ?? [];
    this.#at = 0;
    this.#draw();
    if (this.#hurried && this.#replies.length > 0) return this.#take(0);
    this.#hurried = false;
    const found = this.#replies.length;
    this.#say(
      replies === null
        ? t("console.replies.failed")
        : found
          ? t("console.replies.found", { n: found })
          : t("console.replies.none"),
      found > 0,
    );
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.isComposing || event.target !== this.#input) return;
    if (!this.isOpen) {
      if (this.#pending && event.key === "Enter" && !event.shiftKey) {
        this.#hurried = true;
        this.#keep(event);
      } else if (event.key === "Escape" && this.#pending) {
        this.#dismiss(event);
      }
      return;
    }
    const last = this.#replies.length - 1;
    /** @type {Record<string, () => void>} */
    const acts = {
      ArrowDown: () => this.#move(this.#at === last ? 0 : this.#at + 1),
      ArrowUp: () => this.#move(this.#at === 0 ? last : this.#at - 1),
      Enter: () => this.#take(this.#at),
      Tab: () => this.#take(this.#at),
    };
    if (event.key === "Escape") this.#dismiss(event);
    else if (event.key in acts && !event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey) {
      this.#keep(event);
      acts[event.key]();
    }
  }

  /** @param {KeyboardEvent} event */
  #dismiss(event) {
    this.#keep(event);
    this.#closedAt = this.#word?.from ?? null;
    this.close();
  }

  /** @param {KeyboardEvent} event */
  #keep(event) {
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {number} at */
  #move(at) {
    this.#at = at;
    this.#mark();
  }

  /** @param {number} at */
  #take(at) {
    const reply = this.#replies[at];
    const word = this.#word;
    this.close();
    if (!reply || !word) return;
    this.#input.setRangeText(this.#place.written(reply.text), word.from, word.to, "end");
    // For the field it is as if it had been typed: kept as a draft, counted, as high as its text.
    this.#input.dispatchEvent(new Event("input", { bubbles: true }));
    this.#actions.used(reply.id, this.#place.conversation());
  }

  /** @param {string} text @param {boolean} [unseen]  the list says it already to who sees it */
  #say(text, unseen = false) {
    this.#said.classList.toggle("ad-visually-hidden", unseen || text === "");
    setText(this.#said, text);
  }

  #draw() {
    const open = this.#replies.length > 0;
    this.#list.replaceChildren(
      ...this.#replies.map((reply, at) =>
        h(
          "li",
          {
            class: "ad-reply",
            role: "option",
            id: `ad-reply-${at}`,
            // Not on click: by then the field has lost the focus and the list is gone.
            onmousedown: (event) => {
              event.preventDefault();
              this.#take(at);
            },
          },
          h("kbd", { class: "ad-reply-shortcut", dir: "auto" }, `/${reply.shortcut}`),
          h("span", { class: "ad-reply-text", dir: "auto" }, this.#place.written(reply.text)),
        ),
      ),
    );
    show(this.#list, open);
    setAttribute(this.#input, "role", open ? "combobox" : null);
    setAttribute(this.#input, "aria-expanded", open ? "true" : null);
    setAttribute(this.#input, "aria-autocomplete", open ? "list" : null);
    setAttribute(this.#input, "aria-controls", open ? this.#list.id : null);
    this.#mark();
  }

  #mark() {
    for (const [at, option] of [...this.#list.children].entries()) {
      setAttribute(option, "aria-selected", at === this.#at ? "true" : "false");
      if (at === this.#at) option.scrollIntoView({ block: "nearest" });
    }
    setAttribute(this.#input, "aria-activedescendant", this.isOpen ? `ad-reply-${this.#at}` : null);
  }
}
