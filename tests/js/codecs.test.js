import assert from "node:assert/strict";
import { test } from "node:test";
import { asAnswer, preferred, tuneOpus, tuneSending } from "../../static/js/rtc/codecs.js";

const codecs = (...names) => names.map((mimeType) => ({ mimeType }));
const names = (list) => list.map(({ mimeType }) => mimeType);

test("RED before Opus before the rest; VP9 before the others, their helpers behind", () => {
  assert.deepEqual(names(preferred("audio", codecs("audio/opus", "audio/red", "audio/G722", "audio/PCMU"))), ["audio/red", "audio/opus", "audio/G722", "audio/PCMU"]);
  assert.deepEqual(names(preferred("audio", codecs("audio/red", "audio/opus"), { red: false })), ["audio/opus", "audio/red"]);
  assert.deepEqual(names(preferred("video", codecs("video/VP8", "video/rtx", "video/AV1", "video/VP9", "video/H264"))), ["video/VP9", "video/VP8", "video/H264", "video/AV1", "video/rtx"]);
});

test("what a browser does not offer is not missed", () => {
  assert.deepEqual(names(preferred("audio", codecs("audio/PCMU", "audio/opus"))), ["audio/opus", "audio/PCMU"]);
});

const SDP = [
  "v=0", "m=audio 9 UDP/TLS/RTP/SAVPF 111 63", "a=rtpmap:111 opus/48000/2", "a=fmtp:111 minptime=10;useinbandfec=1",
  "a=rtpmap:63 red/48000/2", "a=fmtp:63 111/111", "m=video 9 UDP/TLS/RTP/SAVPF 98", "a=rtpmap:98 VP9/90000", "",
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
  assert.match(tuneSending(SDP, { red: true, ptime: 20 }), /^m=audio 9 UDP\/TLS\/RTP\/SAVPF 63 111\r$/m);
  const thin = tuneSending(tuneSending(SDP, { red: true, ptime: 20 }), { red: false, ptime: 60 });
  assert.match(thin, /^m=audio 9 UDP\/TLS\/RTP\/SAVPF 111 63\r$/m);
  assert.match(thin, /^a=ptime:60\r$/m);
  assert.match(thin, /^m=video 9 UDP\/TLS\/RTP\/SAVPF 98\r$/m);
  const rejected = SDP.replace("SAVPF 111 63", "SAVPF 0");
  assert.match(tuneSending(rejected, { red: true, ptime: 20 }), /^m=audio 9 UDP\/TLS\/RTP\/SAVPF 0\r$/m);
});

test("the peer's offer is taken as an answer with the roles that were settled", () => {
  const remote = { type: "offer", sdp: "v=0\r\na=setup:actpass\r\nm=audio\r\na=setup:actpass\r\n" };
  const taken = (setup) => asAnswer(remote, { type: "answer", sdp: `a=setup:${setup}\r\n` }, { picture: true });
  assert.deepEqual(taken("active"), { type: "answer", sdp: remote.sdp.replaceAll("actpass", "passive") });
  assert.deepEqual(taken("passive"), { type: "answer", sdp: remote.sdp.replaceAll("actpass", "active") });
  assert.deepEqual(asAnswer({ type: "answer", sdp: remote.sdp }, { type: "offer", sdp: "" }, { picture: true }), { type: "answer", sdp: remote.sdp });
});

test("a picture that we do not send is one that the peer does not receive", () => {
  const sdp = "v=0\r\nm=audio\r\na=sendrecv\r\nm=video\r\na=mid:1\r\na=sendrecv\r\n";
  const { sdp: taken } = asAnswer({ type: "answer", sdp }, { type: "offer", sdp: "" }, { picture: false });
  assert.equal(taken, "v=0\r\nm=audio\r\na=sendrecv\r\nm=video\r\na=mid:1\r\na=sendonly\r\n");
});
