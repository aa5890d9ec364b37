/** The customer's page: hosted by us, or in the widget's iframe, where it talks with the site around it. */
import { Bridge } from "./app/customer/bridge.js";
import { startCustomerPage } from "./app/customer/customer-page.js";
import { SiteMemory } from "./app/customer/site-memory.js";
import { readConfig } from "./core/config.js";

/**
 * @param {{messages: MessageEvent[], press: string}} held  what was said and done before this was here (first.js)
 */
export function start({ messages, press }) {
  const language = press.startsWith("language:") ? press.slice("language:".length) : null;
  if (!readConfig().embedded) return void startCustomerPage({ embedded: false, language });
  const bridge = new Bridge();
  const { app, session, setLocale } = startCustomerPage({
    embedded: true,
    language,
    minimize: () => bridge.post("minimize"),
    isShown: () => bridge.shown,
    onLocale: (locale) => bridge.post("locale", { locale }),
  });
  bridge.attach(app, setLocale, new SiteMemory(session));
  for (const message of messages) bridge.hear(message);
}
