/** The page inside the widget's iframe: the customer page, talking with the site around it. */
import { Bridge } from "./app/bridge.js";
import { startCustomerPage } from "./app/customer-page.js";

const bridge = new Bridge();
const { app, setLocale } = startCustomerPage({ embedded: true, minimize: () => bridge.post("minimize"), isShown: () => bridge.shown });
bridge.attach(app, setLocale);
