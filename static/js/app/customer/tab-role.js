/**
 * @import {Tabs} from "../../core/tabs.js"
 * @import {Session} from "../../net/session.js"
 * @import {CustomerState} from "../../ui/customer/state.js"
 *
 * @import {JoinForm} from "../../ui/customer/state.js"
 *
 * @typedef {{state: CustomerState, suggest: (form: JoinForm) => void, home: (anew?: boolean) => void, stepAside: () => void, continueHere: () => void,
 *   leftBehind: () => void}} Page  stepAside: shows that the conversation is elsewhere; leftBehind: that its tab was closed
 */

/** Whether this tab leads or follows; see Tabs. Without tabs it is alone. */
export class TabRole {
  #tabs;
  #session;
  #page;

  /** @param {Tabs | undefined} tabs @param {Session} session @param {Page} page */
  constructor(tabs, session, page) {
    this.#tabs = tabs;
    this.#session = session;
    this.#page = page;
    if (!tabs) return;
    void tabs.found.then(() => this.tell(page.state));
    tabs.on("led", () => ["welcome", "refused"].includes(page.state.screen) && page.home());
    tabs.on("over", () => page.state.screen === "replaced" && page.home(true));
    tabs.on("closed", () => this.#inherit());
    tabs.on("taken", () => this.#taken());
  }

  /** @param {() => void} then  as soon as it is known whether another tab has a conversation */
  known(then) {
    if (this.#tabs) void this.#tabs.found.then(then);
    else then();
  }

  /** Tells the other tabs what this one leads. @param {CustomerState} state */
  tell({ screen, media, form }) {
    const { token } = this.#session;
    if (["welcome", "refused", "ended"].includes(screen)) this.release();
    else if (token && ["loading", "waiting", "call"].includes(screen))
      this.#tabs?.lead({ token, media: screen === "loading" ? form.media : media, screen, form });
  }

  release() {
    this.#tabs?.release();
  }

  /** @returns {boolean} whether another tab has a conversation: then this one says so */
  follows() {
    if (!this.#tabs?.leader) return false;
    this.#page.stepAside();
    if (this.#tabs.closed) this.#inherit();
    return true;
  }

  /** From now on this tab leads what another one did. */
  take() {
    const led = this.#tabs?.leader;
    if (!led) return;
    const { storage } = this.#session;
    storage.set("token", led.token);
    // As if it had been asked for here, also for the next page of this tab.
    storage.set("form", JSON.stringify(led.form));
    this.#page.suggest(led.form);
    this.#tabs?.lead(led);
  }

  /** The tab that led is closed. No camera is switched on here without being asked for. */
  #inherit() {
    const led = this.#tabs?.leader;
    if (!led || this.#page.state.screen !== "replaced") return;
    if (led.screen === "waiting" || led.media === "chat") this.#page.continueHere();
    else this.#page.leftBehind();
  }

  #taken() {
    this.#session.stop();
    // The next page of this tab shall follow, and not take it back.
    this.#session.storage.remove("token");
    this.#page.stepAside();
  }
}
