/**
 * How far this side cuts back what it sends, so that the call is heard on any network. A pure state machine; adapter.js
 * samples and applies.
 *
 * @import {Sound} from "./codecs.js"
 * @import {Conditions} from "./stats.js"
 * @typedef {{
 *   video: {height: number, fps: number, bitrate: number} | null, audio: Sound & {bitrate: number},
 * }} Rung  bitrate: bit/s; video null: no picture is sent
 * @typedef {'bandwidth' | 'loss' | 'concealment' | 'delay' | 'recovered'} RungReason
 */

const SPEECH = { bitrate: 32_000, red: true, ptime: 20, bare: false };

/**
 * The last two are for lines of 40 and 20 kbit/s both ways: at 16 kbit/s of sound a header every 20 ms and a report on
 * each packet take more than the sound.
 * @type {Rung[]}
 */
export const RUNGS = [
  { video: { height: 720, fps: 30, bitrate: 1_500_000 }, audio: SPEECH },
  { video: { height: 540, fps: 30, bitrate: 800_000 }, audio: SPEECH },
  { video: { height: 360, fps: 15, bitrate: 350_000 }, audio: SPEECH },
  { video: { height: 180, fps: 10, bitrate: 100_000 }, audio: SPEECH },
  { video: null, audio: SPEECH },
  { video: null, audio: { bitrate: 16_000, red: false, ptime: 40, bare: true } },
  { video: null, audio: { bitrate: 12_000, red: false, ptime: 60, bare: true } },
];

/** When a rung is entered: kbit/s below, percent and ms above. Index = rung. */
const ENTER = [
  {},
  { kbps: 1000, loss: 3 },
  { kbps: 500, loss: 6 },
  { kbps: 250 },
  { kbps: 120, concealed: 5, rtt: 600 },
  { kbps: 60 },
  { kbps: 35 },
];

export const HYSTERESIS = {
  window: 5,
  /** Bad samples of the window that lead down. */
  bad: 3,
  /** Good samples in a row that lead up by one. */
  clean: 15,
  /** Below the last picture a try that fails costs words, not pixels: so many times the clean samples come first. */
  careful: 2,
  /** A rung that could not be held for this long makes the next try wait twice as long, at most so often. */
  held: 10,
  mostWaits: 8,
  /** Longer than the quickest round trip by this: packets queue. */
  queueMs: 50,
  /** Samples after the start in which the browser's estimate of the bandwidth is still climbing. */
  warmUp: 8,
  /** Going up needs this much more than the rung's own border, or it would fall back at once. */
  margin: 1.15,
};

/**
 * @param {Conditions} conditions
 * @returns {{rung: number, reason: RungReason | null}} the rung that these conditions call for
 */
export function wanted({ available_kbps, loss_pct, uplink_loss_pct, concealed_pct, rtt_ms }) {
  const loss = uplink_loss_pct ?? loss_pct;
  /** @type {{rung: number, reason: RungReason | null}} */
  const result = { rung: 0, reason: null };
  for (let rung = ENTER.length - 1; rung > 0; rung--) {
    const border = ENTER[rung];
    if (available_kbps !== null && border.kbps && available_kbps < border.kbps) return { rung, reason: "bandwidth" };
    if (loss !== null && border.loss && loss > border.loss) return { rung, reason: "loss" };
    if (concealed_pct !== null && border.concealed && concealed_pct > border.concealed)
      return { rung, reason: "concealment" };
    if (rtt_ms !== null && border.rtt && rtt_ms > border.rtt) return { rung, reason: "delay" };
  }
  return result;
}

/** A queue this full, ms there and back: with a picture, and where only the sound is left to fill it. */
const CROWDED_MS = { picture: 600, sound: 300 };

/** So much of the sound is made up, percent, although no picture is sent: the line carries not even that. */
const CHOKED_PCT = 20;

/**
 * Where the round trip has grown to that from little, the line is too thin for what is sent: redundancy doubles the sound
 * and the queue with it, so that step is taken at once, and the last one if it was not enough. The losses of
 * a bad radio keep the redundancy.
 * @param {Conditions} conditions @param {number} rung  in force @param {number} quickest  round trip seen in this call, ms
 */
function wantedOn(conditions, rung, quickest) {
  const result = wanted(conditions);
  const limit = rung < 4 ? CROWDED_MS.picture : CROWDED_MS.sound;
  const crowded = (conditions.rtt_ms ?? 0) > Math.max(limit, 3 * quickest);
  const choked = rung >= 4 && (conditions.concealed_pct ?? 0) > CHOKED_PCT;
  if ((!crowded && !choked) || result.rung > Math.max(rung, 5)) return result;
  return { rung: rung < 5 ? 5 : 6, reason: /** @type {RungReason} */ (crowded ? "delay" : "concealment") };
}

