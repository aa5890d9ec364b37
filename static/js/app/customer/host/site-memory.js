/**
 * @import {Session} from "../../../net/session.js"
 *
 * @typedef {{origin: string, keep: (handle: string) => void}} Site  the page that frames this one: its storage is in reach
 */

/** A handle is replaced by a fresh one after this part of its time. */
const RENEW_AT = 0.4;

/**
 * Where the browser lets this page store nothing, its next one (of a site's next page, or of a frame that was torn out)
 * knows nothing of the conversation. The site then keeps a handle for it: made by our server, bound to the site's origin,
 * short-lived, and worth nothing once the conversation is over. The token itself is never given out of this page.
 */
export class SiteMemory {
  #session;
  /** @type {Site | null} */
  #site = null;
  /** @type {any} */
  #timer;

  /** @param {Session} session */
  constructor(session) {
    this.#session = session;
    session.on("welcome", () => this.#ask());
    session.on("queue:joined", () => this.#ask());
    session.on("resume:handle", ({ handle, expires_s: seconds }) => {
      this.#site?.keep(handle);
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#ask(), seconds * 1000 * RENEW_AT);
    });
  }

  /** From now on the site keeps what this page cannot. @param {Site} site */
  use(site) {
    this.#site = site;
    this.#ask();
  }

  #ask() {
    const { storage, token } = this.#session;
    if (this.#site && !storage.persistent && token) this.#session.send("resume:ask", { origin: this.#site.origin });
  }
}
