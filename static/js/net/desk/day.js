/** The operator's own figures of today. */

const TIMEOUT_MS = 4000;

/**
 * Asked for again when it is wanted again, so one that fails is not repeated.
 * @param {string} url
 * @param {typeof fetch} [fetcher]
 * @returns {Promise<import("../../core/types.js").Day|null>} null when nobody answers, or nobody is signed in
 */
export async function fetchDay(url, fetcher = (...given) => fetch(...given)) {
  try {
    const answer = await fetcher(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}
