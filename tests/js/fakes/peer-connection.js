/**
 * The parts of RTCPeerConnection that negotiation touches, after the WebRTC specification: the signalling states,
 * implicit and explicit rollback, the negotiation-needed flag, transceivers that only an offer of the same connection
 * matches, ICE credentials that a restart renews, and promises that never settle once it is closed.
 */

let counter = 0;

export class FakeConnection {
  /** @type {() => number} milliseconds an operation takes; tests make it random */
  static latency = () => 0;
  /** Operations and events that are still to come, of all connections. */
  static pending = 0;

  signalingState = "stable";
  connectionState = "new";
  /** @type {any} */
  localDescription = null;
  /** @type {any} */
  remoteDescription = null;
  /** The peer's connection that the encryption was made with. Once made, it is not made anew (as in Firefox). */
  encryptedWith = "";
  /** @type {any[]} */
  candidates = [];
  /** @type {any} */
  onnegotiationneeded = null;
  /** @type {any} */
  onicecandidate = null;
  /** @type {any} */
  ontrack = null;
  /** @type {any} */
  onconnectionstatechange = null;

  #session = `s${++counter}`;
  #ufrag = "";
  #restart = false;
  #closed = false;
  /** @type {any[]} */
  #transceivers = [];
  /** @type {any} what was in force before the offer that is being made */
  #stable = { local: null, remote: null, transceivers: [] };
  #asked = false;

  constructor(/** @type {any} */ configuration) {
    this.configuration = configuration;
  }

  setConfiguration(/** @type {any} */ configuration) {
    this.configuration = configuration;
  }

