import { t } from "../../../core/i18n.js";
import { button } from "../../shared/button.js";
import { h, setAttribute, setText, show } from "../dom.js";
import { icon, setIcon } from "../icons.js";
import { isOver } from "../reduce.js";

/**
 * @import {ConsoleState} from "../state.js"
 * @typedef {"mute"|"camera"|"share"|"float"|"restart"|"audio-only"|"open-chat"|"voice"|"picture"|"transfer"|"end"} ControlName
 */

/**
 * @param {string} name
 * @param {string} iconName
 * @param {() => void} press
 */
function control(name, iconName, press) {
  const sign = icon(iconName);
  const word = h("span", { class: "ad-call-control-word" });
  const short = h("span", { class: "ad-call-control-short" });
  const element = h(
    "button",
    { class: "ad-call-control", type: "button", "data-control": name, onclick: press },
    sign,
    word,
    short,
  );
  return { button: element, sign, word, short };
}

/**
 * @param {ReturnType<typeof control>} part
 * @param {{icon?: string, label: string, word: string, pressed?: boolean}} look word: the label where there is no room
 */
function dress(part, look) {
  if (look.icon) {
    setIcon(part.sign, look.icon);
  }
  // Its name is what can be read on it, so that who speaks to the machine can press it; where nothing can, the title.
  setAttribute(part.button, "title", look.label);
  setText(part.word, look.label);
  setText(part.short, look.word);
  if (look.pressed !== undefined) {
    setAttribute(part.button, "data-on", look.pressed ? "true" : "false");
  }
}

/** The buttons of a running conversation; ending it asks once, in place. */
export class ControlsView {
  /**
   * @param {Record<ControlName, () => void>} actions
   * @param {import("./devices-view.js").DevicesView} devices
   */
  constructor(actions, devices) {
    this.devicesView = devices;
    this.mute = control("mute", "mic", actions.mute);
    this.camera = control("camera", "video", actions.camera);
    this.share = control("share", "screen", actions.share);
    this.float = control("float", "picture-in-picture", actions.float);
    this.devices = control("devices", "settings", () => devices.toggle());
    this.restart = control("restart", "refresh", actions.restart);
    this.audioOnly = control("audio-only", "phone", actions["audio-only"]);
    this.openChat = control("open-chat", "chat", actions["open-chat"]);
    this.voice = control("voice", "phone", actions.voice);
    this.picture = control("picture", "video", actions.picture);
    this.transfer = control("transfer", "people", actions.transfer);
    this.end = control("end", "hang-up", () => this.askEnd(Boolean(this.confirm.hidden)));
    this.end.button.classList.add("ad-call-control-end");
    /** @type {string|null} whose buttons these are */
    this.conversation = null;
    this.question = h("p", { id: "console-end-question" });
    this.yes = button({ kind: "danger" }, () => this.confirmEnd(actions.end), t("console.end.yes"));
    this.confirm = h(
      "div",
      {
        class: "ad-panel ad-confirm",
        role: "alertdialog",
        "aria-labelledby": "console-end-question",
        hidden: true,
        onkeydown: (/** @type {KeyboardEvent} */ event) => event.key === "Escape" && this.askEnd(false),
      },
      this.question,
      h(
        "div",
        { class: "ad-confirm-buttons" },
        this.yes,
        button({ kind: "quiet" }, () => this.askEnd(false), t("console.end.no")),
      ),
    );
    this.element = h(
      "div",
      { class: "ad-call-controls", role: "toolbar", "aria-label": t("console.controls") },
      h(
        "div",
        { class: "ad-call-controls-group" },
        this.mute.button,
        this.camera.button,
        this.share.button,
        this.float.button,
        this.devices.button,
        devices.element,
      ),
      h(
        "div",
        { class: "ad-call-controls-group" },
        this.restart.button,
        this.audioOnly.button,
        this.openChat.button,
        this.voice.button,
        this.picture.button,
        this.transfer.button,
      ),
      h("div", { class: "ad-call-controls-group ad-call-controls-group-end" }, this.end.button, this.confirm),
    );
  }

  /** @param {boolean} asked */
  askEnd(asked) {
    show(this.confirm, asked);
    setAttribute(this.end.button, "aria-expanded", asked ? "true" : "false");
    if (asked) {
      this.yes.focus();
    } else if (this.confirm.contains(document.activeElement) || document.activeElement === document.body) {
      this.end.button.focus();
    }
  }

