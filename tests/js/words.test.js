import assert from "node:assert/strict";
import { test } from "node:test";
import { t } from "../../static/js/core/i18n.js";
import { acquire } from "../../static/js/rtc/devices/media.js";
import { cameraWords } from "../../static/js/ui/console/call/controls-view.js";
import { NOTE_MOST } from "../../static/js/ui/console/dossier/dossier-model.js";
import { roomText } from "../../static/js/ui/console/dossier/notes-view.js";
import { enderText } from "../../static/js/ui/console/stage-view.js";
import { bannerKey } from "../../static/js/ui/customer/banner.js";
import { cameraWords as ownCamera, stageNote } from "../../static/js/ui/customer/call/call-view.js";
import { endKind, isCut } from "../../static/js/ui/customer/end/ended-view.js";
import { initialState } from "../../static/js/ui/customer/state.js";
import { estimateText } from "../../static/js/ui/customer/words.js";
import { all, speak } from "./texts.js";

/** As in queueing/live/reasons.py. */
const REASONS = [
  "left",
  "hangup",
  "customer",
  "operator",
  "connection",
  "abandoned",
  "customer-lost",
  "operator-lost",
  "max-wait",
  "removed",
  "blocked",
  "erased",
  "repaired",
  "other",
];

/**
 * Every state has a word in every language, and no two share one.
 * @param {string} what @param {Record<string, () => string>} states
 */
function assertOwnWords(what, states) {
  for (const language of Object.keys(all)) {
    speak(language);
    const words = Object.entries(states).map(([state, word]) => [state, word()]);
    for (const [state, word] of words)
      assert.ok(word && !/^(customer|console|common)\./.test(word), `${what} ${state}: ${word}`);
    const seen = new Map();
    for (const [state, word] of words) {
      assert.ok(!seen.has(word), `${what}: ${state} borrows the word of ${seen.get(word)}: ${word}`);
      seen.set(word, state);
    }
  }
}

/** @param {Record<string, () => string>} states @param {string[]} names @param {(name: string) => string} word */
const each = (states, names, word) =>
  Object.assign(states, Object.fromEntries(names.map((name) => [name, () => word(name)])));

test("the customer's stage says what it is waiting for, and calls no camera off that may yet come", () => {
  const state = initialState();
  const note = (/** @type {any} */ call, media = "video", presence = "connected") =>
    stageNote(/** @type {any} */ ({ media, peer: { name: "Elif", presence }, call: { ...state.call, ...call } }));
  assertOwnWords("stage", {
    connecting: () => note({ state: "connecting" }),
    reconnecting: () => note({ state: "reconnecting" }),
    failed: () => note({ state: "failed" }),
    "picture due": () => note({ state: "connected" }),
    "camera off": () => note({ state: "connected", settled: true }),
    audio: () => note({ state: "connected" }, "audio"),
    left: () => note({ state: "connected" }, "video", "left"),
  });
});

test("a camera that is being opened is neither on nor off", () => {
  const states = [
    { opening: true, cameraOff: true },
    { opening: false, cameraOff: true },
    { opening: false, cameraOff: false },
  ];
  assertOwnWords("own camera", Object.fromEntries(states.map((state, n) => [String(n), () => ownCamera(state)])));
  assertOwnWords("console camera", Object.fromEntries(states.map((state, n) => [String(n), () => cameraWords(state)])));
});

test("nobody on shift is not the same as not enough data", () => {
  assertOwnWords("estimate", {
    nobody: () => estimateText(null, false),
    unknown: () => estimateText(null, true),
    short: () => estimateText({ low_s: 10, high_s: 50 }),
    range: () => estimateText({ low_s: 120, high_s: 400 }),
    long: () => estimateText({ low_s: 9000, high_s: 9900 }),
  });
});

test("every end has its own words for the customer", () => {
  const title = (/** @type {string} */ reason, /** @type {boolean} */ talked, by = "") =>
    t(`customer.ended.${endKind(reason, talked, by)}`);
  const served = [
    "customer",
    "operator",
    "connection",
    "customer-lost",
    "operator-lost",
    "removed",
    "blocked",
    "erased",
    "repaired",
    "other",
  ];
  assertOwnWords(
    "end of a call",
    each({}, served, (reason) => title(reason, true)),
  );
  assertOwnWords(
    "end of a wait",
    each({}, ["left", "abandoned", "max-wait", "removed", "blocked", "erased", "repaired", "other"], (reason) =>
      title(reason, false),
    ),
  );
  assert.equal(endKind("hangup", true, "operator"), endKind("operator", true));
  assert.equal(endKind("hangup", true, "customer"), endKind("customer", true));
  for (const reason of REASONS)
    assert.equal(isCut(reason), ["connection", "customer-lost", "operator-lost"].includes(reason));
});

