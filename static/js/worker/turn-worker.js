/**
 * The service worker of customers who asked to be called in this browser: says that it is nearly their turn, and brings
 * them to their place. It keeps nothing of theirs, and serves the page that a press leads to alone.
 */

import { ICON, standIn, tellPushed, worker } from "./standing-in.js";

/** @import {Told} from "./standing-in.js" */

/** A page that is frozen, or is none of theirs, answers never. */
const ANSWER_MS = 700;

standIn();
tellPushed(tell, lead);

/** @param {Told} told */
function tell({ title, body, tag, url }) {
  const looks = { body, tag, renotify: true, requireInteraction: true, icon: ICON };
  return worker.registration.showNotification(title, { ...looks, data: { url } });
}

/** The page that holds the place, where one is open still; else the link takes it. @param {string} url */
async function lead(url) {
  const windows = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  const answers = await Promise.all(windows.map(holds));
  const there = windows.find((/** @type {any} */ _one, /** @type {number} */ index) => answers[index]);
  if (there) await there.focus();
  else await worker.clients.openWindow(url);
}

/** @param {any} page @returns {Promise<boolean>} whether a customer waits in it (static/js/app/customer/callback.js) */
function holds(page) {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => resolve(true);
    setTimeout(() => resolve(false), ANSWER_MS);
    page.postMessage("who holds the place?", [port2]);
  });
}
