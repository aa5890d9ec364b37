import { DossierModel } from "../../ui/console/dossier/dossier-model.js";

/**
 * @import {About, CardAnswer, GivenAnswer, Note, NotesAnswer, Store as Kept, WrapUpAnswer} from "../../core/types.js"
 * @import {Store} from "../../ui/console/state.js"
 * @typedef {{wrapUp: (conversation: string) => Promise<WrapUpAnswer>, notes: (conversation: string) => Promise<NotesAnswer>,
 *   card: (conversation: string) => Promise<CardAnswer>,
 *   give: (conversation: string, given: {outcome: number|null, tags: number[], version: number}) => Promise<GivenAnswer>,
 *   write: (conversation: string, note: {text: string, about: string, key: string}) => Promise<{recorded: boolean, note?: Note}>,
 *   edit: (id: number, text: string) => Promise<{note: Note}>}} DossierRequests  all reject with `{message, final}`
 */

const KEY = "dossier";
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 5000;
/** About three minutes: the history is written within seconds unless the database is out. */
const TRIES = 40;
/** Arrows go over choices that are not meant. */
const REST_MS = 300;

/**
 * Asks for what is kept of the conversation on the screen, and saves what the operator says of it.
 *
 * The history runs behind: what it does not know yet is asked again. What is not saved yet is kept over a reload of the
 * page, and of the customer before it is still saved when the next one is here.
 */
export class DossierDesk {
  #ask;
  #kept;
  #wait;
  #newKey;
  /** What is being saved right now. @type {Set<DossierModel>} */
  #busy = new Set();
  /** @type {DossierModel | null} */
  current = null;
  /** @type {() => void} */
  onchange = () => {};

  /**
   * @param {{ask: DossierRequests, kept: Kept, wait?: (ms: number) => Promise<void>, newKey?: () => string}} parts
   *   kept: of the tab; newKey: a random word
   */
  constructor({ ask, kept, wait = pause, newKey = () => crypto.randomUUID() }) {
    this.#ask = ask;
    this.#kept = kept;
    this.#wait = wait;
    this.#newKey = newKey;
  }

  /**
   * @param {string} conversation
   * @param {string} name of the customer
   * @param {About | null} [about]  null: asked for
   */
  open(conversation, name, about = null) {
    if (this.current?.conversation === conversation) {
      this.current.name = name || this.current.name;
      this.current.about = about ?? this.current.about;
      return;
    }
    const before = this.current;
    const model = new DossierModel(conversation, name);
    model.about = about;
    this.#restore(model);
    this.current = model;
    // Half a note says more than none; its author can go on with it later.
    if (before && before.draft.trim() !== "") void this.#write(before, before.draft, "conversation");
    this.#changed(model);
    void this.#load(model);
    if (model.pending) void this.#save(model);
  }

  /** The conversation goes on with somebody else, to whom everything belongs from now on but half a note. */
  leave() {
    const before = this.current;
    if (!before) return;
    this.current = null;
    this.#kept.remove(KEY);
    if (before.draft.trim() !== "") void this.#write(before, before.draft, "conversation");
    this.onchange();
  }

  /** After a reload: the conversation before, where it is the wrap-up's or something of it is not saved yet. @param {boolean} wrapsUp */
  resume(wrapsUp) {
    const kept = this.#read();
    if (!this.current && kept && (wrapsUp || kept.outcome !== undefined || kept.draft))
      this.open(kept.conversation, kept.name);
  }

  /** @param {number | null} outcome */
  chooseOutcome(outcome) {
    this.current?.chooseOutcome(outcome);
    void this.#chosen();
  }

  /** @param {number} tag @param {boolean} on */
  chooseTag(tag, on) {
    this.current?.chooseTag(tag, on);
    void this.#chosen();
  }

  postpone() {
    if (!this.current) return;
    this.current.postponed = true;
    this.#changed(this.current);
  }

  /** @param {string} text of the note that is being written */
  drafted(text) {
    if (!this.current) return;
    this.current.draft = text;
    this.current.noteFault = "";
    this.#keep();
  }

  /** @param {"conversation" | "person"} about */
  async writeNote(about) {
    const model = this.current;
    if (model && model.draft.trim() !== "" && model.writing !== "saving") await this.#write(model, model.draft, about);
  }

  /**
   * @param {number} id @param {string} text
   * @returns {Promise<string | null>} null: saved; else why not, in the server's words or none
   */
  async editNote(id, text) {
    const model = this.current;
    try {
      const { note } = await this.#ask.edit(id, text);
      model?.wrote(note);
      if (model) this.#changed(model);
      return null;
    } catch (error) {
      return messageOf(error);
    }
  }

