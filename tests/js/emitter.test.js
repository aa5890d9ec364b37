import assert from "node:assert/strict";
import { test } from "node:test";
import { Emitter } from "../../static/js/core/emitter.js";

test("a listener hears until it is taken off", () => {
  const emitter = new Emitter();
  const heard = [];
  const off = emitter.on("word", (word) => heard.push(word));
  emitter.emit("word", "one");
  off();
  emitter.emit("word", "two");
  assert.deepEqual(heard, ["one"]);
});

test("once hears once", () => {
  const emitter = new Emitter();
  let heard = 0;
  emitter.once("word", () => heard++);
  emitter.emit("word");
  emitter.emit("word");
  assert.equal(heard, 1);
});

test("a listener that throws is reported and keeps nobody from hearing", (t) => {
  const reported = t.mock.method(console, "error", () => {});
  const emitter = new Emitter();
  let heard = false;
  emitter.on("word", () => {
    throw new Error("broken");
  });
  emitter.on("word", () => (heard = true));
  emitter.emit("word");
  assert.ok(heard);
  assert.equal(reported.mock.callCount(), 1);
});

test("a listener may take itself and others off while it is called", () => {
  const emitter = new Emitter();
  const heard = [];
  const offs = ["a", "b"].map((name) =>
    emitter.on("word", () => {
      heard.push(name);
      for (const off of offs) off();
    }),
  );
  emitter.emit("word");
  emitter.emit("word");
  assert.deepEqual(heard, ["a", "b"]);
});
