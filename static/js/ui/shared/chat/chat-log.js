import { getLocale, t } from "../../../core/i18n.js";
import { button } from "../button.js";
import { h, setText, show } from "../dom.js";
import { dayHeads, dayText } from "./days.js";

/** How close to its end the log must stand to follow new lines, px. */
const NEAR_END = 80;

/**
 * @import {FileInfo} from "../../../core/types.js"
 *
 * @typedef {'sending' | 'sent' | 'seen' | 'failed'} Delivery
 * @typedef {{key: string, from: 'own' | 'peer' | 'note', text: string, at: number, state?: Delivery, file?: FileInfo}} Line
 * @typedef {{element: HTMLElement, update: (state: Delivery) => void}} DeliveryMark  how far an own line has come
 * @typedef {{label: string, onEdit?: (key: string) => void, quiet?: boolean, who?: (line: Line) => string, mark?: () => DeliveryMark,
 *   onEnd?: () => void, newLabel?: string, extras?: Extras}} ChatLogOptions
 *   onEdit: a line that was not sent shall be written anew; quiet: nothing new comes, so nothing is read out; who: for screen readers, before the line; onEnd: the last line
 *   is in sight; newLabel: of a button that leads there when new lines came out of sight; extras: what is more than words
 * @typedef {{link: (place: HTMLElement, text: string) => void, draw: (place: HTMLElement, file: FileInfo) => void}} Extras
 *   link: makes the addresses in a text clickable; draw: shows a file, again whenever more is known of it
 */

/** The lines of a conversation. `role="log"`: a screen reader hears new lines as they come. */
export class ChatLog {
  /** What scrolls. */
  log;
  element;
  #options;
  #typing = h("p", { class: "ad-chat-log__typing", "aria-live": "polite" });
  #list = h("div", { class: "ad-chat-log__lines" });
  #jump;
  /** @type {Map<string, {day: HTMLElement, element: HTMLElement, update: (line: Line) => void}>} */
  #rows = new Map();
  /** @type {readonly Line[] | null} */
  #shown = null;
  /** It was at its end when it was scrolled last. */
  #ended = true;

  /** @param {ChatLogOptions} options */
  constructor(options) {
    this.#options = options;
    this.log = h(
      "div",
      {
        class: "ad-chat-log",
        role: "log",
        "aria-live": options.quiet ? "off" : "polite",
        "aria-label": options.label,
        tabindex: "0",
        onscroll: () => this.#scrolled(),
      },
      this.#list,
      this.#typing,
    );
    this.#jump = button(
      { kind: "quiet", class: "ad-chat-jump", hidden: true },
      () => this.toEnd(),
      options.newLabel ?? "",
    );
    this.element = h("div", { class: "ad-chat-body" }, this.log, this.#jump);
    // What grows below it takes its room: the end stays in sight.
    new ResizeObserver(() => this.#ended && this.toEnd()).observe(this.log);
  }

  /** Draws what is new and what changed. @param {readonly Line[]} lines  the same object again: nothing changed */
  update(lines) {
    // Every frame draws the whole log: what has not changed must cost nothing.
    if (lines === this.#shown) return;
    this.#shown = lines;
    let follow = this.atEnd;
    let grown = false;
    // Lines never move; where one went or came in between, all are drawn anew.
    if (![...this.#rows.keys()].every((key, place) => lines[place]?.key === key)) {
      this.#rows.clear();
      this.#list.replaceChildren();
      follow = true;
    }
    const heads = dayHeads(lines, Date.now());
    for (const line of lines) {
      let row = this.#rows.get(line.key);
      if (!row) {
        row = this.#row(line);
        this.#rows.set(line.key, row);
        this.#list.append(row.day, row.element);
        grown = true;
      }
      row.update(line);
      show(row.day, heads.has(line.key));
    }
    if (grown && follow) this.toEnd();
    else if (grown && this.#options.newLabel) show(this.#jump, true);
  }

  /** @param {string} text  e.g. "Ayşe yazıyor…"; empty when nobody types */
  setTyping(text) {
    if (text === this.#typing.textContent) return;
    const follow = this.atEnd;
    setText(this.#typing, text);
    if (follow) this.toEnd();
  }

  toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
    this.#scrolled();
  }

  get atEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR_END;
  }

  #scrolled() {
    this.#ended = this.atEnd;
    if (!this.#ended) return;
    show(this.#jump, false);
    this.#options.onEnd?.();
  }

  /** @param {Line} line */
  #row(line) {
    const { who = (/** @type {Line} */ { from }) => (from === "note" ? "" : t(`common.chat.from.${from}`)) } =
      this.#options;
    const time = h("time");
    const day = h("p", { class: "ad-chat-log__day", hidden: true }, dayText(line.at, getLocale()));
    const mark = (this.#options.mark ?? deliveryWord)();
    const edit = h(
      "button",
      { type: "button", class: "ad-line__edit", hidden: true, onclick: () => this.#options.onEdit?.(line.key) },
      t("common.chat.edit"),
    );
    const place = line.file && h("div", { class: "ad-line__file" }, line.file.name);
    const bubble = `ad-line__text ad-bubble ${line.from === "own" ? "ad-bubble--own" : ""}`;
    const text = line.text !== "" && h("p", { class: bubble, dir: "auto" }, line.text);
    if (text) this.#options.extras?.link(text, line.text);
    const element = h(
      "div",
      { class: `ad-line ad-line--${line.from}` },
      h("span", { class: "ad-visually-hidden" }, who(line)),
      place,
      text,
      h("p", { class: "ad-line__meta" }, time, line.from === "own" && mark.element, edit),
    );
    let shown = "";
    /** @type {FileInfo | undefined} */
    let drawn;
    const update = (/** @type {Line} */ { at, state, file }) => {
      if (place && file && file !== drawn) this.#options.extras?.draw(place, file);
      drawn = file;
      if (shown === `${at} ${state}`) return;
      shown = `${at} ${state}`;
      const when = new Date(at);
      time.dateTime = when.toISOString();
      setText(time, when.toLocaleTimeString(getLocale(), { hour: "2-digit", minute: "2-digit" }));
      element.dataset.state = state ?? "";
      if (state) mark.update(state);
      show(edit, state === "failed" && line.text !== "" && this.#options.onEdit !== undefined);
    };
    return { day, element, update };
  }
}

/** @returns {DeliveryMark} */
function deliveryWord() {
  const element = h("span", { class: "ad-line__state" });
  return { element, update: (state) => setText(element, t(`common.chat.${state}`)) };
}
