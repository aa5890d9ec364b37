import assert from "node:assert/strict";
import { test } from "node:test";
import { Outgoing } from "../../static/js/rtc/negotiation/outgoing.js";
import { applySendLimits } from "../../static/js/rtc/negotiation/send-limits.js";
import { Serial } from "../../static/js/rtc/negotiation/serial.js";

const sdp = (direction) =>
  `v=0\r\nm=audio 9 x 63 111\r\na=mid:0\r\na=sendrecv\r\na=setup:active\r\nm=video 9 x 98\r\na=mid:1\r\na=${direction}\r\n`;

/** As far as a browser's connection is looked at here. `did`: what was asked of it. */
class Browser {
  did = [];
  signalingState = "stable";
  currentRemoteDescription = { type: "offer", sdp: sdp("sendrecv") };
  currentLocalDescription = { type: "answer", sdp: sdp("sendrecv") };
  #transceivers = ["audio", "video"].map((kind, mid) => ({
    mid: String(mid),
    direction: "sendrecv",
    receiver: { track: { kind } },
    sender: { track: null, replaceTrack: async () => {} },
  }));

  getTransceivers() {
    return this.#transceivers;
  }

  async setLocalDescription(description) {
    this.did.push(description?.type ?? `offer ${this.#transceivers[1].direction}`);
  }
}

function parts() {
  const browser = new Browser();
  const outgoing = new Outgoing(["audio", "video"]);
  const applied = [];
  return {
    browser,
    outgoing,
    applied,
    fit: (apply = async (answer) => void applied.push(answer)) =>
      applySendLimits(browser, new Serial(() => {}), outgoing, sdp("sendrecv"), apply),
  };
}

test("a picture goes without a word to the peer: its description is taken again as one that receives none", async () => {
  const { browser, outgoing, applied, fit } = parts();
  outgoing.picture = false;
  await fit();
  assert.deepEqual(browser.did, ["offer recvonly"]);
  assert.equal(applied[0].type, "answer");
  assert.match(applied[0].sdp, /m=video[\s\S]*a=sendonly/);
  assert.match(applied[0].sdp, /m=audio[\s\S]*a=sendrecv[\s\S]*a=setup:passive/);
});

test("it comes back by a negotiation, as any direction that the peer has to know", async () => {
  const { browser, outgoing, applied, fit } = parts();
  browser.getTransceivers()[1].direction = "recvonly";
  browser.currentLocalDescription.sdp = sdp("recvonly");
  outgoing.picture = true;
  await fit();
  assert.match(applied[0].sdp, /m=video[\s\S]*a=sendonly/, "not before that");
  assert.equal(browser.getTransceivers()[1].direction, "sendrecv");
});

test("nothing is done behind the back of a negotiation that is due or under way", async () => {
  for (const change of [
    (browser) => (browser.signalingState = "have-local-offer"),
    (browser) => (browser.getTransceivers()[0].direction = "recvonly"),
  ]) {
    const { browser, applied, fit } = parts();
    change(browser);
    await fit();
    assert.deepEqual([browser.did, applied], [[], []]);
  }
});

test("a browser that does not take it is put back", async () => {
  const { browser, fit } = parts();
  const { warn } = console;
  console.warn = () => {};
  await fit(async () => {
    throw new Error("InvalidAccessError");
  });
  console.warn = warn;
  assert.deepEqual(browser.did, ["offer sendrecv", "rollback"]);
});

test("what was left out of the description in force comes again from the one that the peer sent", async () => {
  const { browser, applied, fit } = parts();
  browser.currentRemoteDescription = {
    type: "answer",
    sdp: sdp("sendrecv").replace("111", "").replaceAll("active", "passive"),
  };
  browser.currentLocalDescription.type = "offer";
  await fit();
  assert.match(applied[0].sdp, /m=audio 9 x 63 111/);
  assert.match(applied[0].sdp, /a=setup:passive/);
});
