import { faultOf, tidyForm } from "../../../ui/customer/join-form.js";
import { hostAnswers, hostAttributes, hostIdentity, hostText } from "./host-facts.js";

/**
 * @import {CustomerApp} from "../customer-app.js"
 * @import {CustomerState} from "../../../ui/customer/state.js"
 * @import {SiteMemory} from "./site-memory.js"
 */

const HANDLE_MOST = 4096;
const LATER_MOST = 20;
/** @type {unknown[]} */
const MEDIA = ["video", "audio", "chat"];

/**
 * The iframe's end of the conversation with the host page (embed.js). Only the window that frames us is heard, and only
 * under the origin it first spoke with; who may frame us at all is decided by the frame-ancestors policy.
 *
 * Messages: {adminara: 1, command, value} inwards, {adminara: 1, event, detail} outwards. Neither the token nor what is
 * said goes out; `message` says only that there is one. `minimize`, `unfold`, `locale` (the visitor chose another
 * language) and `handle` (see SiteMemory) are for the loader; all other events are the site's too.
 */
export class Bridge {
  /** @type {string | null} */
  #origin = null;
  /** @type {{event: string, detail: unknown}[]} said before the host introduced itself */
  #early = [];
  /** @type {CustomerApp | null} */
  #app = null;
  /** @type {(locale: string) => void} */
  #setLocale = () => {};
  /** @type {SiteMemory | null} */
  #memory = null;
  /** Asked for while an earlier page's conversation was being looked for. @type {[string, any][]} */
  #later = [];
  /** The last status that the site was told. @type {string | null} */
  #told = null;
  /** Whether the site shows the frame: only the loader knows, to the frame it looks the same. */
  shown = false;

