/** The customer's page: hosted by us, or in the widget's iframe, where it talks with the site around it. */
import { Bridge } from "./app/customer/bridge.js";
import { startCustomerPage } from "./app/customer/customer-page.js";
import { SiteMemory } from "./app/customer/site-memory.js";
import { readConfig } from "./core/config.js";

if (readConfig().embedded) {
  const bridge = new Bridge();
  const { app, session, setLocale } = startCustomerPage({
    embedded: true,
    minimize: () => bridge.post("minimize"),
    isShown: () => bridge.shown,
    onLocale: (locale) => bridge.post("locale", { locale }),
  });
  bridge.attach(app, setLocale, new SiteMemory(session));
} else {
  startCustomerPage({ embedded: false });
}