  /** @param {() => void} end */
  confirmEnd(end) {
    this.askEnd(false);
    end();
  }

  /** @param {ConsoleState} state */
  update(state) {
    const active = state.phase === "active" && state.customer !== null;
    show(this.element, active);
    if (!active || !state.customer) {
      show(this.confirm, false);
      this.devicesView.close();
      return;
    }
    const { conversation } = state.customer;
    // Asked about one customer, it is no question about the next: after a gap there may be another one at once.
    if (conversation !== this.conversation && !this.confirm.hidden) this.askEnd(false);
    this.conversation = conversation;
    const name = state.customer.name || t("console.customer.unnamed");
    setText(this.question, t("console.end.confirm", { name }));
    this.updateDevices(state);
    this.updateConnection(state);
    this.updateShown(state, state.customer.media);
  }

  /** @param {ConsoleState} state */
  updateDevices(state) {
    const noMicrophone = state.mediaError !== null && state.mediaError !== "camera";
    const silent = state.muted || noMicrophone;
    dress(this.mute, {
      icon: silent ? "mic-off" : "mic",
      word: t("console.mute.short"),
      label: t(silent ? "console.unmute" : "console.mute"),
      pressed: !silent,
    });
    this.mute.button.disabled = noMicrophone;
    const dark = state.cameraOff && !state.opening;
    dress(this.camera, {
      icon: dark ? "video-off" : "video",
      word: t("console.camera.short"),
      label: cameraWords(state),
      pressed: !dark,
    });
    this.camera.button.disabled = state.opening;
    const share = state.sharing ? "share-stop" : "share";
    dress(this.share, {
      icon: state.sharing ? "screen-off" : "screen",
      word: t("console.share.short"),
      label: t(`console.${share}`),
    });
    dress(this.devices, { label: t("common.devices"), word: t("common.devices") });
    dress(this.float, { label: t("console.float"), word: t("console.float.short") });
  }

  /** @param {ConsoleState} state */
  updateConnection(state) {
    dress(this.restart, { label: t("console.restart"), word: t("console.restart.short") });
    const back = state.audioOnly ? "video-again" : "audio-only";
    dress(this.audioOnly, {
      icon: state.audioOnly ? "video" : "phone",
      label: t(`console.${back}`),
      word: t(`console.${back}.short`),
    });
    dress(this.openChat, { label: t("console.open-chat"), word: t("console.open-chat.short") });
    dress(this.transfer, { label: t("console.transfer"), word: t("console.transfer.short") });
    dress(this.end, { label: t(state.ending ? "console.ending" : "console.end"), word: t("console.end.short") });
    for (const [name, part] of Object.entries({ voice: this.voice, picture: this.picture })) {
      dress(part, { label: t(`console.invite.${name}`), word: t(`console.invite.${name}.short`) });
    }
    for (const part of [this.restart, this.audioOnly, this.openChat, this.voice, this.picture, this.transfer]) {
      part.button.disabled = state.connection !== "online";
    }
    this.end.button.disabled = state.ending || isOver(state.connection);
  }

  /**
   * @param {ConsoleState} state
   * @param {string} media
   */
  updateShown(state, media) {
    show(this.mute.button, media !== "chat");
    show(this.devices.button, media !== "chat");
    show(this.camera.button, media === "video" && !state.audioOnly);
    show(
      this.share.button,
      media === "video" && !state.audioOnly && typeof navigator.mediaDevices?.getDisplayMedia === "function",
    );
    show(this.float.button, media === "video" && state.remoteVideo && document.pictureInPictureEnabled === true);
    show(this.restart.button, media !== "chat");
    show(this.audioOnly.button, media === "video");
    // A conversation of chat alone has it open already.
    show(this.openChat.button, media !== "chat");
    const may = media === "chat" && state.offersCalls && state.invitation === null;
    show(this.voice.button, may);
    show(this.picture.button, may && state.offersVideo);
    show(this.transfer.button, state.transfers);
  }
}

/**
 * @param {Pick<ConsoleState, "opening" | "cameraOff">} state
 * @returns {string} how one's own camera is, and what a press does
 */
export function cameraWords({ opening, cameraOff }) {
  if (opening) return t("console.camera-opening");
  return t(cameraOff ? "console.camera-on" : "console.camera-off");
}
