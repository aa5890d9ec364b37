/**
 * The console's service worker: says what is pushed. It keeps nothing that stands behind a sign-in, and hands everything
 * but its own offline page on to the network untouched.
 */

import { ICON, standIn, tellPushed, worker } from "./standing-in.js";

/** @import {Told} from "./standing-in.js" */

standIn(() => worker.clients.claim());
tellPushed(tell, lead);

/** @param {Told} told */
async function tell({ title, body, tag, url }) {
  const windows = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  // A console that is looked at rings by itself.
  if (windows.some((/** @type {any} */ one) => one.focused && new URL(one.url).pathname === url)) return;
  await worker.registration.showNotification(title, { body, tag, renotify: true, icon: ICON, data: { url } });
}

/** @param {string} url */
async function lead(url) {
  const windows = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = windows.find((/** @type {any} */ one) => new URL(one.url).pathname === url);
  if (there) await there.focus();
  else await worker.clients.openWindow(url);
}
