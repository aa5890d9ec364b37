/**
 * How good a call sounds, from figures. Pure.
 *
 * @typedef {{rtt_ms: number | null, jitter_ms: number | null, loss_pct: number | null, concealed_pct?: number | null}} Figures
 *   of one direction, over the last two seconds or so
 */

/** Concealment hides lost packets from the ear only in part; this share of it counts as loss. */
const CONCEALED_SHARE = 0.5;

/**
 * Mean opinion score by the E-model, in the manner of Twilio's voice SDK (`mos.ts`).
 *
 * Loss that RED or FEC repaired is not heard: where the browser counts concealed samples, they stand for what is
 * missing, and the lost packets only for half of themselves.
 * @param {Figures} figures
 * @returns {number | null} 1 (unusable) to 5 (excellent); null when nothing is known yet
 */
export function score({ rtt_ms, jitter_ms, loss_pct, concealed_pct = null }) {
  if (rtt_ms === null) return null;
  const latency = rtt_ms + (jitter_ms ?? 0) * 2 + 10;
  const loss = heardLoss(loss_pct ?? 0, concealed_pct);
  let r = 0;
  if (latency < 160) r = 94.768 - latency / 40;
  else if (latency < 1000) r = 94.768 - (latency - 120) / 10;
  r = loss <= r / 2.5 ? Math.max(r - loss * 2.5, 6.52) : 0;
  return Math.round(100 * (1 + 0.035 * r + 0.000007 * r * (r - 60) * (100 - r))) / 100;
}

/** @param {number} lost  percent @param {number | null} concealed  percent */
function heardLoss(lost, concealed) {
  return concealed === null ? lost : Math.max(concealed, lost * CONCEALED_SHARE);
}
