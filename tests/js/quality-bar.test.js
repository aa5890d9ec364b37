import assert from "node:assert/strict";
import { test } from "node:test";
import { signalGrade } from "../../static/js/ui/customer/call/call-view.js";
import { grade, steadyScore } from "../../static/js/ui/shared/call/quality-bar.js";
import "./texts.js";

test("one bad sample does not change the words, some do", () => {
  let shown = steadyScore(null, 4.4);
  assert.equal(grade(shown), "good");
  shown = steadyScore(shown, 3);
  assert.equal(grade(shown), "fair");
  for (let sample = 0; sample < 4; sample += 1) shown = steadyScore(shown, 3);
  assert.equal(grade(shown), "poor");
});

test("what is not measured keeps the last score", () => {
  assert.equal(steadyScore(4.2, null), 4.2);
  assert.equal(steadyScore(null, null), null);
});

test("the coloured bar tells a lost call even when the last measure was good", () => {
  const call = { state: "connected", quality: 4.4 };
  assert.equal(signalGrade({ call, media: "video" }), "good");
  assert.equal(signalGrade({ call: { ...call, state: "reconnecting" }, media: "video" }), "bad");
  assert.equal(signalGrade({ call: { ...call, state: "connecting" }, media: "video" }), "none");
  assert.equal(signalGrade({ call, media: "chat" }), "none");
});
