/** What the chat needs besides words, fetched a while after a conversation has begun, or with the first of it (core/later.js). */
import { FileRefused, FileServer } from "../../../net/files.js";
import { linkIn } from "../../../ui/shared/chat/links.js";
import { AttachButtons } from "../../../ui/shared/files/attach.js";
import { droppedFiles, pastedFiles } from "../../../ui/shared/files/brought.js";
import { UploadList } from "../../../ui/shared/files/upload-list.js";
import { FileDesk } from "../../file-desk.js";
import { Uploads } from "../../uploads.js";

/**
 * @import {Session} from "../../../net/session.js"
 * @import {CustomerApp} from "../customer-app.js"
 * @import {ChatPart} from "./late-chat.js"
 */

/** What a message with files borrows, so that it is fetched once. */
export const kit = { AttachButtons, FileRefused, FileServer, UploadList, Uploads, droppedFiles, pastedFiles };

/**
 * @param {{app: CustomerApp, session: Session, filesUrl: string, say: (text: string) => void}} page
 * @returns {ChatPart}
 */
export function makeChatPart({ app, session, filesUrl, say }) {
  const token = () => session.token ?? app.said.token ?? "";
  const desk = new FileDesk({
    server: new FileServer({ url: filesUrl, headers: () => ({ Authorization: `Bearer ${token()}` }) }),
    session,
    lines: () => app.state.lines,
    now: () => session.serverNow(),
    share: (file) =>
      app.apply({ type: "chat:sent", file, id: session.sendNumbered("chat:message", { file: file.id }) }),
    know: (file) => app.apply({ type: "chat:file", file }),
    takeBack: (key) => app.takeBack(key),
    reveal: () => app.toggleChat(true),
    say,
  });
  const follow = () => desk.follow(app.state.screen === "call" ? app.state.conversation : null);
  app.on("change", follow);
  follow();
  return {
    link: linkIn,
    draw: (place, file) => desk.draw(place, file),
    attach: (composer) => desk.attach(composer),
    kit,
  };
}
