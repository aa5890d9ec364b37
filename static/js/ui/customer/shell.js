import { isSpoken, t } from "../../core/i18n.js";
import { iconButton } from "../shared/button.js";
import { h, show } from "../shared/dom.js";
import { LiveRegion } from "../shared/live-region.js";
import { Toasts } from "../shared/toast.js";
import { Banner } from "./banner.js";
import { CallView } from "./call-view.js";
import { EndedView, ReplacedView } from "./ended-view.js";
import { languageChoice } from "./language-choice.js";
import { RefusedView } from "./refused-view.js";
import { WaitingView } from "./waiting-view.js";
import { WelcomeView } from "./welcome-view.js";

/**
 * @import {CustomerState, Screen} from "./state.js"
 * @typedef {{element: HTMLElement, update: (state: CustomerState) => void, focus: () => void}} View
 * @import {Language} from "../../core/languages.js"
 * @import {OutputState} from "../../rtc/outputs.js"
 * @import {InputState} from "../../rtc/inputs.js"
 * @typedef {{local: MediaStream | null, remote: MediaStream | null}} Streams
 */

/** The frame around the views: head, banner, one view at a time, toasts. It draws the state and knows nothing else. */
export class Shell {
  #root;
  #actions;
  /** Both stand in the HTML, and the form in them: it stays where it is, as somebody may be typing in it. */
  #main;
  #loading;
  #welcome;
  /** @type {Banner} */
  #banner = new Banner();
  /** @type {Map<string, View>} */
  #views = new Map();
  /** @type {View | null} */
  #shown = null;
  /** @type {Streams} */
  #streams = { local: null, remote: null };
  /** @type {OutputState | null} */
  #outputs = null;
  /** @type {InputState | null} */
  #inputs = null;
  /** @type {HTMLElement | null} */
  #language = null;
  toasts;
  #live;

  /**
   * @param {HTMLElement} root
   * @param {any} actions  what the views can ask for (CustomerApp's methods, `switchLanguage`, `minimize`)
   * @param {{embedded: boolean, languages: Language[], lasts: boolean, byMail: boolean}} options
   *   lasts: a reload finds what was kept; byMail: a chat can be sent by e-mail
   */
  constructor(root, actions, { embedded, languages, lasts, byMail }) {
    this.#root = root;
    this.#actions = { ...actions, lasts, byMail, warn: this.#warn };
    this.embedded = embedded;
    this.languages = languages;
    this.#main = /** @type {HTMLElement} */ (root.querySelector(".ad-main"));
    this.#loading = /** @type {HTMLElement} */ (this.#main.querySelector(".ad-loading"));
    this.#welcome = new WelcomeView(/** @type {HTMLElement} */ (root.querySelector("#ad-welcome")), this.#actions);
    this.toasts = new Toasts(root, () => t("common.close"));
    this.#live = new LiveRegion(root);
  }

  #warn = (/** @type {string} */ text) => this.toasts.show(text, { tone: "danger" });

