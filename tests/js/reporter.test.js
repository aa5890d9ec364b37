import assert from "node:assert/strict";
import { test } from "node:test";
import { Reporter } from "../../static/js/rtc/reporter.js";

function reporter() {
  const sent = [];
  const reports = new Reporter({ send: (type, fields) => void sent.push([type, fields]) });
  return {
    sent,
    report: (fields, thin = false) => reports.report({ rung: 0, reason: null, loss_pct: 0, ...fields }, thin),
  };
}

test("every sample is told, a high loss by its own name too", () => {
  const { sent, report } = reporter();
  report({ conversation: "c1" });
  report({ loss_pct: 12, conversation: "c1" });
  assert.deepEqual(
    sent.map(([type]) => type),
    ["call:stats", "call:stats", "metrics:high-packet-loss"],
  );
  assert.deepEqual(sent[2][1], { loss_pct: 12, conversation: "c1" });
});

test("on a thin line each fourth is, and a change of the rung at once", () => {
  const { sent, report } = reporter();
  report({ rung: 5 }, true);
  for (let number = 0; number < 8; number++) report({ rung: 5, rtt_ms: number, loss_pct: 30 }, true);
  report({ rung: 6 }, true);
  const samples = sent.filter(([type]) => type === "call:stats").map(([, { rung, rtt_ms }]) => [rung, rtt_ms]);
  assert.deepEqual(samples, [
    [5, undefined],
    [5, 3],
    [5, 7],
    [6, undefined],
  ]);
});
