/**
 * What the console knows of one conversation besides the chat: who it is, outcome and tags, notes. `DossierDesk` (app/console) asks for it
 * and saves it; here stands what is known and what is still to be saved.
 *
 * @import {About, CardAnswer, Earlier, Given, GivenAnswer, Label, Note, NotesAnswer, WrapUpAnswer} from "../../../core/types.js"
 * @typedef {{outcome: number | null, tags: number[]}} Choice
 * @typedef {"idle" | "saving" | "saved" | "retrying" | "failed"} Saving
 */

/** As the server takes them. */
export const TAGS_MOST = 20;
export const NOTE_MOST = 2000;

export class DossierModel {
  /** The lists are here, whether or not the history knows the conversation already. */
  loaded = false;
  recorded = false;
  required = false;
  /** @type {Label[]} */
  outcomes = [];
  /** @type {Label[]} */
  tags = [];
  /** @type {Given} */
  given = { version: 0, outcome: null, tags: [] };
  /** Chosen, and not saved yet. @type {Choice | null} */
  pending = null;
  /** The operator said "later". */
  postponed = false;
  /** @type {Saving} */
  saving = "idle";
  /** What the server refused, in its words. */
  fault = "";

  /** @type {About | null} */
  about = null;
  /** Conversations of the same person, the newest. @type {Earlier[]} */
  conversations = [];
  conversationsTotal = 0;
  /** Those are known. */
  cardKnown = false;

  person = false;
  /** @type {Note[]} */
  notes = [];
  /** @type {Note[]} */
  earlier = [];
  /** What is being written. */
  draft = "";
  /** @type {Saving} */
  writing = "idle";
  noteFault = "";

  /** @param {string} conversation @param {string} name of the customer */
  constructor(conversation, name) {
    this.conversation = conversation;
    this.name = name;
  }

  /** @returns {number | null} as the operator sees it */
  get outcome() {
    return this.pending ? this.pending.outcome : (this.given.outcome?.id ?? null);
  }

  /** @returns {number[]} */
  get chosenTags() {
    return this.pending ? this.pending.tags : this.given.tags.map(({ id }) => id);
  }

  /** Whether there is anything to choose from. */
  get asks() {
    return this.outcomes.length > 0 || this.tags.length > 0;
  }

  /** The wrap-up waits for an outcome that is not chosen yet. */
  get missing() {
    return this.required && !this.postponed && this.outcome === null;
  }

  /** With what was chosen once and has been put away since. */
  get outcomeChoices() {
    return withChosen(this.outcomes, this.given.outcome ? [this.given.outcome] : []);
  }

  get tagChoices() {
    return withChosen(this.tags, this.given.tags);
  }

  /** Whether something would be lost with the page. */
  get unsaved() {
    return this.pending !== null || this.draft.trim() !== "";
  }

  /** @param {WrapUpAnswer} answer */
  took(answer) {
    this.loaded = true;
    this.recorded = answer.recorded;
    this.required = answer.required;
    this.outcomes = answer.outcomes;
    this.tags = answer.tags;
    this.#see(answer.given);
  }

  /** @param {CardAnswer} answer */
  tookCard(answer) {
    this.cardKnown = true;
    this.about ??= answer.about;
    this.conversations = answer.earlier;
    this.conversationsTotal = answer.total;
  }

  /** @param {NotesAnswer} answer */
  tookNotes(answer) {
    this.person = answer.person;
    this.earlier = answer.earlier;
    const own = new Set(answer.notes.map(({ id }) => id));
    // One that was written while this was on its way stays.
    this.notes = [...this.notes.filter(({ id }) => !own.has(id)), ...answer.notes];
  }

  /** @param {number | null} outcome */
  chooseOutcome(outcome) {
    this.#choose({ outcome, tags: this.chosenTags });
  }

  /** @param {number} tag @param {boolean} on @returns {boolean} false: there are too many */
  chooseTag(tag, on) {
    const others = this.chosenTags.filter((id) => id !== tag);
    if (on && others.length >= TAGS_MOST) return false;
    this.#choose({ outcome: this.outcome, tags: on ? [...others, tag] : others });
    return true;
  }

  /**
   * @param {Choice} sent
   * @param {GivenAnswer} answer
   * @returns {boolean} everything is saved; else the rest, or the same on what is there now, is to be sent again
   */
  saved(sent, answer) {
    if (!answer.recorded || !answer.given) return false;
    this.recorded = true;
    this.#see(answer.given);
    if (!answer.saved || this.pending !== sent) return false;
    this.pending = null;
    this.saving = "saved";
    return true;
  }

  /** @param {string} message */
  refused(message) {
    this.pending = null;
    this.fault = message;
    this.saving = "failed";
  }

  /** @param {Note} note  new, or changed */
  wrote(note) {
    const isIn = (/** @type {Note[]} */ list) => list.some(({ id }) => id === note.id);
    const changed = (/** @type {Note[]} */ list) => list.map((one) => (one.id === note.id ? note : one));
    // One's own may stand in an earlier conversation as well.
    if (isIn(this.earlier)) this.earlier = changed(this.earlier);
    else this.notes = isIn(this.notes) ? changed(this.notes) : [note, ...this.notes];
  }

  /** @param {Choice} choice */
  #choose(choice) {
    this.pending = choice;
    this.fault = "";
    this.saving = "saving";
  }

  /** An answer that was overtaken by a newer one says nothing. @param {Given} given */
  #see(given) {
    if (given.version >= this.given.version) this.given = given;
  }
}

/** @param {Label[]} offered @param {Label[]} chosen */
function withChosen(offered, chosen) {
  const known = new Set(offered.map(({ id }) => id));
  return [...offered, ...chosen.filter(({ id }) => !known.has(id))];
}
