import assert from "node:assert/strict";
import { test } from "node:test";
import { partsOf } from "../../static/js/ui/shared/chat/links.js";

const links = (text) => partsOf(text).filter(({ href }) => href !== undefined);
const hrefs = (text) => links(text).map(({ href }) => href);
const shown = (text) => links(text).map(({ text: words }) => words);

test("addresses in a sentence are links, the sentence's own signs are not part of them", () => {
  for (const [text, address] of [
    ["bak: https://kargo.example/takip/104882.", "https://kargo.example/takip/104882"],
    ["(https://a.example/x)", "https://a.example/x"],
    ["https://en.example/wiki/A_(b), evet", "https://en.example/wiki/A_(b)"],
    ["“https://a.example/?q=1&b=2#c”", "https://a.example/?q=1&b=2#c"],
    ["http://a.example:8080/!", "http://a.example:8080/"],
    ["HTTPS://A.example", "HTTPS://A.example"],
    ["<https://a.example/>", "https://a.example/"],
    ["https://a.example/…", "https://a.example/"],
    ["www.a.example/b?", "www.a.example/b"],
    ["yazın: destek@a.example.", "destek@a.example"],
    ["mailto:destek@a.example", "mailto:destek@a.example"],
    ["tel:+902121234567,", "tel:+902121234567"],
    ["https://örnek.example/ç", "https://örnek.example/ç"],
  ]) {
    assert.deepEqual(shown(text), [address], text);
  }
});

test("where a link leads", () => {
  assert.deepEqual(hrefs("www.a.example"), ["https://www.a.example/"]);
  assert.deepEqual(hrefs("destek@a.example"), ["mailto:destek@a.example"]);
  assert.deepEqual(hrefs("tel:+90(212)123-45-67"), ["tel:+902121234567"]);
  // The network's spelling, so that a look at the link shows whose name it is.
  assert.deepEqual(hrefs("https://аррӏе.example/"), ["https://xn--80ak6aa92e.example/"]);
  assert.deepEqual(hrefs("https://a.example/1 https://b.example/2"), ["https://a.example/1", "https://b.example/2"]);
});

test("what is no plain address stays text", () => {
  for (const text of [
    "https://good.example@evil.example/",
    "https://good.example:pass@evil.example",
    "https://good.example\\@evil.example",
    "https://good.example%40@evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)//https:",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x file:///etc/passwd ftp://a.example blob:x",
    "https://",
    "https:///",
    "http://[::",
    "https://%zz/",
    "https:a.example",
    "//a.example",
    "xhttps://a.example",
    "mailto:a@b.example?bcc=c@d.example&body=x",
    "mailto:a@b.example,c@d.example",
    "mailto:a@b",
    "tel:abc tel:+ tel:1;phone-context=x",
    "a@b @b.example a@ a@b..example",
    "https://\u202eelpmaxe.a",
    `https://a.example/${"x".repeat(3000)}`,
  ]) {
    assert.deepEqual(links(text), [], text);
  }
});

test("what turns or hides text ends an address", () => {
  for (const odd of ["\u202e", "\u2066", "\u200f", "\u200b", "\u00ad", "\ufeff", "\u0000", "\u2028", "\u00a0"]) {
    assert.deepEqual(shown(`https://a.example/x${odd}gpj.exe`), ["https://a.example/x"], JSON.stringify(odd));
  }
});

/** A random word generator with a seed: a failure names it. */
function random(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
const PIECES = [
  ..."()[]{}<>\"'`@:/\\?#%&=;,.!_*~ \n\t\u202e\u2066\u2069\u200f\u200b\u0000\ud83d\udc4b",
  ...[
    "http",
    "https",
    "://",
    "//",
    "www.",
    "mailto:",
    "tel:",
    "javascript:",
    "data:",
    "good.example",
    "evil.example",
    "@",
  ],
  ...[
    "user:pass@",
    "xn--80ak6aa4i",
    "аррӏе",
    "ى",
    "%00",
    "%2e",
    "127.0.0.1",
    "[::1]",
    ":80",
    "+90",
    "a",
    "ş",
    "…",
    "‘",
  ],
];

test("whatever is typed: together the parts are the text, and every link is one of four, without a user name", () => {
  for (let seed = 1; seed <= 4000; seed += 1) {
    const pick = random(seed);
    let text = "";
    for (let n = pick(24); n >= 0; n -= 1) text += PIECES[pick(PIECES.length)];
    const parts = partsOf(text);
    assert.equal(parts.map((part) => part.text).join(""), text, `seed ${seed}`);
    for (const { text: words, href } of parts) {
      if (href === undefined) continue;
      const url = new URL(href);
      assert.ok(["http:", "https:", "mailto:", "tel:"].includes(url.protocol), `seed ${seed}: ${href}`);
      assert.deepEqual([url.username, url.password], ["", ""], `seed ${seed}: ${href}`);
      assert.doesNotMatch(words, /[\p{C}\p{Z}<>"'`]/u, `seed ${seed}: ${words}`);
      if (url.protocol === "mailto:") assert.doesNotMatch(href, /[?&,]/, `seed ${seed}: ${href}`);
    }
  }
});

test("the longest line of the worst signs costs no more than any other", () => {
  for (const sign of [")", "(", "@", ".", "https://", "www.", "a@a.", "mailto:", "%", "[", "…"]) {
    const text = `https://a.example/${sign.repeat(4000)}`.slice(0, 4000);
    assert.equal(
      partsOf(text)
        .map((part) => part.text)
        .join(""),
      text,
    );
  }
});
