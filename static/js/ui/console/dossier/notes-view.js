import { getLocale, t } from "../../../core/i18n.js";
import { lengthOf } from "../../../core/text.js";
import { button } from "../../shared/button.js";
import { h, setAttribute, setText, show } from "../dom.js";
import { NOTE_MOST } from "./dossier-model.js";

/**
 * @import {Note} from "../../../core/types.js"
 * @import {DossierModel} from "./dossier-model.js"
 * @typedef {{drafted: (text: string) => void, write: (about: "conversation"|"person") => void,
 *   edit: (id: number, text: string) => Promise<string|null>}} NoteActions  edit: null, or why it was not saved
 */

const COUNTER_FROM_LEFT = 200;

/** @param {string} moment  ISO 8601 */
export function noteTime(moment) {
  return new Intl.DateTimeFormat(getLocale(), { dateStyle: "short", timeStyle: "short" }).format(new Date(moment));
}

/** @param {string} text @returns {string} how much may still be written, once that matters */
export function roomText(text) {
  const left = NOTE_MOST - lengthOf(text.trim());
  if (left > COUNTER_FROM_LEFT) return "";
  return t(left < 0 ? "console.notes.over" : "console.notes.left", { n: Math.abs(left) });
}

/** Notes of the conversation, those of the person before, and the box for a new one. The customer sees none of it. */
export class NotesView {
  #actions;
  #list = h("ul", { class: "ad-notes" });
  #earlier = h("ul", { class: "ad-notes" });
  #earlierTitle = h("summary");
  #counter = h("span", { class: "ad-notes-room", id: "ad-note-room" });
  #status = h("p", { class: "ad-dossier-status", role: "status" });
  #conversation = "";
  /** What is drawn in each list. @type {Map<HTMLElement, Note[]>} */
  #drawn = new Map();
  /** Rows in which somebody writes, by the note's id: they stay whatever is drawn around them. @type {Map<number, HTMLElement>} */
  #edited = new Map();

  /** @param {NoteActions} actions */
  constructor(actions) {
    this.#actions = actions;
    this.input = h("textarea", {
      class: "ad-note-input",
      rows: 3,
      dir: "auto",
      "aria-describedby": "ad-note-hint ad-note-room",
      oninput: () => this.#typed(),
      onkeydown: (/** @type {KeyboardEvent} */ event) => submits(event) && this.#submit(),
    });
    this.person = h("input", { type: "checkbox" });
    this.personChoice = h("label", { class: "ad-option" }, this.person, h("span", {}, t("console.notes.person")));
    this.save = button({}, () => this.#submit(), t("console.notes.save"));
    this.before = h("details", { class: "ad-notes-before", open: true }, this.#earlierTitle, this.#earlier);
    this.element = h(
      "section",
      { class: "ad-dossier-group", "aria-label": t("console.notes") },
      h("label", { class: "ad-note-new" }, h("span", {}, t("console.notes.new")), this.input),
      h("p", { class: "ad-note-hint" }, h("span", { id: "ad-note-hint" }, t("console.notes.hint")), this.#counter),
      this.personChoice,
      h("div", { class: "ad-note-acts" }, this.save, this.#status),
      this.#list,
      this.before,
    );
  }

  focus() {
    this.input.focus();
  }

  /** @param {DossierModel} dossier */
  update(dossier) {
    if (dossier.conversation !== this.#conversation) {
      this.#conversation = dossier.conversation;
      this.person.checked = false;
      this.input.value = dossier.draft;
      this.#edited.clear();
    } else if (dossier.draft === "" && dossier.writing === "saved" && this.input.value.trim() !== "") {
      this.input.value = "";
    }
    const busy = dossier.writing === "saving" || dossier.writing === "retrying";
    this.input.readOnly = busy;
    show(this.personChoice, dossier.person);
    this.#drawRoom(busy);
    setText(
      this.#status,
      dossier.noteFault || (dossier.writing === "idle" ? "" : t(`console.notes.${dossier.writing}`)),
    );
    setAttribute(this.#status, "data-tone", dossier.noteFault || dossier.writing === "failed" ? "bad" : null);
    this.#drawList(this.#list, dossier.notes);
    this.#drawList(this.#earlier, dossier.earlier);
    show(this.before, dossier.earlier.length > 0);
    setText(this.#earlierTitle, t("console.notes.earlier", { n: dossier.earlier.length }));
  }

  #typed() {
    this.#actions.drafted(this.input.value);
    setText(this.#status, "");
    this.#drawRoom(false);
  }

  /** @param {boolean} busy */
  #drawRoom(busy) {
    const text = this.input.value.trim();
    const over = lengthOf(text) > NOTE_MOST;
    setText(this.#counter, roomText(text));
    setAttribute(this.#counter, "data-tone", over ? "bad" : null);
    this.save.disabled = busy || over || text === "";
  }

  #submit() {
    if (!this.save.disabled) this.#actions.write(this.person.checked ? "person" : "conversation");
  }

  /** @param {HTMLElement} list @param {Note[]} notes  the same array is drawn already */
  #drawList(list, notes) {
    if (this.#drawn.get(list) === notes) return;
    this.#drawn.set(list, notes);
    const held = document.activeElement;
    const holds = held instanceof HTMLElement && list.contains(held);
    list.replaceChildren(...notes.map((note) => this.#edited.get(note.id) ?? this.#row(note)));
    // Put back in its place, a box has lost the keyboard.
    if (holds && list.contains(held)) held.focus();
    show(list, notes.length > 0);
  }

  /** @param {Note} note */
  #row(note) {
    const row = h("li", { class: "ad-note" });
    const facts = h(
      "p",
      { class: "ad-note-facts" },
      note.about === "person" && h("span", { class: "ad-pill" }, t("console.notes.of-person")),
      h("bdi", {}, note.author),
      h("time", { datetime: note.at }, noteTime(note.at)),
      note.edited_at && h("span", { title: noteTime(note.edited_at) }, t("console.notes.edited")),
      note.own &&
        button({ kind: "quiet", class: "ad-note-edit" }, () => this.#edit(row, note), t("console.notes.edit")),
    );
    row.append(h("p", { class: "ad-note-text", dir: "auto" }, note.text), facts);
    return row;
  }

  /** The note becomes a box in its place. @param {HTMLElement} row @param {Note} note */
  #edit(row, note) {
    const fault = h("p", { class: "ad-dossier-status", role: "status", "data-tone": "bad" });
    this.#edited.set(note.id, row);
    const back = () => {
      this.#edited.delete(note.id);
      const shown = this.#row(note);
      row.replaceWith(shown);
      shown.querySelector("button")?.focus();
    };
    const save = async () => {
      const why = await this.#actions.edit(note.id, input.value);
      if (why === null) {
        this.#edited.delete(note.id);
        this.focus();
      } else setText(fault, why || t("console.notes.failed"));
    };
    const input = h("textarea", {
      class: "ad-note-input",
      rows: 3,
      dir: "auto",
      "aria-label": t("console.notes.edit"),
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        if (submits(event)) void save();
        else if (event.key === "Escape") back();
      },
    });
    input.value = note.text;
    row.replaceChildren(
      input,
      h(
        "div",
        { class: "ad-note-acts" },
        button({}, () => void save(), t("console.notes.save")),
        button({ kind: "quiet" }, back, t("console.notes.cancel")),
      ),
      fault,
    );
    input.focus();
  }
}

/** Enter alone breaks the line. @param {KeyboardEvent} event */
function submits(event) {
  const wanted = event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing;
  if (wanted) event.preventDefault();
  return wanted;
}
