import assert from "node:assert/strict";
import { test } from "node:test";
import { ControlsView } from "../../static/js/ui/console/call/controls-view.js";
import { TransferView } from "../../static/js/ui/console/call/transfer-view.js";
import { reduce } from "../../static/js/ui/console/reduce.js";
import { initialState } from "../../static/js/ui/console/state.js";
import { fakeDocument } from "./fakes/elements.js";
import "./texts.js";

fakeDocument();

/** After a gap the server may say at once that there is another customer. @param {any} [state] @param {string} [conversation] */
const talking = (state = initialState("Ada"), conversation = "c1") =>
  reduce(state, {
    type: "resync",
    now: 1000,
    state: { phase: "active", conversation, peer: { name: conversation }, media: "chat" },
  });

test("whether to end a conversation is not asked of the next one", () => {
  const ended = [];
  const devices = /** @type {any} */ ({ element: document.createElement("div"), close: () => {} });
  const view = new ControlsView(/** @type {any} */ ({ end: () => ended.push("end") }), devices);
  const first = talking();
  view.update(first);
  view.askEnd(true);
  view.update(reduce(first, { type: "muted", on: true }));
  assert.equal(view.confirm.hidden, false);
  view.update(talking(first, "c2"));
  assert.equal(view.confirm.hidden, true);
  assert.equal(view.end.button.getAttribute("aria-expanded"), "false");
  assert.deepEqual(ended, []);
});

test("a conversation that begins takes the focus nowhere", () => {
  const devices = /** @type {any} */ ({ element: document.createElement("div"), close: () => {} });
  const view = new ControlsView(/** @type {any} */ ({}), devices);
  document.body.focus();
  view.update(talking());
  assert.equal(document.activeElement, document.body);
});

test("a transfer that was begun for one customer does not take the next", () => {
  const passed = [];
  const view = new TransferView((...given) => passed.push(given));
  const first = talking();
  view.open();
  view.update(first, "ada");
  view.note.value = "Wants the money back.";
  view.update(reduce(first, { type: "muted", on: true }), "ada");
  assert.equal(view.element.open, true);
  view.update(talking(first, "c2"), "ada");
  assert.equal(view.element.open, false);
  view.open();
  view.update(talking(first, "c2"), "ada");
  assert.deepEqual([view.element.open, view.note.value, passed], [true, "", []]);
});
