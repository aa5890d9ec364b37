/**
 * Which codecs are offered, in which order, and how they are set. Pure but for `preferCodecs`.
 *
 * @typedef {{mimeType: string, clockRate?: number, channels?: number, sdpFmtpLine?: string}} Codec
 */

/**
 * Opus in RED first: a lost packet's audio comes again with the next one (10 % loss: 7.0 → 0.6 % concealed, for 25 kbit/s
 * more). Then Opus alone, VP9 before the other pictures; what serves others (rtx, FEC) keeps its place behind.
 */
const ORDER = {
  audio: ["audio/red", "audio/opus"],
  video: ["video/vp9", "video/vp8", "video/h264", "video/av1"],
};

/** Opus with in-band FEC, silence that costs nothing, one packet every 20 ms. */
const OPUS = { minptime: "10", useinbandfec: "1", usedtx: "1" };
const PTIME_MS = 20;

/**
 * @template {Codec} T
 * @param {'audio' | 'video'} kind
 * @param {T[]} offered
 * @param {{red?: boolean}} [options]  red: false leaves redundancy to later
 * @returns {T[]} the same codecs, best first
 */
export function codecOrder(kind, offered, { red = true } = {}) {
  const place = (/** @type {Codec} */ { mimeType }) => {
    const name = mimeType.toLowerCase();
    if (name === "audio/red" && !red) return ORDER.audio.length;
    const index = ORDER[kind].indexOf(name);
    return index === -1 ? ORDER[kind].length : index;
  };
  return offered
    .map((codec, index) => ({ codec, index, place: place(codec) }))
    .sort((a, b) => a.place - b.place || a.index - b.index)
    .map(({ codec }) => codec);
}

/**
 * For whoever offers. An answer takes over the order of the offer by itself; Firefox, asked for an order while it answers,
 * gives payload types new numbers in its next offer and leaves behind what it said of the old ones.
 *
 * @param {RTCRtpTransceiver} transceiver
 * @param {'audio' | 'video'} kind
 * @param {{red?: boolean}} [options]
 */
export function preferCodecs(transceiver, kind, options) {
  // Old browsers lack one or the other; their own order is fine.
  if (typeof RTCRtpReceiver === "undefined" || !transceiver.setCodecPreferences) return;
  const codecs = RTCRtpReceiver.getCapabilities?.(kind)?.codecs;
  if (!codecs) return;
  try {
    transceiver.setCodecPreferences(codecOrder(kind, codecs, options));
  } catch (error) {
    console.warn("codec preferences:", error);
  }
}

/**
 * Drops what a description says of payload types that its media lines do not have. It means nothing to whoever wrote it,
 * but Chromium refuses the whole; Firefox takes such a text of its own without a word, so a second RTCPeerConnection need
 * not be asked. The browser's own copy stays as it made it: it may refuse any other.
 * @param {string} sdp
 * @returns {string}
 */
export function withoutOrphans(sdp) {
  return sdp
    .split(/(?=^m=)/m)
    .map((section) => {
      const payloads = section.match(/^m=(?:audio|video) \S+ \S+ ([\d ]+)/)?.[1];
      if (!payloads) return section;
      const known = new Set(payloads.trim().split(/ +/));
      return section.replace(/^a=(?:rtpmap|fmtp|rtcp-fb):(\d+) .*(?:\r?\n|$(?![\s\S]))/gm, (line, payload) =>
        known.has(payload) ? line : "",
      );
    })
    .join("");
}

/**
 * What this side wants to receive, written into the description it sends: only there can DTX be asked for, and the
 * packet time.
 * @param {string} sdp
 * @param {{ptime?: number}} [options]  ms
 * @returns {string}
 */
export function tuneOpus(sdp, { ptime = PTIME_MS } = {}) {
  const payload = sdp.match(/^a=rtpmap:(\d+) opus\/48000/im)?.[1];
  if (!payload) return sdp;
  const line = new RegExp(`^a=fmtp:${payload} (.*)$`, "m");
  const given = Object.fromEntries(
    (sdp.match(line)?.[1] ?? "")
      .trim()
      .split(";")
      .filter(Boolean)
      .map((pair) => pair.trim().split("=")),
  );
  const wanted = `a=fmtp:${payload} ${Object.entries({ ...given, ...OPUS })
    .map((pair) => pair.join("="))
    .join(";")}`;
  const tuned = line.test(sdp)
    ? sdp.replace(line, wanted)
    : sdp.replace(/^(a=rtpmap:\d+ opus\/48000.*)$/im, `$1\r\n${wanted}`);
  return withPtime(tuned, ptime);
}

