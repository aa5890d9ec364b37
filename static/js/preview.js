/** The customer's page beside the form of its site (support/http/customer/site_preview.py): it looks as it would, and asks nobody. */
import { startCustomerPage } from "./app/customer/customer-page.js";
import { PretendedSession } from "./app/site-preview/pretended-session.js";
import { memoryStore } from "./core/storage.js";

/** @typedef {ReturnType<typeof startCustomerPage>['app']} App */

/** What the page around it may show. @type {Record<string, (app: App) => void>} */
const SCREENS = {
  form: (app) => app.home(),
  waiting: (app) => app.join(app.state.form),
  end: (app) => {
    app.join(app.state.form);
    queueMicrotask(() => queueMicrotask(() => app.leave()));
  },
};

/** @param {{messages: MessageEvent[], press: string}} held  as customer.js gets it */
export function start({ messages, press }) {
  const { app } = startCustomerPage({
    embedded: true,
    language: press.startsWith("language:") ? press.slice("language:".length) : null,
    storage: memoryStore(),
    createSession: () => /** @type {any} */ (new PretendedSession()),
  });
  // No device is asked for.
  const join = app.join.bind(app);
  app.join = (form, returning) => join({ ...form, media: "chat" }, returning);
  const hear = (/** @type {MessageEvent} */ { source, origin, data }) => {
    if (source !== window.parent || origin !== location.origin || data?.adminara !== 1) return;
    const { command, value } = data;
    if (command === "configure") document.documentElement.dataset.theme = value.theme;
    if (command === "preview" && Object.hasOwn(SCREENS, value) && app.state.screen !== value) SCREENS[value](app);
  };
  window.addEventListener("message", hear);
  const tell = () =>
    window.parent.postMessage({ adminara: 1, event: "screen", detail: app.state.screen }, location.origin);
  app.on("change", tell);
  for (const message of messages) hear(message);
}
