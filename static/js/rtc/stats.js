import { score } from "./quality.js";
import { regionOf } from "./regions.js";

/** @import {CallStats, IceServer} from "../core/types.js" */

/**
 * A call's figures from two reports of getStats. Pure: reports in, figures out.
 *
 * @typedef {{get(id: string): any, values(): Iterable<any>}} Report  RTCStatsReport, or a Map in tests
 */

/** Loss above this is worth a counter (`metrics:high-packet-loss`), percent. */
export const HIGH_LOSS_PCT = 5;

/**
 * @param {Report} report
 * @returns {any | null} the candidate pair that carries the call
 */
export function selectedPair(report) {
  let fallback = null;
  for (const stat of report.values()) {
    if (stat.type === "transport" && stat.selectedCandidatePairId)
      return report.get(stat.selectedCandidatePairId) ?? null;
    // Firefox has no transport stats; it marks the pair.
    if (stat.type === "candidate-pair" && (stat.selected || (stat.nominated && stat.state === "succeeded")))
      fallback = stat;
  }
  return fallback;
}

/**
 * @param {Report} report
 * @returns {number | undefined} ms since the last packet on the selected pair; undefined where the browser does not say
 */
export function quietMs(report) {
  const pair = selectedPair(report);
  if (!pair?.lastPacketReceivedTimestamp) return undefined;
  return Math.max(0, pair.timestamp - pair.lastPacketReceivedTimestamp);
}

/**
 * @param {Report | null} before  an earlier report of the same connection; without one nothing can be a rate
 * @param {Report} report
 * @param {IceServer[]} [iceServers]  to name the TURN region
 * @returns {CallStats}
 */
export function callStats(before, report, iceServers = []) {
  const pair = selectedPair(report);
  const local = pair && report.get(pair.localCandidateId);
  const remote = pair && report.get(pair.remoteCandidateId);
  const inbound = ofType(report, "inbound-rtp");
  const rtt = firstNumber(
    pair?.currentRoundTripTime,
    ...ofType(report, "remote-inbound-rtp").map((s) => s.roundTripTime),
  );
  const jitter = firstNumber(...inbound.filter(isAudio).map((s) => s.jitter), ...inbound.map((s) => s.jitter));
  const figures = {
    rtt_ms: milliseconds(rtt),
    jitter_ms: milliseconds(jitter),
    loss_pct: before && lossBetween(before, inbound),
    bitrate_kbps: before && pair && bitrate(before.get(pair.id), pair),
    region: local?.candidateType === "relay" ? regionOf(local.url, iceServers) : null,
    candidate_type: pairType(local, remote),
    codec: codecs(report, inbound),
  };
  return { ...figures, quality: score({ ...figures, concealed_pct: before && concealedBetween(before, inbound) }) };
}

/**
 * What adapting to the network needs to know, of the way out as of the way in.
 *
 * @typedef {{
 *   available_kbps: number | null, loss_pct: number | null, uplink_loss_pct: number | null, concealed_pct: number | null,
 *   rtt_ms: number | null,
 * }} Conditions  available_kbps: what may be sent, by the browser's estimate (Firefox has none)
 *
 * @param {Report | null} before
 * @param {Report} report
 * @returns {Conditions}
 */
export function conditions(before, report) {
  const pair = selectedPair(report);
  const inbound = ofType(report, "inbound-rtp");
  const remote = ofType(report, "remote-inbound-rtp");
  const uplink = remote.map((stat) => stat.fractionLost).filter((value) => typeof value === "number");
  const available = firstNumber(pair?.availableOutgoingBitrate);
  return {
    available_kbps: available === null ? null : round(available / 1000, 1),
    loss_pct: before && lossBetween(before, inbound),
    uplink_loss_pct: uplink.length ? round(Math.max(...uplink) * 100, 2) : null,
    concealed_pct: before && concealedBetween(before, inbound),
    rtt_ms: milliseconds(firstNumber(pair?.currentRoundTripTime, ...remote.map((stat) => stat.roundTripTime))),
  };
}

/**
 * Audio that had to be made up since the earlier report, percent; silence that was made up is not heard.
 * @param {Report} before
 * @param {any[]} inbound
 * @returns {number | null}
 */
function concealedBetween(before, inbound) {
  const audio = inbound.find(isAudio);
  const earlier = audio && before.get(audio.id);
  if (!earlier || typeof audio.concealedSamples !== "number") return null;
  const total = audio.totalSamplesReceived - earlier.totalSamplesReceived;
  const made = (/** @type {any} */ stat) => stat.concealedSamples - (stat.silentConcealedSamples ?? 0);
  return total <= 0 ? null : round((100 * Math.max(0, made(audio) - made(earlier))) / total, 2);
}

/** @param {Report} report @param {string} type @returns {any[]} */
function ofType(report, type) {
  return [...report.values()].filter((stat) => stat.type === type);
}

/** @param {any} stat */
function isAudio(stat) {
  return stat.kind === "audio";
}

/** @param {(number | undefined)[]} candidates @returns {number | null} */
function firstNumber(...candidates) {
  return candidates.find((value) => typeof value === "number" && Number.isFinite(value)) ?? null;
}

/** @param {number | null} seconds */
function milliseconds(seconds) {
  return seconds === null ? null : round(seconds * 1000, 1);
}

/** @param {number} value @param {number} digits */
function round(value, digits) {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}

/**
 * Packets lost on the way to us since the earlier report, percent. packetsLost may fall (late packets): never below 0.
 * @param {Report} before
 * @param {any[]} inbound
 */
function lossBetween(before, inbound) {
  let lost = 0;
  let received = 0;
  for (const stat of inbound) {
    const earlier = before.get(stat.id);
    if (!earlier) continue;
    lost += Math.max(0, stat.packetsLost - earlier.packetsLost);
    received += Math.max(0, stat.packetsReceived - earlier.packetsReceived);
  }
  return lost + received === 0 ? null : round((100 * lost) / (lost + received), 2);
}

/** @param {any} earlier @param {any} pair @returns {number | null} received kbit/s */
function bitrate(earlier, pair) {
  const elapsedMs = earlier ? pair.timestamp - earlier.timestamp : 0;
  if (elapsedMs <= 0) return null;
  return Math.max(0, round(((pair.bytesReceived - earlier.bytesReceived) * 8) / elapsedMs, 1));
}

/** Relayed on either side counts as relayed. @param {any} local @param {any} remote @returns {string | null} */
function pairType(local, remote) {
  if (remote?.candidateType === "relay") return "relay";
  return local?.candidateType ?? null;
}

/** @param {Report} report @param {any[]} inbound @returns {string | null} e.g. "opus/VP9" */
function codecs(report, inbound) {
  const names = inbound
    .filter((stat) => stat.bytesReceived > 0 && report.get(stat.codecId))
    .sort((a, b) => String(a.kind).localeCompare(String(b.kind)))
    .map((stat) => report.get(stat.codecId).mimeType.split("/")[1]);
  return names.length ? names.join("/") : null;
}
