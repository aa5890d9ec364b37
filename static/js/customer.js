/** The customer's page: hosted by us, or in the widget's iframe, where it talks with the site around it. */

import { startCustomerPage } from "./app/customer/customer-page.js";
import { Bridge } from "./app/customer/host/bridge.js";
import { SiteMemory } from "./app/customer/host/site-memory.js";
import { readConfig } from "./core/config.js";
import { Tabs } from "./core/tabs.js";

/** Of a place link: `#place=…`. */
const PLACE = "#place=";

/** @param {string} fragment @returns {string} empty where it is none */
function handleIn(fragment) {
  return fragment.startsWith(PLACE) ? fragment.slice(PLACE.length) : "";
}

/**
 * @param {{messages: MessageEvent[], press: string, alone: boolean}} held  what was said and done before this was here,
 *   and whether no other tab has a conversation (first.js)
 */
export function start({ messages, press, alone }) {
  const language = press.startsWith("language:") ? press.slice("language:".length) : null;
  const found = { language, alone, tabs: new Tabs() };
  if (!readConfig().embedded) {
    const handle = handleIn(location.hash);
    // A secret leaves the address before anything else can read it.
    if (handle) history.replaceState(null, "", location.pathname + location.search);
    const { app } = startCustomerPage({ embedded: false, ...found });
    app.page = { page: location.href, title: document.title, referrer: document.referrer };
    if (handle) app.resumeWith({ handle, origin: location.origin });
    return;
  }
  const bridge = new Bridge();
  const { app, session, setLocale } = startCustomerPage({
    embedded: true,
    ...found,
    minimize: () => bridge.post("minimize"),
    isShown: () => bridge.shown,
    onLocale: (locale) => bridge.post("locale", { locale }),
  });
  bridge.attach(app, setLocale, new SiteMemory(session));
  for (const message of messages) bridge.hear(message);
}
