import assert from "node:assert/strict";
import { test } from "node:test";
import { Rating } from "../../static/js/app/customer/rating.js";
import { memoryStore } from "../../static/js/core/storage.js";
import { ChatRefused } from "../../static/js/net/kept-chat.js";

const OPEN = { open: true, recorded: true, score: null, comment: "" };
const EARLY = { ...OPEN, recorded: false };
const silent = () => new ChatRefused("", "", false);

/** A page's rating, a server that gives these answers one after the other (the last one for ever), and what was asked. */
function page({ answers = [OPEN], storage = memoryStore(), token = "t1" } = {}) {
  const here = { token, asked: [], phases: [], waits: 0 };
  const answer = async (...question) => {
    here.asked.push(question);
    const next = answers.length > 1 ? answers.shift() : answers[0];
    if (next instanceof Error) throw next;
    return typeof next === "function" ? next() : next;
  };
  const ratings = { rating: (of) => answer("get", of), rate: (...given) => answer("rate", ...given) };
  const wait = async () => {
    here.waits += 1;
    assert.ok(here.waits < 50, "it never ends");
  };
  const rating = new Rating(storage, ratings, () => here.token, wait);
  rating.watch((state) => here.phases.push(state.phase));
  return Object.assign(here, { rating, storage });
}
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

test("it asks once for each conversation, and shows what was given before", async () => {
  const { rating, asked, phases } = page({ answers: [{ ...OPEN, score: 4, comment: "iyi" }] });
  rating.begin();
  rating.begin();
  await settled();
  assert.deepEqual(asked, [["get", "t1"]]);
  assert.deepEqual(phases, ["none", "none", "kept"]);
  assert.deepEqual(rating.state, { phase: "kept", score: 4, comment: "iyi", message: "" });
});

test("nothing is asked where nothing is kept, open, or known any more", async () => {
  const none = page({ token: null });
  none.rating.begin();
  const closed = page({ answers: [{ ...OPEN, open: false }] });
  closed.rating.begin();
  const gone = page({ answers: [new ChatRefused("token_expired", "gone", true)] });
  gone.rating.begin();
  await settled();
  assert.equal(none.asked.length, 0);
  for (const one of [none, closed, gone]) assert.equal(one.rating.state.phase, "none");
});

test("before the history knows of it, it can be chosen, and is sent until it is kept", async () => {
  const { rating, phases, asked, storage } = page({ answers: [silent(), EARLY, EARLY, silent(), EARLY, OPEN] });
  rating.begin();
  await settled();
  assert.equal(rating.state.phase, "asked");
  await rating.send(5, " tamam \ud83d");
  assert.deepEqual(phases.slice(2), ["asked", "sending", "waiting", "waiting", "waiting", "kept"]);
  assert.equal(asked.filter(([kind]) => kind === "rate").length, 4);
  assert.deepEqual(asked.at(-1), ["rate", "t1", 5, "tamam"]);
  assert.equal(storage.get("rating"), null);
});

test("what was sent and not kept is sent by the page that comes after a reload", async () => {
  const storage = memoryStore();
  const never = page({ storage, answers: [EARLY, () => new Promise(() => {})] });
  never.rating.begin();
  await settled();
  void never.rating.send(2, "yavaş");
  await settled();
  const next = page({ storage, answers: [OPEN] });
  next.rating.begin();
  await settled();
  assert.deepEqual(next.asked, [["rate", "t1", 2, "yavaş"]]);
  assert.equal(next.rating.state.phase, "kept");
});

test("what was only written is there after a reload, and not sent", async () => {
  const storage = memoryStore();
  const first = page({ storage });
  first.rating.begin();
  await settled();
  first.rating.write(3, "daha bitme");
  const next = page({ storage });
  next.rating.begin();
  await settled();
  assert.deepEqual(next.asked, [["get", "t1"]]);
  assert.deepEqual(next.rating.state, { phase: "asked", score: 3, comment: "daha bitme", message: "" });
});

test("another conversation gets nothing of it", async () => {
  const storage = memoryStore();
  const first = page({ storage });
  first.rating.begin();
  await settled();
  first.rating.write(1, "yalnız birincisi");
  first.token = "t2";
  first.rating.begin();
  await settled();
  assert.deepEqual(first.rating.state, { phase: "asked", score: null, comment: "", message: "" });
  assert.equal(storage.get("rating"), null);
});

test("whoever writes on while it is sent sends it again", async () => {
  let answerNow = () => {};
  const late = new Promise((resolve) => {
    answerNow = () => resolve(OPEN);
  });
  const { rating } = page({ answers: [OPEN, () => late] });
  rating.begin();
  await settled();
  const sent = rating.send(4, "bir");
  rating.write(4, "bir, iki");
  answerNow();
  await sent;
  assert.deepEqual(rating.state, { phase: "asked", score: 4, comment: "bir, iki", message: "" });
});

test("a new conversation ends the tries of the old one", async () => {
  const here = page({ answers: [OPEN, silent()] });
  here.rating.begin();
  await settled();
  const sent = here.rating.send(4, "");
  here.token = null;
  await sent;
  assert.equal(here.asked.length, 2);
});

test("what is refused stays in the form, with the reason", async () => {
  for (const [code, phase] of [
    ["schema", "refused"],
    ["rating_closed", "closed"],
  ]) {
    const { rating } = page({ answers: [OPEN, new ChatRefused(code, "in words", false)] });
    rating.begin();
    await settled();
    await rating.send(5, "uzun");
    assert.deepEqual(rating.state, { phase, score: 5, comment: "uzun", message: "in words" });
  }
});

test("who asked too often waits longer before the next try", async () => {
  const waited = [];
  const answers = [new ChatRefused("rate_limited", "", false), OPEN];
  const ratings = {
    rating: async () => OPEN,
    rate: async () => {
      const next = answers.shift();
      if (next instanceof Error) throw next;
      return next;
    },
  };
  const rating = new Rating(
    memoryStore(),
    ratings,
    () => "t",
    async (ms) => void waited.push(ms),
  );
  rating.begin();
  await settled();
  await rating.send(5, "");
  assert.equal(rating.state.phase, "kept");
  assert.ok(waited[0] > 10_000, String(waited));
});

test("what others wrote into the storage is nothing", async () => {
  for (const junk of [
    "",
    "null",
    "[]",
    "{",
    '{"of":"t1","score":9,"comment":"","sent":true}',
    '{"of":"t1","score":5}',
  ]) {
    const storage = memoryStore();
    storage.set("rating", junk);
    const { rating, asked } = page({ storage });
    rating.begin();
    await settled();
    assert.deepEqual(asked, [["get", "t1"]], junk);
    assert.equal(rating.state.score, null, junk);
  }
});
