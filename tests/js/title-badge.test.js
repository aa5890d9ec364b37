import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { TitleBadge } from "../../static/js/ui/shared/title-badge.js";

test("what calls stands in turns with the page's name, and goes when nothing calls any more", () => {
  mock.timers.enable({ apis: ["setInterval"] });
  const page = { title: "Konsol" };
  globalThis.document = /** @type {any} */ (page);
  try {
    const badge = new TitleBadge();
    badge.setPlain("(1) Konsol");
    assert.equal(page.title, "(1) Konsol");
    badge.setAlert("● Zeynep");
    const seen = [page.title];
    for (let second = 0; second < 3; second += 1) {
      mock.timers.tick(1000);
      seen.push(page.title);
    }
    assert.deepEqual(seen, ["● Zeynep", "(1) Konsol", "● Zeynep", "(1) Konsol"]);
    badge.setAlert("● Zeynep");
    assert.equal(page.title, "(1) Konsol", "the same call does not begin anew");
    badge.setPlain("(2) Konsol");
    assert.equal(page.title, "(2) Konsol");
    badge.setAlert("");
    mock.timers.tick(5000);
    assert.equal(page.title, "(2) Konsol");
  } finally {
    mock.timers.reset();
    Reflect.deleteProperty(globalThis, "document");
  }
});