  async #chosen() {
    const model = this.current;
    if (!model) return;
    this.#changed(model);
    const wish = model.pending;
    await this.#wait(REST_MS);
    if (model.pending === wish) await this.#save(model);
  }

  /** @param {DossierModel} model */
  async #load(model) {
    let seen = false;
    await this.#insist(async () => {
      if (model !== this.current) return true;
      try {
        if (!seen || !model.recorded) model.took(await this.#ask.wrapUp(model.conversation));
        seen = true;
        if (model.recorded) {
          const { conversation } = model;
          const [card, notes] = await Promise.all([this.#ask.card(conversation), this.#ask.notes(conversation)]);
          model.tookCard(card);
          model.tookNotes(notes);
        }
      } catch (error) {
        if (isFinal(error)) model.fault = messageOf(error);
        return isFinal(error);
      } finally {
        this.#changed(model);
      }
      return model.recorded;
    });
  }

  /** One request at a time, so that none overtakes a newer one. @param {DossierModel} model */
  async #save(model) {
    if (this.#busy.has(model)) return;
    this.#busy.add(model);
    const done = await this.#insist(async () => {
      const wish = model.pending;
      if (!wish) return true;
      try {
        const answer = await this.#ask.give(model.conversation, { ...wish, version: model.given.version });
        if (!model.saved(wish, answer)) return false;
      } catch (error) {
        if (!isFinal(error)) {
          model.saving = "retrying";
          return false;
        }
        model.refused(messageOf(error));
      } finally {
        this.#changed(model);
      }
      return true;
    });
    if (!done) model.saving = "failed";
    this.#busy.delete(model);
    this.#changed(model);
  }

  /** @param {DossierModel} model @param {string} text @param {string} about */
  async #write(model, text, about) {
    const key = this.#newKey();
    model.writing = "saving";
    this.#changed(model);
    const done = await this.#insist(async () => {
      try {
        const { note } = await this.#ask.write(model.conversation, { text, about, key });
        if (!note) return false;
        model.wrote(note);
        model.writing = "saved";
        if (model.draft === text) model.draft = "";
      } catch (error) {
        if (!isFinal(error)) {
          model.writing = "retrying";
          return false;
        }
        model.writing = "failed";
        model.noteFault = messageOf(error);
      } finally {
        this.#changed(model);
      }
      return true;
    });
    if (!done) model.writing = "failed";
    this.#changed(model);
  }

  /**
   * @param {() => Promise<boolean>} attempt  whether that was all
   * @returns {Promise<boolean>} false: it was tried often enough
   */
  async #insist(attempt) {
    for (let tries = 0; tries < TRIES; tries += 1) {
      if (await attempt()) return true;
      await this.#wait(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tries));
    }
    return false;
  }

  /** @param {DossierModel} model */
  #changed(model) {
    if (model !== this.current) return;
    this.#keep();
    this.onchange();
  }

  #keep() {
    const { conversation, name, pending, draft } = /** @type {DossierModel} */ (this.current);
    try {
      this.#kept.set(KEY, JSON.stringify({ conversation, name, draft, ...pending }));
    } catch {
      // No room: it stays in the page.
    }
  }

  /** @param {DossierModel} model */
  #restore(model) {
    const kept = this.#read();
    if (kept?.conversation !== model.conversation) return;
    model.draft = kept.draft;
    if (kept.outcome !== undefined && kept.tags) {
      model.pending = { outcome: kept.outcome, tags: kept.tags };
      model.saving = "saving";
    }
  }

  /** @returns {{conversation: string, name: string, draft: string, outcome?: number | null, tags?: number[]} | null} others may write there */
  #read() {
    try {
      const found = JSON.parse(this.#kept.get(KEY) ?? "null");
      if (typeof found?.conversation !== "string") return null;
      const { conversation, outcome, tags } = found;
      const chosen =
        (outcome === null || Number.isInteger(outcome)) && Array.isArray(tags) && tags.every(Number.isInteger);
      return {
        conversation,
        name: String(found.name ?? ""),
        draft: String(found.draft ?? ""),
        ...(chosen && { outcome, tags }),
      };
    } catch {
      return null;
    }
  }
}

/** Ends that are none for the customer. */
const GOES_ON = new Set(["transferred", "unanswered"]);

/**
 * The conversation of the state is the one on the desk.
 * @param {Store} store
 * @param {DossierDesk} desk
 */
export function followConversation(store, desk) {
  let resumed = false;
  store.subscribe((state, before) => {
    const { phase, customer, summary } = state;
    if (summary !== before.summary && GOES_ON.has(summary?.reason ?? "")) desk.leave();
    if (phase === "active" && customer && customer !== before.customer)
      desk.open(customer.conversation, customer.name, customer.about);
    // The whole state comes first, and says nothing of a wrap-up; what follows does.
    if (!resumed && state.synced && state.shiftKnown) {
      resumed = true;
      desk.resume(state.wrapUpUntil !== null);
    }
  });
}

/** @param {unknown} error */
const isFinal = (error) => /** @type {any} */ (error)?.final === true;
/** @param {unknown} error */
const messageOf = (error) => String(/** @type {any} */ (error)?.message ?? "");
/** @param {number} ms @returns {Promise<void>} */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
