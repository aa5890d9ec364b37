import { linkIn } from "../../ui/shared/chat/links.js";
import { FileDesk } from "../file-desk.js";

/**
 * @import {ChatModel} from "../../ui/console/chat/chat-model.js"
 * @import {Store} from "../../ui/console/state.js"
 * @import {Extras} from "../../ui/shared/chat/chat-log.js"
 * @import {Attaching} from "../../ui/shared/chat/composer.js"
 * @import {Controller} from "./controller.js"
 * @import {ConsoleParts} from "./start.js"
 */

/**
 * What the chat of the conversation on the screen has besides words. Files can be sent as long as it runs.
 * @param {{parts: ConsoleParts, store: Store, chat: ChatModel, controller: Controller, reveal: () => void,
 *   say: (text: string) => void}} made
 * @returns {Extras & Attaching}
 */
export function chatExtras({ parts, store, chat, controller, reveal, say }) {
  const desk = new FileDesk({
    server: parts.fileServer(() => chat.conversation ?? ""),
    session: parts.session,
    lines: () => chat.lines,
    now: () => Date.now() + store.state.offset,
    share: (file) => controller.sendFile(file),
    know: (file) => controller.know(file),
    takeBack: (key) => chat.takeBack(key),
    reveal,
    say,
  });
  const follow = () => desk.follow(controller.currentConversation());
  store.subscribe(follow);
  follow();
  return {
    link: linkIn,
    draw: (place, file) => desk.draw(place, file),
    attach: (composer) => desk.attach(composer),
  };
}
