import { getLocale, isSpoken, t } from "../../core/i18n.js";
import { show } from "../shared/dom.js";
import { LiveRegion } from "../shared/live-region.js";
import { Toasts } from "../shared/toast.js";
import { Banner } from "./banner.js";
import { CallView } from "./call/call-view.js";
import { ComingView } from "./end/coming-view.js";
import { WaitingView } from "./waiting/waiting-view.js";
import { WelcomeView } from "./welcome-view.js";

/**
 * @import {CustomerState, Screen} from "./state.js"
 * @typedef {{element: HTMLElement, update: (state: CustomerState) => void, focus: () => void}} View
 * @typedef {new (actions: any) => View} ViewClass
 * @typedef {{EndedView: ViewClass, RefusedView: ViewClass, ReplacedView: ViewClass}} EndViews
 * @typedef {EndViews & {tellClosing: typeof import("./end/closing.js").tellClosing}} EndPart
 * @import {LaterPart} from "../../core/later.js"
 * @import {Language} from "../../core/languages.js"
 * @import {OutputState} from "../../rtc/devices/outputs.js"
 * @import {InputState} from "../../rtc/devices/inputs.js"
 * @typedef {{local: MediaStream | null, remote: MediaStream | null}} Streams
 */

/** The view of each screen that comes later: of what is no conversation (any more). @type {Partial<Record<Screen, keyof EndViews>>} */
const ENDS = { ended: "EndedView", refused: "RefusedView", replaced: "ReplacedView" };

/** The frame around the views: head, banner, one view at a time, toasts. It draws the state and knows nothing else. */
export class Shell {
  #actions;
  /** They stand in the HTML, and the form in them: it stays where it is, as somebody may be typing in it. */
  #head;
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
  #end;
  #asked = false;
  #lacksEnd = false;
  /** @type {CustomerState | null} */
  #state = null;
  toasts;
  #live;

  /**
   * @param {HTMLElement} root
   * @param {any} actions  what the views can ask for (CustomerApp's methods)
   * @param {{end: LaterPart<EndPart>, languages: Language[], lasts: boolean, byMail: boolean}} options
   *   end: the views of ENDS come later; lasts: a reload finds what was kept; byMail: a chat can be sent by e-mail
   */
  constructor(root, actions, { end, languages, lasts, byMail }) {
    this.#actions = { ...actions, lasts, byMail, warn: this.#warn };
    this.#end = end;
    this.languages = languages;
    this.#head = /** @type {HTMLElement} */ (root.querySelector(".ad-head"));
    this.#main = /** @type {HTMLElement} */ (root.querySelector(".ad-main"));
    this.#loading = /** @type {HTMLElement} */ (this.#main.querySelector(".ad-loading"));
    this.#welcome = new WelcomeView(/** @type {HTMLElement} */ (root.querySelector("#ad-welcome")), this.#actions);
    this.toasts = new Toasts(root, () => t("common.close"));
    this.#live = new LiveRegion(root);
  }

  #warn = (/** @type {string} */ text) => this.toasts.show(text, { tone: "danger" });

  /** Draws everything anew in the language in force. @param {CustomerState} state */
  relabel(state) {
    this.#views.clear();
    if (this.#shown !== this.#welcome) this.#shown = null;
    this.#welcome.relabel();
    this.#build();
    this.update(state);
  }

  /** @param {CustomerState} state */
  update(state) {
    this.#state = state;
    document.documentElement.dataset.screen = state.screen;
    // What the server wrote stays until there are texts.
    if (!isSpoken()) return;
    this.#banner.update(state);
    const view = this.#viewOf(state.screen);
    show(this.#loading, view === null);
    const changed = view !== this.#shown;
    const first = this.#shown === null;
    if (changed) this.#swap(view);
    // In the page before it is drawn: what has no size yet cannot be scrolled to its end.
    for (const known of this.#views.values()) known.update(state);
    // The focus follows to the next view, so that the keyboard and the screen reader are where the page is. With the
    // first one it stays: whoever has it has been here before these scripts, or chooses a language.
    const typing = view?.element.contains(document.activeElement);
    if (changed && view && !first && !typing) view.focus();
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
    if (view instanceof CallView) view.setOutputs(outputs);
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
    const banner = new Banner();
    this.#banner.element.remove();
    this.#head.after(banner.element);
    this.#banner = banner;
    this.#loading.textContent = t("customer.loading");
    this.#head.querySelector('[data-press="minimize"]')?.setAttribute("aria-label", t("customer.minimize"));
    this.#labelLanguages();
  }

  /** Of two languages a button names the other one; of more there is a list. The server wrote either. */
  #labelLanguages() {
    const choice = this.#head.querySelector(".ad-aside");
    if (choice instanceof HTMLSelectElement) {
      choice.value = getLocale();
      choice.setAttribute("aria-label", t("common.language"));
    } else if (choice instanceof HTMLElement) {
      const other = this.languages.find(({ code }) => code !== getLocale()) ?? this.languages[0];
      choice.lang = other.code;
      choice.dataset.press = `language:${other.code}`;
      /** @type {ChildNode} */ (choice.lastChild).textContent = other.name;
    }
  }

  /** @param {Screen} screen @returns {View | null} */
  #viewOf(screen) {
    const name = screen === "joining" ? "welcome" : screen in ENDS && !this.#end.module ? this.#lacking() : screen;
    if (name === "loading") return null;
    const known = this.#views.get(name);
    if (known) return known;
    const view = this.#create(name);
    this.#views.set(name, view);
    if (view instanceof CallView) this.#showStreams(view);
    this.#showInputs(view);
    return view;
  }

  /** Instead of a view that comes later: that it is being fetched, or that it does not come. */
  #lacking() {
    if (!this.#asked) void this.#askForEnd();
    return this.#lacksEnd ? "coming" : "loading";
  }

  async #askForEnd() {
    this.#asked = true;
    const redraw = () => this.#state && this.update(this.#state);
    const came = await this.#end.insist(() => {
      this.#lacksEnd = true;
      redraw();
    });
    this.#asked = false;
    if (came) redraw();
  }

  /** @param {string} name @returns {View} */
  #create(name) {
    const end = ENDS[/** @type {Screen} */ (name)];
    if (end) return new /** @type {EndPart} */ (this.#end.module)[end](this.#actions);
    switch (name) {
      case "waiting":
        return new WaitingView(this.#actions, this.#end);
      case "call":
        return new CallView(this.#actions);
      case "coming":
        return new ComingView(this.#actions);
      default:
        return this.#welcome;
    }
  }

  /** @param {View | null} view */
  #swap(view) {
    this.#shown = view;
    // Whether to leave what is over is no question any more; it would stand before a call that has begun.
    document.querySelector("dialog .ad-button--danger")?.closest("dialog")?.close();
    const kept = [this.#loading, view?.element];
    for (const old of [...this.#main.children]) if (!kept.includes(/** @type {HTMLElement} */ (old))) old.remove();
    if (view && !this.#main.contains(view.element)) this.#main.append(view.element);
  }

  /** @param {View} view */
  #showInputs(view) {
    if (!this.#inputs) return;
    if (view instanceof CallView) view.inputs.update(this.#inputs);
    if (view instanceof WaitingView) view.preflight.updateInputs(this.#inputs);
  }

  /** @param {CallView} view */
  #showStreams(view) {
    this.#actions.plays(view.stage.remote);
    if (this.#outputs) view.setOutputs(this.#outputs);
    view.stage.showLocal(this.#streams.local);
    if (this.#streams.remote) view.stage.setRemote(this.#streams.remote);
    else view.stage.clear();
  }
}
