import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { TelegramWait } from "../../static/js/app/customer/telegram-wait.js";

/** A page that waits, and a server that says what it is told to. */
function page({ states, waits = () => true }) {
  const listeners = [];
  globalThis.document = { visibilityState: "visible", addEventListener: (_type, listener) => listeners.push(listener) };
  globalThis.window = globalThis;
  const looked = [];
  const linked = [];
  const server = {
    start: async () => ({ link: "https://t.me/bot?start=x", code: "data:,", expires_s: 30 }),
    telegram: async () => {
      const state = states.length > 1 ? states.shift() : states[0];
      looked.push(state);
      if (state === "silent") throw new Error();
      return state;
    },
  };
  const shown = () => {
    for (const listener of listeners) listener();
  };
  const wait = new TelegramWait(server, (address) => linked.push(address), waits);
  return { wait, looked, linked, shown };
}

async function pass(ms, step = 1000) {
  for (let at = 0; at < ms; at += step) {
    mock.timers.tick(step);
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  }
}

test("it looks until the bot has heard, whatever fails between", async () => {
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const { wait, looked, linked } = page({ states: ["open", "silent", "linked"] });
  await wait.start("a@b.example");
  await pass(20_000);
  assert.deepEqual(looked, ["open", "silent", "linked"]);
  assert.deepEqual(linked, ["a@b.example"]);
  mock.timers.reset();
});

test("it looks no longer than the link is good, nor once nobody waits or it was told to stop", async () => {
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const old = page({ states: ["open"] });
  await old.wait.start("");
  await pass(120_000);
  assert.equal(old.looked.length, 16);
  let waits = true;
  const gone = page({ states: ["open"], waits: () => waits });
  await gone.wait.start("");
  await pass(5000);
  waits = false;
  await pass(20_000);
  assert.equal(gone.looked.length, 3);
  const stopped = page({ states: ["open"] });
  await stopped.wait.start("");
  stopped.wait.stop();
  stopped.shown();
  await pass(20_000);
  assert.equal(stopped.looked.length, 0);
  mock.timers.reset();
});

test("who comes back from Telegram reads at once what has come of it", async () => {
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const { wait, linked, shown } = page({ states: ["linked"] });
  shown();
  await pass(1000);
  assert.deepEqual(linked, [], "nothing was asked for yet");
  await wait.start("");
  shown();
  await pass(1000);
  assert.deepEqual(linked, [""]);
  mock.timers.reset();
});

test("where the bot does not hear, or nobody answers, it is not offered", async () => {
  assert.equal(await page({ states: ["open"] }).wait.standing(), true);
  assert.equal(await page({ states: ["off"] }).wait.standing(), false);
  assert.equal(await page({ states: ["silent"] }).wait.standing(), false);
});
