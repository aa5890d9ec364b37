import { t } from "../../core/i18n.js";
import { button, iconButton } from "../shared/button.js";
import { OutputPicker } from "../shared/call/output-picker.js";
import { h, setAttribute, setText, show } from "./dom.js";
import { icon, setIcon } from "./icons.js";
import { PushOption } from "./push-option.js";
import { shortcutsOf } from "./shortcuts.js";

/** @import {Preferences} from "./prefs.js" */

/**
 * @typedef {{video: boolean, transfer: boolean}} Offers  what this installation has, and not switched off
 * @typedef {{get: (name: keyof Preferences) => boolean, set: (name: keyof Preferences, value: boolean) => void,
 *   unlock: () => void, test: () => void, offers: Offers, push: import("./push-option.js").PushActions, output: import("../shared/call/output-picker.js").OutputActions & {toggle: () => void}}} MenuActions
 */

/** The list of keys, in a dialog of its own. @param {Offers} offers */
export function helpDialog(offers) {
  const rows = shortcutsOf(offers).map(([key, name]) =>
    h(
      "div",
      { class: "ad-help-row" },
      h("dt", {}, h("kbd", {}, key.toUpperCase())),
      h("dd", {}, t(`console.help.${name}`)),
    ),
  );
  const dialog = h(
    "dialog",
    {
      class: "ad-dialog ad-help",
      "aria-labelledby": "console-help-title",
      onclick: (/** @type {Event} */ event) => event.target === dialog && dialog.close(),
    },
    h(
      "div",
      { class: "ad-help-body" },
      h("h2", { id: "console-help-title", class: "ad-dialog__title" }, t("console.help.title")),
      h("p", { class: "ad-quiet" }, t("console.help.text")),
      h("dl", { class: "ad-help-keys" }, ...rows),
      h("form", { method: "dialog" }, h("button", { class: "ad-button ad-button--quiet" }, t("console.help.close"))),
    ),
  );
  return dialog;
}

/** Sound chip, settings and help at the right of the bar. */
export class MenuView {
  /** @param {MenuActions} actions */
  constructor(actions) {
    this.actions = actions;
    this.soundIcon = icon("bell-off");
    this.soundText = h("span");
    this.sound = button(
      { kind: "quiet", class: "ad-sound-chip" },
      () => actions.unlock(),
      this.soundIcon,
      this.soundText,
    );
    this.help = helpDialog(actions.offers);
    this.denied = h("p", { class: "ad-quiet", hidden: true }, t("console.settings.notify-denied"));
    this.outputs = new OutputPicker(actions.output);
    this.swap = button(
      { kind: "quiet", hidden: true },
      () => actions.output.toggle(),
      icon("swap"),
      t("console.output.toggle"),
    );
    this.push = new PushOption(actions.push);
    this.settings = this.makeSettings();
    this.element = h(
      "div",
      { class: "ad-menu" },
      this.sound,
      this.opener("settings", "console.settings", () => this.openSettings()),
      this.opener("keyboard", "console.shortcuts", () => this.openHelp()),
      this.settings,
      this.help,
    );
  }

  /**
   * @param {string} iconName
   * @param {string} label
   * @param {() => void} press
   */
  opener(iconName, label, press) {
    return iconButton({ icon: iconName, label: t(label), title: t(label) }, press);
  }

  openSettings() {
    this.settings.togglePopover();
    void this.push.look();
  }

  openHelp() {
    if (this.help.open) {
      this.help.close();
    } else {
      this.help.showModal();
    }
  }

  makeSettings() {
    return h(
      "div",
      { class: "ad-panel ad-popover ad-settings", popover: "auto", "aria-label": t("console.settings") },
      h("h2", {}, t("console.settings")),
      this.choice("sound", "console.settings.sound"),
      this.choice("notify", "console.settings.notify"),
      this.denied,
      ...this.push.elements,
      this.choice("keys", "console.settings.keys"),
      ...(this.actions.offers.video
        ? [
            this.choice("camera", "console.settings.camera"),
            this.choice("cameraWaits", "console.settings.camera-waits"),
          ]
        : []),
      button({ kind: "quiet" }, () => this.actions.test(), icon("bell"), t("console.settings.test")),
      this.outputs.element,
      this.swap,
    );
  }

  /**
   * @param {keyof Preferences} name
   * @param {string} label
   */
  choice(name, label) {
    const box = h("input", { type: "checkbox", name, onchange: () => this.choose(name, box) });
    box.checked = this.actions.get(name);
    return h("label", { class: "ad-option" }, box, h("span", {}, t(label)));
  }

  /**
   * @param {keyof Preferences} name
   * @param {HTMLInputElement} box
   */
  async choose(name, box) {
    if (name === "notify" && box.checked && "Notification" in window) {
      const allowed = (await Notification.requestPermission()) === "granted";
      box.checked = allowed;
      show(this.denied, !allowed);
    }
    this.actions.set(name, box.checked);
  }

  /** @param {import("../../rtc/devices/outputs.js").OutputState} state */
  showOutputs(state) {
    this.outputs.update(state);
    show(this.swap, state.state !== "none" && state.outputs.length > 1);
  }

  /**
   * @param {{wanted: boolean, unlocked: boolean}} sound
   */
  update({ wanted, unlocked }) {
    const asks = wanted && !unlocked;
    setAttribute(this.sound, "data-asks", asks);
    setIcon(this.soundIcon, wanted && unlocked ? "bell" : "bell-off");
    setText(this.soundText, t(asks ? "console.sound.enable" : wanted ? "console.sound.on" : "console.sound.off"));
  }
}
