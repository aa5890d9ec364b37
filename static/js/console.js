/** The operator console: makes the parts and wires them. */

import { tellAudioSession } from "./app/audio-session.js";
import { checkDesk } from "./app/console/desk-check.js";
import { startConsole } from "./app/console/start.js";
import { Offers } from "./app/device-offers.js";
import { pageLanguages } from "./app/page-languages.js";
import { levelWatch, watchInputs } from "./app/sound-input.js";
import { watchOutputs } from "./app/sound-output.js";
import { readConfig, socketUrl } from "./core/config.js";
import { getLocale } from "./core/i18n.js";
import { openStore } from "./core/storage.js";
import { csrfToken } from "./net/csrf.js";
import { fetchAgenda } from "./net/desk/agenda.js";
import { fetchDay } from "./net/desk/day.js";
import { Dossiers } from "./net/desk/dossiers.js";
import { LeftMessages } from "./net/desk/left-messages.js";
import { Replies } from "./net/desk/replies.js";
import { FileServer } from "./net/files.js";
import { Push } from "./net/push.js";
import { Session } from "./net/session.js";
import { Call } from "./rtc/call.js";
import { acquire, release } from "./rtc/devices/media.js";

const config = readConfig();
const root = /** @type {HTMLElement} */ (document.getElementById("console"));
void pageLanguages(config.languages, root).begin(config.locale);

/** @type {import("./app/console/controller.js").Controller | null} */
let controller = null;

const ofBrowser = openStore("adminara.console.", () => window.localStorage);
const push = new Push(config.push, { me: config.adminId ?? "", kept: ofBrowser });

/** The call on the screen: a claim of the last second may stand nowhere else when the server has lost its memory. */
const shown = () => {
  const conversation = controller?.currentConversation();
  return conversation ? { conversation } : undefined;
};

const session = new Session({ url: socketUrl(config.wsUrl ?? "/ws/operator/"), hello: shown, locale: getLocale });

const chosen = { store: ofBrowser, offers: new Offers() };

/** What the desk's check found out about the relays; every call orders them by it. @type {import("./rtc/regions.js").TurnResult[]} */
let measured = [];

controller = startConsole({
  root,
  config,
  session,
  acquire,
  release,
  createCall: (options) => new Call({ session, measured, ...options }),
  checkDesk: async () => {
    const results = await checkDesk({ session, acquire, release });
    measured = results.network.turn;
    return results;
  },
  watchOutputs: (notify) => watchOutputs({ ...chosen, send: (type, fields) => session.send(type, fields), notify }),
  watchInputs: (notify) => watchInputs({ ...chosen, notify }),
  levelWatch,
  dossiers: new Dossiers(config.dossierUrls),
  askDay: () => fetchDay(config.dayUrl),
  leftMessages: new LeftMessages(config.messagesUrl),
  askAgenda: () => fetchAgenda(config.agendaUrl),
  replies: new Replies(config.repliesUrl),
  push: { state: () => push.state(), on: () => push.on(), off: () => push.off() },
  fileServer: (conversation) =>
    new FileServer({
      url: config.filesUrl,
      headers: () => ({ "X-CSRFToken": csrfToken() }),
      query: () => ({ conversation: conversation() }),
    }),
  tellAudioSession,
});

// After what a customer may be waiting for.
session.once("welcome", () => void push.start());
