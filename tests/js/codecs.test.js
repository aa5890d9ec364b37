import assert from "node:assert/strict";
import { test } from "node:test";
import { asAnswer, codecOrder, roleOf, tuneOpus, tuneSending, withoutOrphans } from "../../static/js/rtc/codecs.js";

const codecs = (...types) => types.map((mimeType) => ({ mimeType }));
const names = (list) => list.map(({ mimeType }) => mimeType);

test("RED before Opus before the rest; VP9 before the others, their helpers behind", () => {
  assert.deepEqual(names(codecOrder("audio", codecs("audio/opus", "audio/red", "audio/G722", "audio/PCMU"))), [
    "audio/red",
    "audio/opus",
    "audio/G722",
    "audio/PCMU",
  ]);
  assert.deepEqual(names(codecOrder("audio", codecs("audio/red", "audio/opus"), { red: false })), [
    "audio/opus",
    "audio/red",
  ]);
  assert.deepEqual(
    names(codecOrder("video", codecs("video/VP8", "video/rtx", "video/AV1", "video/VP9", "video/H264"))),
    ["video/VP9", "video/VP8", "video/H264", "video/AV1", "video/rtx"],
  );
});

test("what a browser does not offer is not missed", () => {
  assert.deepEqual(names(codecOrder("audio", codecs("audio/PCMU", "audio/opus"))), ["audio/opus", "audio/PCMU"]);
});

const SDP = [
  "v=0",
  "m=audio 9 UDP/TLS/RTP/SAVPF 111 63",
  "a=rtpmap:111 opus/48000/2",
  "a=fmtp:111 minptime=10;useinbandfec=1",
  "a=rtpmap:63 red/48000/2",
  "a=fmtp:63 111/111",
  "m=video 9 UDP/TLS/RTP/SAVPF 98",
  "a=rtpmap:98 VP9/90000",
  "",
].join("\r\n");

test("Opus is asked for with FEC, DTX and 20 ms, once", () => {
  const tuned = tuneOpus(tuneOpus(SDP));
  assert.match(tuned, /^a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1\r$/m);
  assert.match(tuned, /^a=fmtp:63 111\/111\r$/m);
  assert.equal(tuned.match(/a=ptime:20\r\n/g)?.length, 1);
  assert.ok(tuned.indexOf("a=ptime") < tuned.indexOf("m=video"));
  assert.match(tuneOpus(tuned, { ptime: 60 }), /a=ptime:60\r\n/);
});

test("a description without Opus stays as it is", () => {
  assert.equal(tuneOpus("v=0\r\nm=video 9\r\n"), "v=0\r\nm=video 9\r\n");
});

test("own sound is tuned in the peer's description: redundancy by the order of codecs, and the packet time", () => {
  assert.match(tuneSending(SDP, { red: true, ptime: 20, bare: false }), /^m=audio 9 UDP\/TLS\/RTP\/SAVPF 63 111\r$/m);
  const thin = tuneSending(tuneSending(SDP, { red: true, ptime: 20, bare: false }), {
    red: false,
    ptime: 60,
    bare: false,
  });
  assert.match(thin, /^m=audio 9 UDP\/TLS\/RTP\/SAVPF 111 63\r$/m);
  assert.match(thin, /^a=ptime:60\r$/m);
  assert.match(thin, /^m=video 9 UDP\/TLS\/RTP\/SAVPF 98\r$/m);
  const rejected = SDP.replace("SAVPF 111 63", "SAVPF 0");
  assert.match(tuneSending(rejected, { red: true, ptime: 20, bare: false }), /^m=audio 9 UDP\/TLS\/RTP\/SAVPF 0\r$/m);
});

test("bare sound has no numbers that the peer would report on; the picture keeps its own", () => {
  const feedback = (id) =>
    `a=rtcp-fb:${id} transport-cc\r\na=extmap:3 http://example.org/transport-wide-cc-extensions-01\r\n`;
  const mid = "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n";
  const sdp = SDP.replace("m=video", `${feedback(111)}${mid}m=video`) + feedback(98);
  const bare = tuneSending(sdp, { red: false, ptime: 60, bare: true });
  const [, sound, picture] = bare.split("m=");
  assert.doesNotMatch(sound, /transport/);
  assert.ok(sound.includes(mid));
  assert.ok(picture.includes(feedback(98)));
  assert.ok(tuneSending(sdp, { red: true, ptime: 20, bare: false }).includes(feedback(111)));
});

