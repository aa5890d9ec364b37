import assert from "node:assert/strict";
import { test } from "node:test";

import { DossierDesk, followConversation } from "../../static/js/app/console/dossier-desk.js";
import { memoryStore } from "../../static/js/core/storage.js";
import { DossierError, Dossiers } from "../../static/js/net/desk/dossiers.js";
import { DossierModel, TAGS_MOST } from "../../static/js/ui/console/dossier/dossier-model.js";
import { roomText } from "../../static/js/ui/console/dossier/notes-view.js";
import { savingText } from "../../static/js/ui/console/dossier/wrap-up-view.js";
import { shortcutFor } from "../../static/js/ui/console/shortcuts.js";
import { initialState, Store } from "../../static/js/ui/console/state.js";
import "./texts.js";

const OUTCOMES = [
  { id: 1, name: "Çözüldü" },
  { id: 2, name: "Açık" },
];
const TAGS = [{ id: 7, name: "Fatura" }];
const NONE = { version: 0, outcome: null, tags: [] };

/** A server with one conversation, which the history knows after so many questions. */
class Server {
  /** @type {string[]} */
  said = [];
  given = { ...NONE };
  /** @type {any[]} */
  notes = [];
  /** @type {any} an error that the next request meets */
  fault = null;

  /** @param {{early?: number, required?: boolean}} [options] */
  constructor({ early = 0, required = false } = {}) {
    this.early = early;
    this.required = required;
  }