  /** Draws everything anew in the language in force. @param {CustomerState} state */
  relabel(state) {
    // The server's own button, too.
    const chosen = this.#root.querySelector(".ad-head .ad-aside")?.contains(document.activeElement);
    this.#views.clear();
    if (this.#shown !== this.#welcome) this.#shown = null;
    this.#welcome.relabel();
    this.#build();
    this.update(state);
    if (chosen) this.#language?.focus();
  }

  /** @param {CustomerState} state */
  update(state) {
    document.documentElement.dataset.screen = state.screen;
    // What the server wrote stays until there are texts.
    if (!isSpoken()) return;
    this.#banner.update(state);
    show(this.#loading, state.screen === "loading");
    const view = this.#viewOf(state.screen);
    const changed = view !== this.#shown;
    const first = this.#shown === null;
    if (changed) this.#swap(view);
    // In the page before it is drawn: what has no size yet cannot be scrolled to its end.
    for (const known of this.#views.values()) known.update(state);
    // The focus follows to the new view, so that the keyboard and the screen reader are where the page is.
    const typing = view?.element.contains(document.activeElement);
    if (changed && view && !typing && !(first && document.activeElement === document.body)) view.focus();
  }

  /** @param {Streams} streams */
  setStreams(streams) {
    this.#streams = streams;
    const view = this.#views.get("call");
    if (view instanceof CallView) this.#showStreams(view);
  }

  /** @param {OutputState} outputs */
  setOutputs(outputs) {
    this.#outputs = outputs;
    const view = this.#views.get("call");
    if (view instanceof CallView) view.outputs.update(outputs);
  }

  /** @param {InputState} inputs */
  setInputs(inputs) {
    this.#inputs = inputs;
    for (const view of this.#views.values()) this.#showInputs(view);
  }

  /** The microphone's level, for a picker that is open. @param {number | null} level */
  setLevel(level) {
    const view = this.#views.get("call");
    if (view instanceof CallView) view.inputs.setLevel(level);
  }

  /** The checklist of the waiting view, while there is one. */
  get preflight() {
    const view = this.#views.get("waiting");
    return view instanceof WaitingView ? view.preflight : null;
  }

  /** @param {string} text @param {{urgent?: boolean}} [options] */
  say(text, options) {
    this.#live.say(text, options);
  }

  #build() {
    this.#banner = new Banner();
    this.#language = languageChoice(this.languages, this.#actions.switchLanguage);
    this.#loading.textContent = t("customer.loading");
    const buttons = [
      this.#language,
      this.embedded && iconButton({ icon: "minimize", label: t("customer.minimize") }, () => this.#actions.minimize()),
    ];
    const head = h(
      "header",
      { class: "ad-head" },
      h(
        "span",
        { class: "ad-brand" },
        h("img", { src: this.#root.dataset.logo, alt: "", width: 28, height: 28 }),
        "Adminara",
      ),
      h("div", { class: "ad-head__buttons" }, ...buttons),
    );
    for (const old of this.#root.querySelectorAll(":scope > :is(.ad-head, .ad-banner)")) old.remove();
    this.#root.prepend(head, this.#banner.element);
  }

  /** @param {Screen} screen @returns {View | null} */
  #viewOf(screen) {
    const name = screen === "joining" ? "welcome" : screen;
    if (name === "loading") return null;
    const known = this.#views.get(name);
    if (known) return known;
    const view = this.#create(name);
    this.#views.set(name, view);
    if (view instanceof CallView) this.#showStreams(view);
    this.#showInputs(view);
    return view;
  }

  /** @param {string} name @returns {View} */
  #create(name) {
    switch (name) {
      case "waiting":
        return new WaitingView(this.#actions);
      case "refused":
        return new RefusedView(this.#actions);
      case "call":
        return new CallView(this.#actions);
      case "ended":
        return new EndedView(this.#actions);
      case "replaced":
        return new ReplacedView(this.#actions);
      default:
        return this.#welcome;
    }
  }

  /** @param {View | null} view */
  #swap(view) {
    this.#shown = view;
    const kept = [this.#loading, view?.element];
    for (const old of [...this.#main.children]) if (!kept.includes(/** @type {HTMLElement} */ (old))) old.remove();
    if (view && !this.#main.contains(view.element)) this.#main.append(view.element);
  }

  /** @param {View} view */
  #showInputs(view) {
    if (!this.#inputs) return;
    if (view instanceof CallView) view.inputs.update(this.#inputs);
    if (view instanceof WaitingView) view.preflight.inputs.update(this.#inputs);
  }

  /** @param {CallView} view */
  #showStreams(view) {
    this.#actions.plays(view.stage.remote);
    if (this.#outputs) view.outputs.update(this.#outputs);
    view.stage.showLocal(this.#streams.local);
    if (this.#streams.remote) view.stage.setRemote(this.#streams.remote);
    else view.stage.clear();
  }
}
