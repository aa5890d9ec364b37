/**
 * What every service worker of ours does: it serves as soon as it is there, shows a page of its own when nobody answers,
 * says what is pushed, and leads to where a press on it goes. It keeps that one page and nothing else.
 */

/** @typedef {{title: string, body: string, tag: string, url: string}} Told */

/** @type {any}  {cache, offline, files, icon}: the server puts them here (support/http/assets/workers.py) */
const FACTS = /* facts */ {};
/** @type {string[]} */
const FILES = FACTS.files;
/** Of this worker in any version: adminara-turn-0123 → adminara-turn- @type {string} */
const OURS = FACTS.cache.replace(/[^-]*$/, "");

/** @type {string} */
export const ICON = FACTS.icon;
export const worker = /** @type {any} */ (self);

/** @param {() => unknown} [serves]  once nothing of an older version is left */
export function standIn(serves = () => {}) {
  worker.addEventListener("install", (/** @type {any} */ event) => {
    // The newest version serves at once: it keeps nothing that pages of an older one could miss.
    void worker.skipWaiting();
    event.waitUntil(caches.open(FACTS.cache).then((kept) => kept.addAll([FACTS.offline, ...FILES])));
  });
  worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(dropOlder().then(serves)));
  worker.addEventListener("fetch", (/** @type {any} */ event) => {
    const { request } = event;
    const path = new URL(request.url).pathname;
    if (request.mode === "navigate") event.respondWith(orElse(request, FACTS.offline));
    else if (request.method === "GET" && FILES.includes(path)) event.respondWith(orElse(request, path));
  });
}

/** @param {(told: Told) => Promise<unknown>} tell @param {(url: string) => Promise<unknown>} lead */
export function tellPushed(tell, lead) {
  worker.addEventListener("push", (/** @type {any} */ event) => {
    const told = wordsOf(event.data);
    if (told) event.waitUntil(tell(told));
  });
  worker.addEventListener("notificationclick", (/** @type {any} */ event) => {
    event.notification.close();
    event.waitUntil(lead(event.notification.data.url));
  });
}

async function dropOlder() {
  const names = await caches.keys();
  const older = names.filter((name) => name.startsWith(OURS) && name !== FACTS.cache);
  await Promise.all(older.map((name) => caches.delete(name)));
}

/** @param {Request} request @param {string} kept @returns {Promise<Response>} */
async function orElse(request, kept) {
  try {
    return await fetch(request);
  } catch (error) {
    const found = await caches.match(kept);
    if (found) return found;
    throw error;
  }
}

/** @param {any} data @returns {Told | null} */
function wordsOf(data) {
  try {
    return data.json();
  } catch {
    return null;
  }
}
