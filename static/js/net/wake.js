const CHECK_MS = 5000;
const GAP_MS = 15_000;

/**
 * Calls `online` when the network came back and `wake` when the page may have slept (shown again, restored from the
 * back/forward cache, or its timers stood still): moments at which a socket can be dead without anybody having said so.
 *
 * @param {{online: () => void, wake: () => void}} actions
 * @returns {() => void} stops watching
 */
export function watchNetwork({ online, wake }) {
  if (typeof window === "undefined") return () => {};
  let last = Date.now();
  const timer = setInterval(() => {
    const now = Date.now();
    if (now - last > GAP_MS) wake();
    last = now;
  }, CHECK_MS);
  const visible = () => document.visibilityState === "visible" && wake();
  const restored = (/** @type {PageTransitionEvent} */ event) => event.persisted && wake();
  const connection = /** @type {any} */ (navigator).connection;
  window.addEventListener("online", online);
  window.addEventListener("pageshow", restored);
  document.addEventListener("visibilitychange", visible);
  connection?.addEventListener?.("change", wake);
  return () => {
    clearInterval(timer);
    window.removeEventListener("online", online);
    window.removeEventListener("pageshow", restored);
    document.removeEventListener("visibilitychange", visible);
    connection?.removeEventListener?.("change", wake);
  };
}
