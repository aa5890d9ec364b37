/** The times of today and tomorrow that customers have chosen. */

const TIMEOUT_MS = 4000;

/**
 * @typedef {{at: string, minutes: number, name: string, topic: string, media: string, state: string, owner: string,
 *   mine: boolean, line: string, site: string}} Appointment  at: ISO
 * @param {string | undefined} url  none where no times can be chosen
 * @param {typeof fetch} [fetcher]
 * @returns {Promise<Appointment[]|null>} null when nobody answers, or nobody is signed in
 */
export async function fetchAgenda(url, fetcher = (...given) => fetch(...given)) {
  if (!url) return null;
  try {
    const answer = await fetcher(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return answer.ok ? (await answer.json()).appointments : null;
  } catch {
    return null;
  }
}
