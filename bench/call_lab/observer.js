// Runs in the page before its own scripts. Looks at the browser's own statistics and at what passes the sockets; the
// product's code is neither called nor changed. `window.lab` is the lab's handle.
(() => {
  const EVERY_MS = window.labEveryMs ?? 100;
  const LATE_MS = 1000;
  const KEPT = "lab.kept";
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null") ?? {
    samples: [],
    events: [],
    said: [],
    base: null,
    talk: null,
  };
  const ZERO = { ap: 0, ab: 0, as: 0, ac: 0, asil: 0, vp: 0, vf: 0 };
  const { samples, events, said } = kept;
  let base = { ...ZERO, ...kept.base };
  /** @type {{peer: RTCPeerConnection, totals: Record<string, number>, last: number}[]} */
  const peers = [];
  const note = (what, detail) => events.push({ t: Date.now(), what, ...detail });

  // ---- connections ---------------------------------------------------------------------------------------------
  const NativePeer = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends NativePeer {
    constructor(...args) {
      super(...args);
      peers.push({ peer: this, totals: { ...ZERO }, last: 0 });
      note("peer");
      this.addEventListener("connectionstatechange", () => note("connection", { state: this.connectionState }));
      this.addEventListener("iceconnectionstatechange", () => note("ice", { state: this.iceConnectionState }));
      this.addEventListener("track", ({ track }) => {
        // Fires with the first packet that arrives.
        track.addEventListener("unmute", () => note("unmute", { kind: track.kind }));
      });
    }
  };

  const pairOf = (report) => {
    for (const stat of report.values()) {
      if (stat.type === "transport" && stat.selectedCandidatePairId) return report.get(stat.selectedCandidatePairId);
    }
    return undefined;
  };
  const side = (candidate) =>
    candidate
      ? [candidate.candidateType, candidate.address, candidate.relayProtocol ?? candidate.protocol].join(" ")
      : "?";

  const read = (entry, report, sample) => {
    const totals = { ...ZERO };
    for (const stat of report.values()) {
      if (stat.type === "inbound-rtp" && stat.kind === "audio") {
        totals.ap += stat.packetsReceived ?? 0;
        totals.ab += stat.bytesReceived ?? 0;
        totals.as += stat.totalSamplesReceived ?? 0;
        totals.ac += stat.concealedSamples ?? 0;
        totals.asil += stat.silentConcealedSamples ?? 0;
        entry.last = Math.max(entry.last, stat.lastPacketReceivedTimestamp ?? 0);
      }
      if (stat.type === "inbound-rtp" && stat.kind === "video") {
        totals.vp += stat.packetsReceived ?? 0;
        totals.vf += stat.framesDecoded ?? 0;
        sample.height = stat.frameHeight ?? 0;
      }
      if (stat.type === "outbound-rtp" && stat.kind === "video")
        sample.sends = stat.active === false ? 0 : (stat.frameHeight ?? 0);
    }
    for (const name of Object.keys(totals)) entry.totals[name] = Math.max(entry.totals[name], totals[name]);
    const pair = pairOf(report);
    if (pair) {
      sample.pair = `${side(report.get(pair.localCandidateId))} / ${side(report.get(pair.remoteCandidateId))}`;
      sample.rtt = pair.currentRoundTripTime;
      sample.sent = pair.bytesSent;
    }
    sample.state = entry.peer.connectionState;
  };

  let sampling = false;
  const sampleOnce = async () => {
    if (sampling || peers.length === 0) return;
    sampling = true;
    const sample = { t: 0, last: 0 };
    for (const entry of peers) {
      if (entry.peer.connectionState === "closed") continue;
      try {
        // Of one that is closed meanwhile no answer may ever come.
        const late = new Promise((_, reject) => setTimeout(reject, LATE_MS));
        read(entry, await Promise.race([entry.peer.getStats(), late]), sample);
      } catch {
        // closed meanwhile
      }
    }
    sample.t = Date.now();
    for (const name of Object.keys(ZERO))
      sample[name] = peers.reduce((sum, { totals }) => sum + totals[name], base[name]);
    sample.last = Math.max(0, ...peers.map(({ last }) => last));
    samples.push(sample);
    sampling = false;
  };
  setInterval(() => void sampleOnce(), EVERY_MS);

  // ---- sockets -------------------------------------------------------------------------------------------------
  const TYPES = /"type":\s*"([a-z:-]+)"/;
  const NOTED = new Set(
    "queue:ready call:ended resync welcome rtc:description call:state call:control peer:presence error".split(" "),
  );
  const NativeSocket = window.WebSocket;
  window.WebSocket = class extends NativeSocket {
    constructor(...args) {
      super(...args);
      this.addEventListener("open", () => note("socket-open"));
      this.addEventListener("close", ({ code }) => note("socket-close", { code }));
      this.addEventListener("message", ({ data }) => this.#look("in", data));
    }

    #rung = 0;

    /** The page tells with its figures how far it has cut back. */
    #step({ rung = 0, reason }) {
      if (rung !== this.#rung) note("rung", { rung, reason });
      this.#rung = rung;
    }

    send(data) {
      this.#look("out", data);
      super.send(data);
    }

    #look(way, data) {
      const type = TYPES.exec(data)?.[1];
      if (way === "out" && type === "call:stats") this.#step(JSON.parse(data));
      if (!NOTED.has(type)) return;
      const extra = {};
      if (type === "rtc:description")
        Object.assign(extra, { kind: JSON.parse(data).description?.type, gen: JSON.parse(data).gen });
      if (type === "call:state" || type === "peer:presence") extra.state = JSON.parse(data).state;
      if (type === "call:ended") extra.reason = JSON.parse(data).reason;
      if (type === "error") extra.code = JSON.parse(data).code;
      note(`${way} ${type}`, extra);
    }
  };

  // ---- talking: types numbered lines into the page's own chat box and presses Enter -----------------------------
  let talker;
  const say = () => {
    const { box, prefix } = kept.talk;
    const input = document.querySelector(box);
    if (!input || input.disabled || input.value !== "") return;
    const text = `${prefix}-${said.length + 1}`;
    input.value = text;
    input.dispatchEvent(new InputEvent("input", { bubbles: true }));
    input.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
    if (input.value === "") said.push(text);
    else input.value = "";
  };
  const talk = (wish) => {
    clearInterval(talker);
    kept.talk = wish;
    if (wish) talker = setInterval(say, wish.everyMs);
  };
  if (kept.talk) talk(kept.talk);

  let forgotten = false;
  addEventListener("pagehide", () => {
    if (forgotten) return;
    const last = samples.at(-1);
    if (last) base = Object.fromEntries(Object.keys(ZERO).map((name) => [name, last[name]]));
    sessionStorage.setItem(KEPT, JSON.stringify({ ...kept, base }));
  });

  window.lab = {
    talk,
    peers,
    // The next page starts with nothing noted.
    forget: () => {
      forgotten = true;
      sessionStorage.removeItem(KEPT);
    },
    last: () => samples.at(-1) ?? null,
    collect: () => ({ samples, events, said }),
    open: () => peers.map(({ peer }) => peer).filter((peer) => peer.connectionState !== "closed"),
    settled: () =>
      window.lab.open().map((peer) => ({
        signaling: peer.signalingState,
        connection: peer.connectionState,
        fragment: /a=ice-ufrag:(\S+)/.exec(peer.localDescription?.sdp ?? "")?.[1] ?? "",
      })),
  };
})();
