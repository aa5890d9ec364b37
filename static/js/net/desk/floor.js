/** The floor's rows, as the server has drawn them. */

const TIMEOUT_MS = 4000;

/**
 * @param {string} url
 * @param {typeof fetch} [fetcher]
 * @returns {Promise<HTMLElement|null>} null when nobody answers, or when it is something else: a page to sign in
 */
export async function fetchRows(url, fetcher = (...given) => fetch(...given)) {
  try {
    const answer = await fetcher(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!answer.ok) return null;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return page.querySelector("[data-rows]");
  } catch {
    return null;
  }
}