test("every end has its own words for the operator", () => {
  const told = REASONS.filter((reason) => !["left", "hangup", "max-wait", "other"].includes(reason));
  assertOwnWords("end in the console", {
    ...each({}, told, (reason) => enderText({ reason, by: "" })),
    server: () => enderText({ reason: "other", by: "system" }),
  });
  for (const by of ["customer", "operator"])
    for (const reason of ["hangup", "left", "other", by])
      assert.equal(enderText({ reason, by }), enderText({ reason: by, by: "" }));
});

test("every connection of the console has its own word, hint and page", () => {
  const connections = ["connecting", "reconnecting", "store-out", "replaced", "expired", "refused"];
  const situations = ["available", "break", "active", "wrap-up"];
  for (const part of ["state", "hint"])
    assertOwnWords(
      part,
      each({}, [...connections, ...situations], (word) => t(`console.${part}.${word}`)),
    );
  for (const part of ["", "-text"])
    assertOwnWords(
      "idle",
      each({}, [...connections, "available", "break"], (word) => t(`console.idle.${word}${part}`)),
    );
  speak("tr");
  assert.match(t("console.hint.replaced"), /öteki konsol.*buradan/, "not that the state returns with the connection");
});

test("a chat whose socket is gone does not read that its call goes on", () => {
  assert.equal(bannerKey("reconnecting", "call", "chat"), "customer.link.reconnecting");
  assert.equal(bannerKey("reconnecting", "call", "audio"), "customer.link.call");
});

test("one character is one", () => {
  for (const [left, said] of /** @type {const} */ ([
    [1, "1 character left"],
    [0, "0 characters left"],
    [-1, "1 character too many"],
  ])) {
    speak("en");
    assert.equal(roomText("x".repeat(NOTE_MOST - left)), said);
  }
  speak("tr");
});

test("every state of the link and of a call has its own word", () => {
  const keys = new Set([
    bannerKey("offline", "call"),
    bannerKey("unavailable", "call"),
    bannerKey("reconnecting", "call"),
    bannerKey("reconnecting", "waiting"),
  ]);
  assertOwnWords(
    "link",
    each({}, [...keys].map(String), (key) => t(key)),
  );
  assertOwnWords(
    "call",
    each({}, ["none", "connecting", "connected", "reconnecting", "failed"], (state) => t(`console.call.${state}`)),
  );
  for (const page of ["customer", "console"])
    assertOwnWords(
      "media",
      each({}, ["video", "audio", "chat"], (media) => t(`${page}.media.${media}`)),
    );
  assertOwnWords(
    "presence",
    each({}, ["connected", "away", "left"], (word) => t(`console.presence.${word}`)),
  );
  assertOwnWords(
    "refusal",
    each({}, ["full", "maintenance", "closed", "disabled", "blocked", "error"], (code) =>
      t(`customer.refused.${code}`),
    ),
  );
  assertOwnWords(
    "line",
    each({}, ["sending", "sent", "seen", "failed"], (word) => t(`common.chat.${word}`)),
  );
  for (const device of ["camera", "microphone"]) {
    assertOwnWords(
      device,
      each({}, ["denied", "missing", "none", "busy", "insecure"], (code) => t(`customer.device.${device}.${code}`)),
    );
  }
  assertOwnWords(
    "desk",
    each({}, ["denied", "missing", "none", "busy", "insecure", "camera"], (code) => t(`console.banner.media-${code}`)),
  );
});

/** @param {string[]} kinds of the devices there are */
function machine(kinds) {
  const asked = /** @type {any[]} */ ([]);
  return {
    asked,
    enumerateDevices: async () => /** @type {any} */ (kinds.map((kind) => ({ kind, label: "" }))),
    getUserMedia: async (/** @type {any} */ wish) => {
      asked.push(Object.keys(wish).sort().join());
      return /** @type {any} */ ({ getTracks: () => [] });
    },
  };
}

test("who has no device is not asked for leave to use it", async () => {
  const bare = machine(["audiooutput"]);
  assert.deepEqual(await acquire("video", bare), {
    stream: null,
    media: "chat",
    problem: { device: "microphone", code: "none" },
  });
  assert.deepEqual((await acquire("audio", bare)).problem, { device: "microphone", code: "none" });
  assert.deepEqual(bare.asked, []);
  const deaf = machine(["videoinput"]);
  assert.deepEqual((await acquire("video", deaf)).problem, { device: "microphone", code: "missing" });
  assert.deepEqual(deaf.asked, []);
  const blind = machine(["audioinput"]);
  const got = await acquire("video", blind);
  assert.deepEqual([got.media, got.problem], ["audio", { device: "camera", code: "missing" }]);
  assert.deepEqual(blind.asked, ["audio"]);
  const whole = machine(["audioinput", "videoinput"]);
  assert.equal((await acquire("video", whole)).media, "video");
  assert.deepEqual(whole.asked, ["audio,video"]);
});
