/**
 * What push needs of a browser, whoever is told by it.
 *
 * @typedef {'ask' | 'denied' | 'homeScreen' | 'unsupported'} PushStanding  ask: a gesture may ask for it; homeScreen: only
 *   as an app on the home screen (iPhone, iPad)
 */

/** @returns {PushStanding} */
export function standing() {
  const able = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
  if (!able) return isApple() ? "homeScreen" : "unsupported";
  return Notification.permission === "denied" ? "denied" : "ask";
}

/** @param {PushSubscription} subscription @param {string} key  base64url */
export function isFor(subscription, key) {
  const own = subscription.options?.applicationServerKey;
  if (!own) return false;
  const text = btoa(String.fromCharCode(...new Uint8Array(own)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "") === key;
}

export function isApple() {
  return (
    /iPhone|iPad/.test(navigator.userAgent) || (/Macintosh/.test(navigator.userAgent) && navigator.maxTouchPoints > 1)
  );
}

/**
 * This browser, for that key: the one that it has, or a new one.
 * @param {ServiceWorkerRegistration} registration @param {string} key  base64url
 * @returns {Promise<PushSubscription>} Rejects when its push service does not take it.
 */
export async function subscribed(registration, key) {
  const known = await registration.pushManager.getSubscription();
  if (known && isFor(known, key)) return known;
  await known?.unsubscribe();
  return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}
