/** The page inside the widget's iframe: the customer page, talking with the site around it. */
import { Bridge } from "./app/customer/bridge.js";
import { startCustomerPage } from "./app/customer/customer-page.js";
import { SiteMemory } from "./app/customer/site-memory.js";

const bridge = new Bridge();
const { app, session, setLocale } = startCustomerPage({
  embedded: true,
  minimize: () => bridge.post("minimize"),
  isShown: () => bridge.shown,
  onLocale: (locale) => bridge.post("locale", { locale }),
});
bridge.attach(app, setLocale, new SiteMemory(session));