  /**
   * @param {CustomerApp} app
   * @param {(locale: string) => void} setLocale
   * @param {SiteMemory | null} [memory]
   */
  attach(app, setLocale, memory = null) {
    this.#app = app;
    this.#memory = memory;
    this.#setLocale = setLocale;
    app.on("change", ({ state, before }) => this.#tellChanges(state, before));
    app.on("host-fault", (/** @type {any} */ fault) => this.post("error", fault));
    app.on("message", () => this.post("message", { from: "operator" }));
    app.on("left-behind", () => this.post("unfold"));
    window.addEventListener("message", (event) => this.hear(event));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open]"))
        this.post("minimize");
    });
  }

  /** @param {string} event @param {unknown} [detail] */
  post(event, detail = {}) {
    if (this.#origin === null) this.#early.push({ event, detail });
    else window.parent.postMessage({ adminara: 1, event, detail }, this.#origin);
  }

  /** @param {MessageEvent} event */
  hear({ source, origin, data }) {
    if (source !== window.parent || data?.adminara !== 1 || origin === "null") return;
    this.#origin ??= origin;
    if (origin !== this.#origin) return;
    for (const { event, detail } of this.#early.splice(0)) this.post(event, detail);
    this.#obey(data.command, data.value);
  }

  /** @param {string} command @param {any} value */
  #obey(command, value) {
    const app = /** @type {CustomerApp} */ (this.#app);
    if (app.state.screen === "loading" && (command === "startCall" || command === "leaveQueue")) {
      if (this.#later.length < LATER_MOST) this.#later.push([command, value]);
      return;
    }
    switch (command) {
      case "configure":
        // Loaders that browsers kept from before do not say it.
        this.#show(app, value?.open !== false);
        setTheme(value?.theme);
        if (typeof value?.locale === "string") this.#setLocale(value.locale);
        this.#remember(app, value);
        return this.#tellAll(app.state);
      case "setLocale":
        if (typeof value === "string") this.#setLocale(value);
        return;
      case "page":
        app.page = value;
        return;
      case "setUser":
        return this.#setUser(app, value);
      case "setAttributes":
        return this.#setUser(app, { attributes: value });
      case "startCall":
        return this.#startCall(app, value ?? {});
      case "leaveQueue":
        if (app.state.screen === "waiting" || app.state.screen === "joining") app.leave();
        else if (app.state.screen === "call") app.hangUp();
        return;
      case "reset":
        app.visitor = {};
        return app.clear();
      case "shown":
        return this.#show(app, true);
      case "hidden":
        return this.#show(app, false);
    }
  }

  /** @param {CustomerApp} app @param {any} site  {keeps?: whether it can keep a handle, handle?: the one that it kept} */
  #remember(app, site) {
    const origin = /** @type {string} */ (this.#origin);
    const handle = site?.handle;
    if (typeof handle === "string" && handle !== "" && handle.length <= HANDLE_MOST) app.resumeWith({ handle, origin });
    if (site?.keeps === true) this.#memory?.use({ origin, keep: (fresh) => this.post("handle", { handle: fresh }) });
    else app.tellMemory();
  }

  /** @param {CustomerApp} app @param {boolean} shown */
  #show(app, shown) {
    this.shown = shown;
    if (shown) app.tellRead();
  }

  /** @param {import("./host-facts.js").Fault} fault */
  #fault = (fault) => this.post("error", fault);

  /** @param {CustomerApp} app @param {any} user  {name?, identity?}: identity is signed by the site's server */
  #setUser(app, user) {
    const name = hostText(user?.name, "name", this.#fault);
    const identity = hostIdentity(user?.identity, this.#fault);
    const attributes = hostAttributes(user?.attributes, app.visitor.attributes ?? {}, this.#fault);
    app.visitor = { ...app.visitor, ...(identity !== undefined && { identity }), attributes };
    app.suggest({ ...(name !== undefined && { name }), answers: hostAnswers(attributes, app.questions) });
  }

  /** @param {CustomerApp} app @param {any} wish  {name?, topic?, media?} */
  #startCall(app, { name, topic = "", media = "video" }) {
    const form = {
      ...app.state.form,
      name: hostText(name, "name", this.#fault) ?? app.state.form.name,
      topic: hostText(topic, "topic", this.#fault) ?? "",
      media: MEDIA.includes(media) ? media : "video",
    };
    if (!["welcome", "ended", "refused"].includes(app.state.screen)) return;
    if (form.name.trim() && !faultOf(tidyForm(form), app.questions, app.visitor.identity !== undefined)) app.join(form);
    else app.suggest(form);
  }

  /** @param {CustomerState} state */
  #tellAll(state) {
    this.#told = null;
    this.#tellStatus(state);
    if (state.unread) this.post("unread", { count: state.unread });
    if (state.screen === "waiting") this.post("queue-position", placeOf(state));
  }

  /** @param {CustomerState} state @param {CustomerState} before */
  #tellChanges(state, before) {
    // Once whoever changed the state is done with it.
    if (state.screen !== "loading")
      for (const [command, value] of this.#later.splice(0)) queueMicrotask(() => this.#obey(command, value));
    this.#tellStatus(state);
    if (state.unread !== before.unread) this.post("unread", { count: state.unread });
    this.#tellQueue(state, before);
    this.#tellCall(state, before);
  }

  /** @param {CustomerState} state */
  #tellStatus(state) {
    const status = statusOf(state);
    if (status === null || status === this.#told) return;
    this.#told = status;
    this.post("status-changed", { status });
  }

  /** @param {CustomerState} state @param {CustomerState} before */
  #tellQueue(state, before) {
    const waiting = state.screen === "waiting";
    if (waiting && before.screen !== "waiting")
      this.post("queue-joined", { conversation: state.conversation, ...placeOf(state) });
    if (waiting && (state.position !== before.position || state.waiting !== before.waiting))
      this.post("queue-position", placeOf(state));
    if (before.screen === "waiting" && state.screen === "ended")
      this.post("queue-left", { reason: state.ended?.reason });
    // That it is closed, a page that was only opened says to nobody but its visitor.
    if (state.screen === "refused" && before.screen !== "refused" && before.screen !== "loading")
      this.post("error", { code: state.refused?.code, message: state.refused?.message });
  }

  /** @param {CustomerState} state @param {CustomerState} before */
  #tellCall(state, before) {
    const inCall = state.screen === "call";
    if (inCall && (before.screen !== "call" || before.media !== state.media))
      this.post("call-started", { conversation: state.conversation, media: state.media });
    if (inCall && state.call.state === "reconnecting" && before.call.state !== "reconnecting")
      this.post("call-reconnecting");
    if (before.screen === "call" && state.screen === "ended") this.post("call-ended", state.ended);
  }
}

/**
 * @param {CustomerState} state
 * @returns {'idle' | 'joining' | 'waiting' | 'in-call' | 'ended' | 'elsewhere' | 'unavailable' | null} null: an earlier page's conversation
 *   is being looked for, and a site that took that for none would not look for it on its next page
 */
function statusOf({ screen, link }) {
  if (link === "unavailable" && screen !== "welcome") return "unavailable";
  if (screen === "loading") return null;
  /** @type {Record<string, 'idle' | 'joining' | 'waiting' | 'in-call' | 'ended' | 'elsewhere'>} */
  const names = { joining: "joining", waiting: "waiting", call: "in-call", ended: "ended", replaced: "elsewhere" };
  return names[screen] ?? "idle";
}

/** @param {CustomerState} state */
function placeOf({ position, waiting, estimate }) {
  return { position, waiting, estimate };
}

/** @param {unknown} theme */
function setTheme(theme) {
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}