/** One sample a second in; a change of rung out. */
export class Ladder {
  rung = 0;
  /** @type {RungReason | null} */
  reason = null;
  /** @type {ReturnType<typeof wanted>[]} */
  #window = [];
  #clean = 0;
  #seen = 0;
  #pictureSince = 0;
  #quickest = Infinity;
  /** The newest round trip was longer than packets that need not queue take. */
  #queues = false;
  #roseAt = -Infinity;
  #rose = false; // the last move
  /** How many times 15 s the next way up waits. */
  #waits = 1;

  /**
   * @param {Conditions} conditions  of the last second
   * @returns {boolean} whether the rung changed
   */
  step(conditions) {
    this.#seen += 1;
    this.#quickest = Math.min(this.#quickest, conditions.rtt_ms ?? Infinity);
    this.#queues = (conditions.rtt_ms ?? 0) > this.#quickest + HYSTERESIS.queueMs;
    // Without a picture the browser's estimate only tells what the sound needs, and with a new one it has to climb first.
    const known = this.rung < 4 && this.#seen - this.#pictureSince > HYSTERESIS.warmUp;
    const now = wantedOn(known ? conditions : { ...conditions, available_kbps: null }, this.rung, this.#quickest);
    this.#window = [...this.#window, now].slice(-HYSTERESIS.window);
    if (this.#fall()) return true;
    this.#clean = this.#isClean(conditions) ? this.#clean + 1 : 0;
    if (this.#seen - this.#roseAt === HYSTERESIS.held + 1 && this.#rose) this.#waits = 1;
    if (this.rung === 0 || this.#clean < this.#patience) return false;
    this.#move(this.rung - 1, "recovered");
    this.#roseAt = this.#seen;
    this.#rose = true;
    return true;
  }

  /**
   * Nothing arrives any more. Where packets queued already the line is choked, and what would help is on the last rung. A
   * radio that loses every third packet is silent for a second now and then: without redundancy it would be worse off.
   * @returns {boolean} whether the rung changed
   */
  choke() {
    if (this.rung < 4 || this.rung === RUNGS.length - 1 || !this.#queues) return false;
    this.#move(RUNGS.length - 1, "delay");
    return true;
  }

  /** Down to where at least three of five samples are as bad or worse. */
  #fall() {
    const bad = this.#window.filter((sample) => sample.rung > this.rung).sort((a, b) => b.rung - a.rung);
    const heard = this.#isTrial && bad.some((sample) => sample.reason === "delay" || sample.reason === "concealment");
    if (bad.length < HYSTERESIS.bad && !heard) return false;
    const { rung, reason } = bad[HYSTERESIS.bad - 1] ?? { rung: this.rung + 1, reason: bad[0].reason };
    if (this.#isTrial) this.#waits = Math.min(this.#waits * 2, HYSTERESIS.mostWaits);
    this.#rose = false;
    this.#move(rung, reason);
    return true;
  }

  /** A rung that was only just gone up to: the first sign that people hear it ends the try, and the next one is later. */
  get #isTrial() {
    return this.#rose && this.#seen - this.#roseAt <= HYSTERESIS.held;
  }

  /**
   * The rungs without a picture are as far apart as two from one: where packets queue a little already, the next one is
   * tried later still.
   * @returns {number} clean samples before the rung above is tried
   */
  get #patience() {
    const crowded = this.rung >= 4 && this.#queues;
    return HYSTERESIS.clean * this.#waits * (this.rung > 4 ? HYSTERESIS.careful : 1) * (crowded ? 2 : 1);
  }

  /** Would these conditions carry the rung above? @param {Conditions} conditions */
  #isClean(conditions) {
    const { available_kbps } = conditions;
    // Without a picture the browser has nothing to probe with: its estimate stays near what audio needs. Then losses decide.
    const estimate = this.rung >= 4 || available_kbps === null ? null : available_kbps / HYSTERESIS.margin;
    return wanted({ ...conditions, available_kbps: estimate }).rung < this.rung;
  }

  /** @param {number} rung @param {RungReason | null} reason */
  #move(rung, reason) {
    if (rung < 4 && this.rung >= 4) this.#pictureSince = this.#seen;
    this.rung = rung;
    this.reason = reason;
    this.#window = [];
    this.#clean = 0;
  }
}

/**
 * A rung as an encoding's parameters.
 * @param {Rung} rung
 * @param {number} height  of the picture the camera gives, pixels
 * @returns {{maxBitrate?: number, maxFramerate?: number, scaleResolutionDownBy?: number, active: boolean}}
 */
export function videoEncoding({ video }, height) {
  if (!video) return { active: false };
  return {
    active: true,
    maxBitrate: video.bitrate,
    maxFramerate: video.fps,
    scaleResolutionDownBy: Math.max(1, height / video.height),
  };
}