  getTransceivers() {
    return [...this.#transceivers];
  }

  addTransceiver(/** @type {any} */ trackOrKind, /** @type {any} */ { direction = "sendrecv" } = {}) {
    const kind = typeof trackOrKind === "string" ? trackOrKind : trackOrKind.kind;
    const transceiver = this.#transceiver(kind, direction, typeof trackOrKind === "string" ? null : trackOrKind);
    this.#transceivers.push(transceiver);
    this.#need();
    return transceiver;
  }

  restartIce() {
    this.#restart = true;
    this.#need();
  }

  async setLocalDescription(/** @type {any} */ description) {
    await this.#operation();
    if (description?.type === "rollback") return this.#rollBack();
    if (this.signalingState === "have-remote-offer") return this.#setAnswer();
    if (this.signalingState !== "stable") throw new Error(`offer in ${this.signalingState}`);
    this.#remember();
    if (this.#restart || !this.#ufrag) this.#ufrag = `${this.#session}.${++counter}`;
    for (const [index, transceiver] of this.#transceivers.entries()) transceiver.mid ??= String(index);
    this.#asked = false;
    this.localDescription = { type: "offer", sdp: this.#sdp() };
    this.signalingState = "have-local-offer";
    this.onicecandidate?.({ candidate: candidate(this.#ufrag) });
  }

  async setRemoteDescription(/** @type {any} */ { type, sdp }) {
    await this.#operation();
    const given = read(sdp);
    if (type === "offer") {
      if (this.signalingState === "have-local-offer") this.#rollBack();
      if (this.signalingState !== "stable") throw new Error(`offer in ${this.signalingState}`);
      this.#remember();
      this.#matchOffer(given);
      this.signalingState = "have-remote-offer";
    } else {
      if (this.signalingState !== "have-local-offer") throw new Error(`answer in ${this.signalingState}`);
      this.#settle(sdp);
    }
    this.remoteDescription = { type, sdp };
    for (const transceiver of this.#transceivers) this.ontrack?.({ track: transceiver.receiver.track });
  }

  async addIceCandidate(/** @type {any} */ init) {
    await this.#operation();
    if (!this.remoteDescription) throw new Error("no remote description");
    if (init && init.usernameFragment !== read(this.remoteDescription.sdp).ufrag) throw new Error("unknown ufrag");
    this.candidates.push(init);
  }

  async getStats() {
    return new Map();
  }

  close() {
    this.#closed = true;
    this.signalingState = "closed";
    this.connectionState = "closed";
  }

  get ufrag() {
    return this.#ufrag;
  }

  get session() {
    return this.#session;
  }

  // ---- inner works

  #operation() {
    return new Promise((resolve) => {
      later(() => {
        if (!this.#closed) resolve(undefined); // a closed connection never settles
      });
    });
  }

  #transceiver(/** @type {string} */ kind, /** @type {string} */ direction, /** @type {any} */ track) {
    const owner = this;
    const sender = {
      track,
      async replaceTrack(/** @type {any} */ next) {
        sender.track = next;
      },
    };
    let wanted = direction;
    return {
      mid: null,
      negotiated: null,
      currentDirection: null,
      sender,
      receiver: { track: { kind, muted: false, readyState: "live" } },
      get direction() {
        return wanted;
      },
      set direction(next) {
        if (next === wanted) return;
        wanted = next;
        owner.#need();
      },
    };
  }

  #matchOffer(/** @type {any} */ given) {
    for (const line of given.lines) {
      const known = this.#transceivers.find((t) => t.mid === line.mid);
      if (known && known.receiver.track.kind !== line.kind) throw new Error("m-lines do not match");
      if (known) continue;
      const made = this.#transceiver(line.kind, "recvonly", null);
      made.mid = line.mid;
      this.#transceivers.push(made);
    }
    if (given.restart && this.#ufrag) this.#ufrag = "";
  }

  #setAnswer() {
    if (!this.#ufrag || this.#restart) this.#ufrag = `${this.#session}.${++counter}`;
    this.localDescription = { type: "answer", sdp: this.#sdp() };
    this.onicecandidate?.({ candidate: candidate(this.#ufrag) });
    this.#settle(this.remoteDescription.sdp);
  }

  #settle(/** @type {string} */ sdp) {
    const given = read(sdp);
    this.encryptedWith ||= /^o=- (\S+)/m.exec(sdp)?.[1] ?? "";
    for (const transceiver of this.#transceivers) {
      if (transceiver.mid === null) continue;
      transceiver.negotiated = transceiver.direction;
      const theirs =
        given.lines.find((/** @type {any} */ line) => line.mid === transceiver.mid)?.direction ?? "inactive";
      const receives = transceiver.direction.includes("recv") && theirs.includes("send");
      transceiver.currentDirection = receives ? "sendrecv" : transceiver.direction;
    }
    this.#restart = false;
    this.signalingState = "stable";
    this.#asked = false;
    this.#need();
  }

  #remember() {
    this.#stable = {
      local: this.localDescription,
      remote: this.remoteDescription,
      ufrag: this.#ufrag,
      restart: this.#restart,
      mids: new Map(this.#transceivers.map((t) => [t, t.mid])),
    };
  }

  #rollBack() {
    if (this.signalingState === "stable") throw new Error("rollback in stable");
    this.localDescription = this.#stable.local;
    this.remoteDescription = this.#stable.remote;
    this.#ufrag = this.#stable.ufrag;
    this.#restart ||= this.#stable.restart;
    for (const transceiver of this.#transceivers) transceiver.mid = this.#stable.mids.get(transceiver) ?? null;
    this.signalingState = "stable";
    this.#asked = false;
    this.#need();
  }

  #isNeeded() {
    return (
      this.#restart ||
      this.#transceivers.some((t) => t.mid === null || (t.negotiated !== null && t.negotiated !== t.direction))
    );
  }

  #need() {
    if (this.#asked || this.#closed) return;
    this.#asked = true;
    later(() => {
      this.#asked = false;
      if (this.#closed || this.signalingState !== "stable" || !this.#isNeeded()) return;
      this.onnegotiationneeded?.();
    });
  }

  #sdp() {
    const lines = this.#transceivers.map((t) => ({ mid: t.mid, kind: t.receiver.track.kind, direction: t.direction }));
    return `v=0\no=- ${this.#session} 2 IN IP4 127.0.0.1\na=ice-ufrag:${this.#ufrag}\nx=${JSON.stringify({ ufrag: this.#ufrag, restart: this.#restart, lines })}\n`;
  }
}

/** @param {() => void} what */
function later(what) {
  FakeConnection.pending += 1;
  setTimeout(() => {
    FakeConnection.pending -= 1;
    what();
  }, FakeConnection.latency());
}

/** @param {string} sdp */
export function read(sdp) {
  return JSON.parse(sdp.split("\nx=")[1]);
}

/** @param {string} usernameFragment */
function candidate(usernameFragment) {
  const init = { candidate: "candidate:1", sdpMid: "0", sdpMLineIndex: 0, usernameFragment };
  return { ...init, toJSON: () => init };
}
