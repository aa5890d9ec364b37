import assert from "node:assert/strict";
import { test } from "node:test";
import { DossierModel } from "../../static/js/ui/console/dossier/dossier-model.js";
import { NotesView } from "../../static/js/ui/console/dossier/notes-view.js";
import { all, fakeDocument } from "./fakes/elements.js";
import "./texts.js";

fakeDocument();

/** @param {number} id @returns {any} */
const note = (id) => ({
  id,
  text: `note ${id}`,
  author: "Ada",
  at: "2026-01-01T10:00:00Z",
  about: "person",
  own: true,
});

/** A console that shows these notes, and the second one being changed. */
function editing(answer = null) {
  const model = new DossierModel("c1", "Beren");
  model.tookNotes({ person: true, notes: [note(1), note(2)], earlier: [] });
  const saved = [];
  const edit = async (id, text) => {
    saved.push([id, text]);
    return answer;
  };
  const view = new NotesView({ drafted: () => {}, write: () => {}, edit });
  view.update(model);
  const [list] = /** @type {any[]} */ (all(view.element, "ul"));
  const row = list.children[1];
  all(row, "button")[0].click();
  const [input] = all(row, "textarea");
  input.value = "what was meant";
  return { model, view, list, row, input, saved };
}

test("a note that is being changed stays while others come", () => {
  const { model, view, list, row, input } = editing();
  model.wrote(note(3));
  view.update(model);
  assert.equal(list.children.length, 3);
  assert.deepEqual([list.children[2] === row, input.value], [true, "what was meant"]);
  assert.equal(document.activeElement, input);
});

test("a note that was saved is drawn as it is now, and one that was not stays open", async () => {
  for (const [answer, open] of /** @type {const} */ ([
    [null, false],
    ["too long", true],
  ])) {
    const { model, view, list, row, saved } = editing(answer);
    all(row, "button")[0].click();
    await new Promise((resolve) => setTimeout(resolve));
    assert.deepEqual(saved, [[2, "what was meant"]]);
    model.wrote({ ...note(2), text: "what was meant" });
    view.update(model);
    assert.equal(list.children[1] === row, open);
  }
});

test("the next customer's notes are none of the last one's boxes", () => {
  const { view, list, row } = editing();
  const next = new DossierModel("c2", "Can");
  next.tookNotes({ person: true, notes: [note(2)], earlier: [] });
  view.update(next);
  assert.notEqual(list.children[0], row);
});
