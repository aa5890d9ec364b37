/**
 * @import {CallbackServer} from "../../net/callbacks.js"
 * @import {StartLink} from "../../ui/customer/waiting/telegram-start.js"
 */

const SOON_MS = 2000;
const LATER_MS = 5000;
/** Whoever has Telegram on the same device has pressed Start by then. */
const SOON_LOOKS = 30;

/** A link into the bot's chat was shown: this page looks whether it was followed, as long as it is good. */
export class TelegramWait {
  #server;
  #linked;
  #waits;
  #timer = 0;
  #looks = 0;
  #endsAt = 0;
  #address = "";

  /**
   * @param {CallbackServer} server
   * @param {(address: string) => void} linked  the bot has heard; address: by which they are reached besides
   * @param {() => boolean} waits  whether the customer still waits here
   */
  constructor(server, linked, waits) {
    this.#server = server;
    this.#linked = linked;
    this.#waits = waits;
    // Who comes back from Telegram reads at once what has come of it: timers of hidden pages hardly run.
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible" && this.#timer) void this.#look();
    });
  }

  async standing() {
    try {
      return (await this.#server.telegram()) === "open";
    } catch {
      return false;
    }
  }

  /** @param {string} address @returns {Promise<StartLink>} Rejects with CallbackRefused. */
  async start(address) {
    const link = await this.#server.start(address);
    this.#address = address;
    this.#looks = 0;
    this.#endsAt = Date.now() + link.expires_s * 1000;
    this.#again();
    return link;
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = 0;
  }

  #again() {
    this.stop();
    if (Date.now() > this.#endsAt || !this.#waits()) return;
    this.#timer = window.setTimeout(() => void this.#look(), this.#looks++ < SOON_LOOKS ? SOON_MS : LATER_MS);
  }

  async #look() {
    this.stop();
    const endsAt = this.#endsAt;
    let state = "";
    try {
      state = await this.#server.telegram();
    } catch {
      // Asked again: nothing hangs on it, the place is kept by the bot's word.
    }
    if (state === "linked") this.#linked(this.#address);
    else if (endsAt === this.#endsAt) this.#again();
  }
}