test("the peer's description is taken as an answer with the roles that were settled", () => {
  const sdp = "v=0\r\na=setup:actpass\r\nm=audio\r\na=setup:actpass\r\n";
  const answer = (setup) => ({ type: "answer", sdp: `a=setup:${setup}\r\n` });
  const offer = { type: "offer", sdp: "a=setup:actpass\r\n" };
  assert.equal(roleOf(offer, answer("active")), "passive");
  assert.equal(roleOf(offer, answer("passive")), "active");
  // Taken once already, the roles stand in what was taken: our own description is an offer now.
  assert.equal(roleOf(answer("passive"), offer), "passive");
  assert.deepEqual(asAnswer(sdp, { role: "passive", picture: true }), {
    type: "answer",
    sdp: sdp.replaceAll("actpass", "passive"),
  });
});

test("a picture that we do not send is one that the peer does not receive", () => {
  const sdp = "v=0\r\nm=audio\r\na=sendrecv\r\nm=video\r\na=mid:1\r\na=sendrecv\r\n";
  const { sdp: taken } = asAnswer(sdp, { role: "active", picture: false });
  assert.equal(taken, "v=0\r\nm=audio\r\na=sendrecv\r\nm=video\r\na=mid:1\r\na=sendonly\r\n");
});

/** The picture's part of an offer that Firefox 153 makes after it answered Chromium with an order of its own. */
const RENUMBERED = [
  "v=0",
  "m=video 9 UDP/TLS/RTP/SAVPF 121 125 120 124",
  "a=fmtp:121 max-fs=12288;max-fr=60",
  "a=fmtp:125 apt=121",
  "a=rtcp-fb:98 nack",
  "a=rtcp-fb:98 transport-cc",
  "a=rtcp-fb:120 nack",
  "a=rtcp-fb:* ccm fir",
  "a=rtcp-fb:121 nack pli",
  "a=rtpmap:121 VP9/90000",
  "a=rtpmap:125 rtx/90000",
  "a=rtpmap:98 VP9/90000",
  "a=fmtp:98 profile-id=0",
  "a=mid:1",
  "",
].join("\r\n");

test("what is said of payload types that a media line does not have is left out, and nothing else", () => {
  const kept = withoutOrphans(RENUMBERED);
  assert.equal(
    kept,
    RENUMBERED.split("\r\n")
      .filter((line) => !line.includes(":98 "))
      .join("\r\n"),
  );
  assert.equal(withoutOrphans(kept), kept);
});

test("a payload type of one media line does not speak for another, and the last line needs no end", () => {
  const sdp =
    "v=0\r\nm=audio 9 X 111\r\na=rtpmap:111 opus/48000/2\r\nm=video 9 X 96\r\na=rtpmap:96 VP8/90000\r\na=fmtp:111 a=b";
  assert.equal(withoutOrphans(sdp), sdp.slice(0, sdp.indexOf("a=fmtp:111")));
});

test("whatever the text, no orphan stays and no other line goes", () => {
  let state = 1;
  const random = (/** @type {number} */ below) => {
    state = (state * 48271) % 2147483647;
    return state % below;
  };
  const lines = [
    "a=rtpmap:96 VP8/90000",
    "a=rtcp-fb:97 nack",
    "a=fmtp:96 apt=97",
    "a=rtcp-fb:* nack",
    "m=video 9 X 96",
    "m=audio 0 X 97 96",
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    "a=fmtp:",
    "a=rtpmap:97",
    "m=video",
    "",
    "a=fmtp:999999999999999999999 x",
    "\u0000",
    "a=fmtp:96",
  ];
  for (let round = 0; round < 2000; round += 1) {
    const given = Array.from({ length: random(12) }, () => lines[random(lines.length)]);
    const kept = withoutOrphans(given.join("\r\n")).split("\r\n");
    let known = null;
    const wanted = given.filter((line) => {
      if (line.startsWith("m=")) known = line.match(/^m=(?:audio|video) \S+ \S+ ([\d ]+)/)?.[1].split(" ") ?? null;
      const payload = line.match(/^a=(?:rtpmap|fmtp|rtcp-fb):(\d+) /)?.[1];
      return !payload || !known || known.includes(payload);
    });
    const text = (/** @type {string[]} */ of) => of.filter(Boolean).join("\n");
    assert.equal(text(kept), text(wanted), JSON.stringify(given));
  }
});