  /** @param {string} what */
  #hear(what) {
    this.said.push(what);
    const fault = this.fault;
    this.fault = null;
    if (fault) throw fault;
    if (this.early > 0) this.early -= 1;
    return this.early === 0;
  }

  async wrapUp(/** @type {string} */ conversation) {
    const recorded = this.#hear(`look ${conversation}`);
    return { recorded, required: this.required, outcomes: OUTCOMES, tags: TAGS, given: this.given };
  }

  async give(/** @type {string} */ conversation, /** @type {any} */ { outcome, tags, version }) {
    if (!this.#hear(`give ${conversation} ${outcome} ${version}`)) return { recorded: false };
    const saved = version === this.given.version;
    const label = OUTCOMES.find(({ id }) => id === outcome) ?? null;
    if (saved) this.given = { version: version + 1, outcome: label, tags: TAGS.filter(({ id }) => tags.includes(id)) };
    return { recorded: true, saved, given: this.given };
  }

  about = { locale: "tr" };

  async card(/** @type {string} */ _conversation) {
    return { recorded: true, about: this.about, earlier: [{ id: "c0" }], total: 30 };
  }

  async notes_(/** @type {string} */ _conversation) {
    return { recorded: true, person: false, notes: this.notes, earlier: [] };
  }

  async write(/** @type {string} */ conversation, /** @type {any} */ { text, about, key }) {
    if (!this.#hear(`write ${conversation} ${text} ${key}`)) return { recorded: false };
    const note = {
      id: 1 + this.notes.length,
      conversation,
      text,
      about,
      author: "Deniz",
      own: true,
      at: "",
      edited_at: null,
    };
    this.notes.unshift(note);
    return { recorded: true, note };
  }

  async edit(/** @type {number} */ id, /** @type {string} */ text) {
    this.#hear(`edit ${id}`);
    return { note: { ...this.notes.find((note) => note.id === id), text } };
  }

  /** @returns {any} */
  get requests() {
    const of =
      (/** @type {string} */ name) =>
      (/** @type {any[]} */ ...given) =>
        /** @type {any} */ (this)[name](...given);
    return {
      wrapUp: of("wrapUp"),
      give: of("give"),
      card: of("card"),
      notes: of("notes_"),
      write: of("write"),
      edit: of("edit"),
    };
  }
}

/** Everything that is on its way has come. */
async function settled() {
  for (let turn = 0; turn < 30; turn += 1) await new Promise((resolve) => setTimeout(resolve, 0));
}

/** @param {Server} server @param {any} [kept] */
function desk(server, kept = memoryStore()) {
  let keys = 0;
  const made = new DossierDesk({
    ask: server.requests,
    kept,
    // No time passes here; but others have their turn.
    wait: () => new Promise((resolve) => setTimeout(resolve, 0)),
    newKey: () => `key-${++keys}`,
  });
  return made;
}

test("who asks too early asks again, and what was chosen meanwhile is saved then", async () => {
  const server = new Server({ early: 4 });
  const dossiers = desk(server);
  dossiers.open("c1", "Ada");
  await settled();
  dossiers.chooseOutcome(1);
  await settled();
  await settled();
  assert.equal(server.given.outcome?.id, 1);
  assert.equal(dossiers.current?.saving, "saved");
  assert.equal(dossiers.current?.outcome, 1);
});

test("who it is comes with the call; after a reload the history says it", async () => {
  const dossiers = desk(new Server());
  dossiers.open("c1", "Ada", { locale: "de" });
  await settled();
  assert.deepEqual(dossiers.current?.about, { locale: "de" });
  assert.deepEqual([dossiers.current?.conversations.length, dossiers.current?.conversationsTotal], [1, 30]);
  const later = desk(new Server());
  later.open("c1", "Ada");
  assert.equal(later.current?.about, null);
  await settled();
  assert.deepEqual(later.current?.about, { locale: "tr" });
});

test("arrows over choices send the last one alone", async () => {
  const server = new Server();
  const dossiers = desk(server);
  dossiers.open("c1", "Ada");
  await settled();
  dossiers.chooseOutcome(1);
  dossiers.chooseTag(7, true);
  dossiers.chooseOutcome(2);
  await settled();
  assert.deepEqual(
    server.said.filter((line) => line.startsWith("give")),
    ["give c1 2 0"],
  );
  assert.deepEqual(server.given.tags, TAGS);
});

test("what another tab gave is seen, and the last one wins", async () => {
  const server = new Server();
  const dossiers = desk(server);
  dossiers.open("c1", "Ada");
  await settled();
  server.given = { version: 3, outcome: OUTCOMES[1], tags: [] };
  dossiers.chooseOutcome(1);
  await settled();
  assert.deepEqual(
    server.said.filter((line) => line.startsWith("give")),
    ["give c1 1 0", "give c1 1 3"],
  );
  assert.equal(server.given.outcome?.id, 1);
});

test("a server that is out is asked again; one that refuses is not", async () => {
  const server = new Server();
  const dossiers = desk(server);
  dossiers.open("c1", "Ada");
  await settled();
  server.fault = new DossierError("", false);
  dossiers.chooseOutcome(1);
  await settled();
  assert.equal(server.given.outcome?.id, 1);
  server.fault = new DossierError("Seçilemiyor.", true);
  dossiers.chooseOutcome(2);
  await settled();
  assert.equal(dossiers.current?.outcome, 1, "what is kept is shown");
  assert.equal(savingText(/** @type {DossierModel} */ (dossiers.current)), "Seçilemiyor.");
  assert.equal(server.said.filter((line) => line.startsWith("give")).length, 3);
});

test("what is not saved yet survives a reload", async () => {
  const kept = memoryStore();
  const server = new Server({ early: 1000 });
  const before = desk(server, kept);
  before.open("c1", "Ada");
  await settled();
  before.chooseOutcome(2);
  before.drafted("yarım kal");
  const after = desk(new Server(), kept);
  after.resume(false);
  assert.equal(after.current?.name, "Ada");
  assert.equal(after.current?.draft, "yarım kal");
  assert.equal(after.current?.outcome, 2);
  await settled();
  assert.equal(after.current?.given.outcome?.id, 2);
  assert.equal(after.current?.pending, null);
});

test("what others wrote into the tab's store harms nothing", () => {
  for (const found of ["", "[]", "7", '{"conversation": 7}', '{"conversation": "c1", "outcome": "x", "tags": "y"}']) {
    const kept = memoryStore();
    kept.set("dossier", found);
    const dossiers = desk(new Server(), kept);
    dossiers.resume(true);
    assert.equal(dossiers.current?.pending ?? null, null, found);
  }
});

test("a note that was begun is written when the next customer comes, about the one before", async () => {
  const server = new Server();
  const dossiers = desk(server);
  dossiers.open("c1", "Ada");
  await settled();
  dossiers.drafted("iki kez denedi");
  dossiers.open("c2", "Bora");
  await settled();
  assert.equal(server.notes.length, 1);
  assert.deepEqual([server.notes[0].conversation, server.notes[0].text], ["c1", "iki kez denedi"]);
  assert.equal(dossiers.current?.draft, "");
  assert.deepEqual(dossiers.current?.notes.filter(({ conversation }) => conversation === "c1").length, 1);
});

test("a note is tried with one key until it is taken, and stays in the box when it is refused", async () => {
  const server = new Server();
  const dossiers = desk(server);
  dossiers.open("c1", "Ada");
  await settled();
  server.fault = new DossierError("", false);
  dossiers.drafted("merhaba");
  await dossiers.writeNote("conversation");
  assert.deepEqual(
    server.said.filter((line) => line.startsWith("write")),
    ["write c1 merhaba key-1", "write c1 merhaba key-1"],
  );
  assert.equal(dossiers.current?.draft, "");
  server.fault = new DossierError("Çok uzun.", true);
  dossiers.drafted("uzun");
  await dossiers.writeNote("conversation");
  assert.deepEqual([dossiers.current?.draft, dossiers.current?.noteFault], ["uzun", "Çok uzun."]);
  assert.equal(await dossiers.editNote(1, "selam"), null);
  assert.equal(dossiers.current?.notes[0].text, "selam");
  server.fault = new DossierError("Boş.", true);
  assert.equal(await dossiers.editNote(1, " "), "Boş.");
});

test("an outcome is missing until it is chosen or put off", async () => {
  const server = new Server({ required: true });
  const dossiers = desk(server);
  const store = new Store(initialState("Deniz"));
  dossiers.onchange = () => store.dispatch({ type: "outcome", missing: dossiers.current?.missing });
  followConversation(store, dossiers);
  store.dispatch({ type: "queue:ready", frame: { conversation: "c1", media: "chat", peer: { name: "Ada" } }, now: 1 });
  await settled();
  assert.equal(store.state.outcomeMissing, true);
  store.dispatch({ type: "call:ended", frame: { conversation: "c1", reason: "hangup" }, now: 2, lines: 0 });
  assert.equal(store.state.outcomeMissing, true, "its end does not give one");
  dossiers.chooseOutcome(1);
  assert.equal(store.state.outcomeMissing, false);
  dossiers.chooseOutcome(null);
  assert.equal(store.state.outcomeMissing, true);
  dossiers.postpone();
  assert.equal(store.state.outcomeMissing, false);
});

test("there are never more tags than the server takes, and what was put away stays chosen", () => {
  const model = new DossierModel("c1", "");
  for (let id = 1; id <= TAGS_MOST; id += 1) assert.equal(model.chooseTag(id, true), true);
  assert.equal(model.chooseTag(99, true), false);
  assert.equal(model.chooseTag(1, false), true);
  assert.equal(model.chosenTags.length, TAGS_MOST - 1);
  const old = { id: 50, name: "Eski" };
  model.took({
    recorded: true,
    required: false,
    outcomes: OUTCOMES,
    tags: [],
    given: { version: 2, outcome: old, tags: [old] },
  });
  assert.deepEqual(model.outcomeChoices.at(-1), old);
  assert.deepEqual(model.tagChoices, [old]);
  model.took({ recorded: true, required: false, outcomes: OUTCOMES, tags: [], given: { ...NONE, version: 1 } });
  assert.equal(model.given.version, 2, "an older answer says nothing");
});

test("requests carry the token, and say whether another try can help", async () => {
  /** @type {any[]} */
  const asked = [];
  globalThis.document = /** @type {any} */ ({ cookie: "a=b; csrftoken=tok" });
  let answer = () => Response.json({ recorded: true });
  const fetcher = /** @type {any} */ (
    async (/** @type {string} */ url, /** @type {any} */ options) => {
      asked.push([url, options.method, options.headers?.["X-CSRFToken"], options.body]);
      return answer();
    }
  );
  const dossiers = new Dossiers({ wrapUp: "/w/", notes: "/n/", note: "/o/" }, fetcher);
  await dossiers.wrapUp("a/b");
  await dossiers.give("c1", { outcome: 1, tags: [], version: 0 });
  assert.deepEqual(asked, [
    ["/w/a%2Fb/", undefined, undefined, undefined],
    ["/w/c1/", "POST", "tok", '{"outcome":1,"tags":[],"version":0}'],
  ]);
  answer = () => Response.json({ error: { message: "Yok." } }, { status: 400 });
  await assert.rejects(dossiers.edit(1, "x"), { message: "Yok.", final: true });
  answer = () => new Response("<html>", { status: 503 });
  await assert.rejects(dossiers.notes("c1"), { message: "", final: false });
});

test("keys lead there, and the room that is left is told when it is little", () => {
  const press = (/** @type {string} */ key) =>
    shortcutFor(/** @type {any} */ ({ key, ctrlKey: false, altKey: false, metaKey: false, target: null }));
  assert.deepEqual([press("o"), press("t")], ["outcome", "note"]);
  assert.equal(roomText("x"), "");
  assert.match(roomText("x".repeat(1990)), /10/);
  assert.match(roomText("👍".repeat(2003)), /3/);
});

test("a conversation that goes on with somebody else leaves the desk, and half a note with it", async () => {
  const server = new Server();
  const kept = memoryStore();
  const dossiers = desk(server, kept);
  const store = new Store(initialState("Deniz"));
  followConversation(store, dossiers);
  store.dispatch({ type: "queue:ready", frame: { conversation: "c1", peer: { name: "Ada" } }, now: 1 });
  await settled();
  dossiers.drafted("half a note");
  store.dispatch({ type: "call:ended", frame: { conversation: "c1", reason: "transferred", by: "operator" }, now: 2 });
  await settled();
  assert.equal(dossiers.current, null);
  assert.equal(server.notes[0]?.text, "half a note");
  assert.equal(kept.get("dossier"), null);
});
