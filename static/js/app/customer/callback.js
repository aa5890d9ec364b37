/** What only a callback needs, fetched when somebody asks for one (core/later.js). */
import { readConfig } from "../../core/config.js";
import { CallbackServer } from "../../net/callbacks.js";
import { CalledHere } from "../../net/called-here.js";
import { CallbackForm } from "../../ui/customer/waiting/callback-form.js";
import { TelegramWait } from "./telegram-wait.js";

/**
 * @import {Session} from "../../net/session.js"
 * @import {CustomerApp} from "./customer-app.js"
 * @import {CustomerState} from "../../ui/customer/state.js"
 * @typedef {{draw: (place: HTMLElement, state: CustomerState) => {focus: () => void}}} CallbackPart
 *   draw: into the place, in the language in force
 */

/**
 * @param {{app: CustomerApp, session: Session, chatUrl: string}} page
 * @returns {CallbackPart}
 */
export function makeCallbacks({ app, session, chatUrl }) {
  const server = new CallbackServer(chatUrl, () => session.token);
  const tell = (/** @type {CustomerState['callback']} */ callback) => app.apply({ type: "callback", callback });
  const { callbacks: ways } = readConfig();
  const here = ways.includes("push") ? new CalledHere(() => server.ways()) : null;
  if (here) answerWorker(app);
  const telegram = new TelegramWait(
    server,
    (address) => tell({ channel: "telegram", address }),
    () => app.state.screen === "waiting",
  );
  const actions = {
    here,
    telegram: ways.includes("telegram") ? telegram : null,
    byMail: ways.includes("email"),
    get address() {
      return emailOf(app);
    },
    ask: async (/** @type {string} */ address, /** @type {boolean} */ byPush) => {
      await server.ask(address, here && byPush ? await here.subscribe() : null);
      tell({ channel: byPush ? "push" : "email", address });
    },
    cancel: async () => {
      await server.cancel();
      tell(null);
    },
  };
  /** @type {HTMLElement | null} */
  let drawn = null;
  /** @type {CallbackForm | null} */
  let form = null;
  return {
    draw: (place, { callback }) => {
      if (!form || place !== drawn) {
        form = new CallbackForm(actions);
        drawn = place;
        place.replaceChildren(form.element);
      }
      form.update(callback);
      return form;
    },
  };
}

/** A press on what was pushed brings this page to the front while it holds the place. @param {CustomerApp} app */
function answerWorker(app) {
  navigator.serviceWorker?.addEventListener("message", ({ ports }) => {
    if (app.state.screen === "waiting" || app.state.screen === "call") ports[0]?.postMessage("this page");
  });
}

/** What the customer has told the form before the queue. @param {CustomerApp} app */
function emailOf({ questions, state }) {
  const key = questions.find((question) => question.kind === "email")?.key ?? "";
  const told = state.form.answers?.[key];
  return typeof told === "string" ? told : "";
}
