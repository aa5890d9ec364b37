import assert from "node:assert/strict";
import { test } from "node:test";
import { Wording } from "../../static/js/rtc/negotiation/wording.js";

const SOUND = { red: true, ptime: 20, bare: false };
const sdp = (setup) =>
  `v=0\r\nm=audio 9 X 0\r\na=setup:${setup}\r\nm=video 9 X 96\r\na=setup:${setup}\r\na=rtcp-fb:98 nack\r\n`;
const setups = ({ sdp: text }) => [...new Set(text.match(/(?<=^a=setup:)\w+/gm))].join();

test("who answered first keeps the part that it took, whatever the browser says of a restart", () => {
  const wording = new Wording();
  wording.heard({ type: "offer", sdp: sdp("actpass") }, SOUND, null);
  assert.equal(setups(wording.sent({ type: "answer", sdp: sdp("active") })), "active");
  assert.equal(setups(wording.sent({ type: "answer", sdp: sdp("passive") })), "active");
});

test("who offered first answers a restart with the part that the peer left", () => {
  const wording = new Wording();
  wording.sent({ type: "offer", sdp: sdp("actpass") });
  wording.heard({ type: "answer", sdp: sdp("active") }, SOUND, { type: "offer", sdp: sdp("actpass") });
  assert.equal(setups(wording.sent({ type: "answer", sdp: sdp("active") })), "passive");
  assert.equal(setups(wording.sent({ type: "offer", sdp: sdp("active") })), "actpass");
});

test("the peer's answer fits what the own browser said of its offer", () => {
  const wording = new Wording();
  wording.sent({ type: "offer", sdp: sdp("active") });
  assert.equal(
    setups(wording.heard({ type: "answer", sdp: sdp("active") }, SOUND, { type: "offer", sdp: sdp("active") })),
    "passive",
  );
  assert.equal(
    setups(wording.heard({ type: "answer", sdp: sdp("active") }, SOUND, { type: "offer", sdp: sdp("actpass") })),
    "active",
  );
});

test("orphans are neither sent nor applied", () => {
  const wording = new Wording();
  assert.ok(!wording.sent({ type: "offer", sdp: sdp("actpass") }).sdp.includes(":98 "));
  assert.ok(!wording.heard({ type: "offer", sdp: sdp("actpass") }, SOUND, null).sdp.includes(":98 "));
});

test("texts without a part, or none at all, stay as they are", () => {
  const wording = new Wording();
  for (const text of ["", "v=0\r\n", "\u0000", "a=setup:", "m=audio\r\na=setup:holdconn\r\n"]) {
    for (const type of ["offer", "answer"]) {
      assert.equal(wording.heard({ type, sdp: text }, SOUND, null).sdp, text);
    }
    assert.equal(wording.sent({ type: "answer", sdp: text }).sdp, text);
  }
});
