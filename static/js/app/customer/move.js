import { getLocale } from "../../core/i18n.js";
import { ChatArchive } from "../../net/kept-chat.js";
import { PlaceDialog } from "../../ui/customer/waiting/place-dialog.js";

/**
 * @import {Session} from "../../net/session.js"
 * @import {CustomerApp} from "./customer-app.js"
 */

/**
 * Who waits may go on waiting on another device: shows the way there for as long as there is a wait.
 * @param {{app: CustomerApp, session: Session, chatUrl: string}} parts
 */
export function showMove({ app, session, chatUrl }) {
  if (app.state.screen !== "waiting") return;
  const archive = new ChatArchive(chatUrl);
  const dialog = new PlaceDialog(() => archive.place(session.token ?? "", getLocale(), location.origin)).open();
  const off = app.on("change", ({ state }) => state.screen !== "waiting" && dialog.close());
  dialog.addEventListener("close", off);
}
