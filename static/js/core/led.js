/** Of the lock that the tab with a conversation holds; pages of other sites have others. */
export function lockName() {
  return `adminara.${new URLSearchParams(location.search).get("site") ?? ""}`;
}

/**
 * @param {LockManager} [locks]
 * @returns {Promise<boolean>} whether a tab has a conversation. Rejects where the browser does not say.
 */
export async function isLed(locks = navigator.locks) {
  const { held = [] } = await locks.query();
  return held.some(({ name }) => name === lockName());
}
