import assert from "node:assert/strict";
import { test } from "node:test";
import { checkText, toneOf } from "../../static/js/ui/customer/waiting/preflight-view.js";
import { speak } from "./texts.js";

speak("en");
const RESULTS = {
  running: false,
  microphone: { state: "ok", level: 0, heard: true, problem: null },
  camera: { state: "failed", problem: "busy", width: null, height: null },
  network: {
    state: "ok",
    expected: 3,
    turn: [
      { region: "eu", transport: "udp", ok: true, rtt_ms: 31.4 },
      { region: "eu", transport: "tcp", ok: true, rtt_ms: 60 },
      { region: "us", transport: "udp", ok: false, rtt_ms: null },
    ],
  },
  socket: { state: "ok", rtt_ms: 900 },
};

test("each check says how it went and names what stands in the way", () => {
  assert.equal(checkText("microphone", RESULTS), "We hear you.");
  assert.equal(checkText("camera", RESULTS), "Another application is using the camera.");
  assert.equal(checkText("network", RESULTS), "Fit for a call: eu 31 ms");
});

test("a slow server is a warning, a silent one a fault", () => {
  assert.equal(toneOf("socket", RESULTS), "warning");
  assert.match(checkText("socket", RESULTS), /Slow \(900 ms\)/);
  const silent = { ...RESULTS, socket: { state: "failed", rtt_ms: null } };
  assert.match(checkText("socket", silent), /check your internet/);
});

test("while it runs it counts", () => {
  const running = { ...RESULTS, network: { ...RESULTS.network, state: "running" } };
  assert.match(checkText("network", running), /3\/3/);
});
