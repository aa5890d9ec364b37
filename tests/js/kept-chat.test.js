import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { ChatArchive, ChatRefused } from "../../static/js/net/kept-chat.js";

/** A server that answers so, and what it was asked. */
function archive(answer) {
  const asked = [];
  const fetcher = async (url, options) => {
    asked.push([url, options]);
    return typeof answer === "function" ? answer(options) : answer;
  };
  return { asked, archive: new ChatArchive("/chat/", fetcher) };
}
const refused = (status, code) => Response.json({ error: { code, message: "in words" } }, { status });

test("the token stands in a header and never in an address", async () => {
  const { asked, archive: chats } = archive(() => Response.json({ state: "sent", transcript: [] }));
  await chats.read("secret");
  await chats.text("secret", "tr");
  await chats.mail("secret", "a@b.example", "pt-br");
  assert.equal(await chats.mailState("secret"), "sent");
  assert.deepEqual(
    asked.map(([url, { method = "GET", body }]) => [method, url, body]),
    [
      ["GET", "/chat/", undefined],
      ["GET", "/chat/transcript.txt?locale=tr", undefined],
      ["POST", "/chat/mail/?locale=pt-br", '{"address":"a@b.example"}'],
      ["GET", "/chat/mail/", undefined],
    ],
  );
  for (const [, { headers, cache }] of asked)
    assert.deepEqual([headers.Authorization, cache], ["Bearer secret", "no-store"]);
});

test("a refusal says why, and whether it is final", async () => {
  for (const [status, code, gone] of [
    [401, "token_invalid", true],
    [410, "token_expired", true],
    [409, "not_over", false],
    [429, "rate_limited", false],
    [503, "store_unavailable", false],
  ]) {
    const { archive: chats } = archive(refused(status, code));
    await assert.rejects(chats.read("t"), new ChatRefused(code, "in words", gone));
  }
});

test("what is no answer of ours says nothing, and is not final", async () => {
  const silent = new ChatRefused("", "", false);
  for (const answer of [
    () => Promise.reject(new TypeError("network")),
    new Response("<html>bad gateway", { status: 502 }),
    new Response("{}", { status: 502 }),
    new Response("not json"),
  ]) {
    await assert.rejects(archive(answer).archive.read("t"), silent);
  }
});

test("who does not answer is not waited for for ever", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { archive: chats } = archive(
    ({ signal }) => new Promise((_, fail) => signal.addEventListener("abort", () => fail(signal.reason))),
  );
  const asked = chats.read("t");
  mock.timers.tick(8000);
  await assert.rejects(asked, new ChatRefused("", "", false));
  mock.timers.reset();
});
