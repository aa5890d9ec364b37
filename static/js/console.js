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
import { Replies } from "./net/replies.js";
import { Session } from "./net/session.js";
import { Call } from "./rtc/call.js";
import { acquire, release } from "./rtc/media.js";

const config = readConfig();
const root = /** @type {HTMLElement} */ (document.getElementById("console"));
void pageLanguages(config.languages, root).begin(config.locale);

/** @type {import("./app/console/controller.js").Controller | null} */
let controller = null;

/** The call on the screen: a claim of the last second may stand nowhere else when the server has lost its memory. */
const shown = () => {
  const conversation = controller?.currentConversation();
  return conversation ? { conversation } : undefined;
};

const session = new Session({ url: socketUrl(config.wsUrl ?? "/ws/operator/"), hello: shown, locale: getLocale });

const chosen = { store: openStore("adminara.console.", () => window.localStorage), offers: new Offers() };

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
  replies: new Replies(config.repliesUrl),
  tellAudioSession,
});
