/**
 * @import {LaterPart} from "../../../core/later.js"
 * @import {FileInfo} from "../../../core/types.js"
 * @import {Composer} from "../../../ui/shared/chat/composer.js"
 * @typedef {import("../../../ui/shared/chat/chat-log.js").Extras & import("../../../ui/shared/chat/composer.js").Attaching
 *   & {kit: typeof import("./chat.js").kit}} ChatPart  kit: what a message with files borrows
 */

/** Whether there may be an address in it. */
const MAY_LINK = /\S[.:@]\S/;

/** What the chat needs besides words, for views that are here before the code for it is. */
export class LateChat {
  /** @type {LaterPart<ChatPart>} */
  part;
  /** @type {Composer | null} */
  #composer = null;

  /** @param {LaterPart<ChatPart>} part */
  constructor(part) {
    this.part = part;
  }

  /** @param {ChatPart} part  that is there now */
  came(part) {
    if (this.#composer) part.attach(this.#composer);
    return part;
  }

  /** It may be wanted. */
  soon() {
    this.part.soon();
  }

  /** @param {Composer} composer */
  attach(composer) {
    this.#composer = composer;
    this.part.module?.attach(composer);
  }

  /** @param {HTMLElement} place @param {string} text */
  link(place, text) {
    if (MAY_LINK.test(text)) this.#with((part) => part.link(place, text));
  }

  /** @param {HTMLElement} place @param {FileInfo} file */
  draw(place, file) {
    this.#with((part) => part.draw(place, file));
  }

  /** @param {(part: ChatPart) => void} act */
  #with(act) {
    const { module } = this.part;
    if (module) act(module);
    else void this.part.insist().then((part) => part && act(part));
  }
}
