import assert from "node:assert/strict";
import { test } from "node:test";
import { Replies } from "../../static/js/net/desk/replies.js";
import { filled, slashWord } from "../../static/js/ui/console/chat/reply-text.js";

const FACTS = { customer: { name: "Ada", topic: "" }, operator: { name: "Deniz" } };

test("a slash asks at the beginning and after a blank, up to the caret", () => {
  assert.deepEqual(slashWord("/sel", 4), { from: 0, to: 4, typed: "sel" });
  assert.deepEqual(slashWord("Evet.\n/", 7), { from: 6, to: 7, typed: "" });
  assert.deepEqual(slashWord("a /İade sonra", 7), { from: 2, to: 7, typed: "İade" });
  for (const none of ["", "1/2", "https://x", "//", "/a/b", "/a b", `/${"x".repeat(33)}`, "and/or"]) {
    assert.equal(slashWord(none, none.length), null, none);
  }
  assert.equal(slashWord("/sel", 0), null);
});

test("places are filled, once, and what is no place stays", () => {
  assert.equal(filled("Sayın {customer.name}, ben {operator.name}.", FACTS), "Sayın Ada, ben Deniz.");
  assert.equal(filled("{customer.topic|konunuz}{customer.topic}", FACTS), "konunuz");
  assert.equal(filled("{customer.name|x}", FACTS), "Ada");
  const raw = '{x} {"a": {}} {customer.constructor} {customer.__proto__} {customer.name';
  assert.equal(filled(raw, FACTS), raw);
  const sly = { ...FACTS, customer: { name: "{operator.name}$&$1" } };
  assert.equal(filled("{customer.name}", sly), "{operator.name}$&$1");
});

test("a long hostile text is filled in no time that grows with its square", () => {
  const text = "{customer.".repeat(400) + "|".repeat(400);
  assert.equal(filled(text, FACTS), text);
});

test("what was typed goes out as a query, and an answer that is none is an error", async () => {
  /** @type {string[]} */
  const asked = [];
  let status = 200;
  const replies = new Replies("/r/", async (url) => {
    asked.push(String(url));
    return Response.json({ replies: [{ id: 1, shortcut: "a", text: "b" }] }, { status });
  });
  assert.equal((await replies.find("a&b=ı", "c 1"))[0].id, 1);
  assert.deepEqual(asked, ["/r/?q=a%26b%3D%C4%B1&conversation=c+1"]);
  globalThis.document = /** @type {any} */ ({ cookie: "" });
  await replies.used(7, "c 1");
  assert.equal(asked.pop(), "/r/7/used/?conversation=c+1");
  status = 401;
  await assert.rejects(replies.find("", ""));
});
