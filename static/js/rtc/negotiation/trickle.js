/**
 * Candidates on their way. They belong to one description and are of use only after it: ours wait until it was sent,
 * the peer's until it was applied. A candidate that comes too early would be lost, or, after a restart's offer, make
 * the browser tear down the pair that still carries the call.
 *
 * @typedef {{candidate: RTCIceCandidateInit | null, gen: number}} CandidateFrame
 */
const KEPT = 200;

export class Trickle {
  /** @type {(RTCIceCandidateInit | null)[]} */
  #ours = [];
  #holding = false;
  /** @type {CandidateFrame[]} */
  #theirs = [];

  /** @param {(candidate: RTCIceCandidateInit | null) => void} send */
  constructor(send) {
    this.send = send;
  }

  /** A description of ours is being made. */
  hold() {
    this.#holding = true;
  }

  /** It was sent. */
  flush() {
    this.#holding = false;
    for (const candidate of this.#ours.splice(0)) this.send(candidate);
  }

  /** The connection is another one: what was gathered for the old one is worth nothing. */
  drop() {
    this.#holding = false;
    this.#ours = [];
  }

  /** @param {RTCIceCandidateInit | null} candidate  null: no more will come */
  gathered(candidate) {
    if (this.#holding) this.#ours.push(candidate);
    else this.send(candidate);
  }

  /** @param {CandidateFrame} frame  whose description has not been applied */
  keep(frame) {
    this.#theirs.push(frame);
    if (this.#theirs.length > KEPT) this.#theirs.shift();
  }

  /** @returns {CandidateFrame[]} what was kept, to be looked at again */
  kept() {
    return this.#theirs.splice(0);
  }
}