/**
 * How this side codes its own sound, written into the peer's description before it is applied: browsers take the order of
 * codecs, the packet time and DTX from there and nowhere else. `encodings[].codec` would do for RED alone, but Chromium
 * refuses Opus once DTX was negotiated; `adaptivePtime` gives the browser the bit rate too.
 *
 * @typedef {{red: boolean, ptime: number, bare: boolean}} Sound  ptime: ms of sound in a packet; bare: packets without
 *   the numbers and times that estimates of the bandwidth are made of, so that the peer need not report on each of them
 *
 * @param {string} sdp
 * @param {Sound} sound
 * @returns {string}
 */
export function tuneSending(sdp, { red, ptime, bare }) {
  const opus = sdp.match(/^a=rtpmap:(\d+) opus\/48000/im)?.[1];
  if (!opus) return sdp;
  const redundant = sdp.match(/^a=rtpmap:(\d+) red\/48000/im)?.[1];
  const first = redundant && red ? [redundant, opus] : [opus];
  return tuneOpus(bare ? withoutFeedback(sdp) : sdp, { ptime }).replace(
    /^(m=audio \S+ \S+) ([\d ]+)/m,
    (_, head, payloads) => {
      const known = payloads.trim().split(/ +/);
      if (!known.includes(opus)) return `${head} ${payloads}`;
      return [head, ...first, ...known.filter((/** @type {string} */ payload) => !first.includes(payload))].join(" ");
    },
  );
}

/**
 * The peer's description as the answer to an offer that it has never seen: nothing changes for it, but ours can be tuned
 * without a round on a line that has no room for one.
 *
 * @param {string} sdp  of the peer, as it came
 * @param {{role: string, picture: boolean}} options  role: see `roleOf`; picture: false when we send none any more
 * @returns {RTCSessionDescriptionInit}
 */
export function asAnswer(sdp, { role, picture }) {
  const heard = picture ? sdp : sdp.replace(/^m=video[\s\S]*?(?=^m=|$(?![\s\S]))/gm, unheard);
  return { type: "answer", sdp: heard.replace(/^a=setup:\w+/gm, `a=setup:${role}`) };
}

/**
 * @param {RTCSessionDescriptionInit} remote  in force
 * @param {RTCSessionDescriptionInit} local  in force
 * @returns {string} the peer's part in the handshake of the encryption, which stays as it was settled
 */
export function roleOf(remote, local) {
  const setup = (/** @type {RTCSessionDescriptionInit} */ { sdp }) => sdp?.match(/^a=setup:(\w+)/m)?.[1] ?? "active";
  if (remote.type === "answer") return setup(remote);
  return setup(local) === "active" ? "passive" : "active";
}

/** @param {string} section  of a peer that receives nothing */
function unheard(section) {
  return section.replace(/^a=sendrecv/m, "a=sendonly").replace(/^a=recvonly/m, "a=inactive");
}

/** @param {string} sdp @param {number} ptime */
function withPtime(sdp, ptime) {
  return inAudio(sdp, (section) => {
    const bare = section.replace(/^a=ptime:.*\r?\n/gm, "");
    return `${bare.replace(/(\r?\n)?$/, "")}\r\na=ptime:${ptime}\r\n`;
  });
}

/** The line's own budget: what the peer does not take is neither sent nor reported on. @param {string} sdp */
function withoutFeedback(sdp) {
  return inAudio(sdp, (section) =>
    section
      .replace(/^a=rtcp-fb:\S+ transport-cc\r?\n/gm, "")
      .replace(/^a=extmap:.*(transport-wide-cc|abs-send-time|ssrc-audio-level).*\r?\n/gm, ""),
  );
}

/** @param {string} sdp @param {(section: string) => string} change */
function inAudio(sdp, change) {
  return sdp
    .split(/(?=^m=)/m)
    .map((section) => (section.startsWith("m=audio") ? change(section) : section))
    .join("");
}
