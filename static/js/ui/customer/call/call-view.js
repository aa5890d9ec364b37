import { t } from "../../../core/i18n.js";
import { InputPicker } from "../../shared/call/input-picker.js";
import { grade, QualityBar } from "../../shared/call/quality-bar.js";
import { ReconnectView } from "../../shared/call/reconnect-view.js";
import { noticeOf } from "../../shared/call/trouble.js";
import { VideoStage } from "../../shared/call/video-stage.js";
import { ask } from "../../shared/dialog.js";
import { h, setText, show } from "../../shared/dom.js";
import { icon, setIcon } from "../../shared/icons.js";
import { Timer } from "../../shared/timer.js";
import { ChatPanel } from "./chat-panel.js";

/**
 * @import {CustomerState} from "../state.js"
 * @import {OutputState} from "../../../rtc/devices/outputs.js"
 * @import {Notice} from "../../shared/call/trouble.js"
 * @import {NoticeWords} from "../../shared/call/reconnect-view.js"
 */

/**
 * @typedef {{
 *   toggleMute: () => void, toggleCamera: () => void, toggleShare: () => void, hangUp: () => void, goBack: () => void, toggleChat: (open?: boolean) => void,
 *   sendChat: (text: string) => void, typing: (on: boolean) => void, takeBack: (key: string) => string, preview?: (text: string) => void, serverNow: () => number,
 *   output: import("../../shared/call/output-picker.js").OutputActions, input: import("../../shared/call/input-picker.js").InputActions,
 *   bringPicker: () => Promise<typeof import("../../shared/call/output-picker.js").OutputPicker | undefined>, watchLevel: (on: boolean) => void, invitations: (places: {offers: HTMLElement, card: HTMLElement}, state: CustomerState) => void,
 *   drafts: import("../../../core/drafts.js").Drafts, extras: import("../../shared/chat/chat-log.js").Extras & import("../../shared/chat/composer.js").Attaching,
 * }} CallActions
 */

/** In the call: the peer's picture, the own one, the controls, the chat. With media "chat" only the chat. */
export class CallView {
  stage = new VideoStage({ unlockLabel: t("customer.call.unlock"), localLabel: t("customer.call.you") });
  #title = h("h1", { class: "ad-call__peer", tabindex: "-1", dir: "auto" });
  #time = h("time", { class: "ad-call__time" });
  #timer;
  #quality = new QualityBar();
  #status = h("p", { class: "ad-call__status", role: "status" });
  #reconnect;
  #peerName = "";
  #mute;
  #camera;
  #share;
  #float;
  #devices;
  #output;
  #bringPicker;
  /** Comes with the first look at the devices. @type {import("../../shared/call/output-picker.js").OutputPicker | null} */
  #picker = null;
  /** @type {OutputState | null} */
  #outputs = null;
  #lists;
  inputs;
  #chat;
  #badge = h("span", { class: "ad-badge", "aria-hidden": "true" });
  #panel;
  #chatWasOpen = false;
  /** Filled in a chat that may become a call. */
  #invitations = { offers: h("div", { class: "ad-offers" }), card: h("div", { hidden: true }) };
  #drawInvitations;
  element;

  /** @param {CallActions} actions */
  constructor(actions) {
    this.#timer = new Timer(this.#time, actions.serverNow);
    this.#panel = new ChatPanel(actions);
    this.#drawInvitations = actions.invitations;
    this.#reconnect = new ReconnectView({
      words: (notice) => reconnectWords(notice, this.#peerName),
      now: actions.serverNow,
      act: () => actions.goBack(),
    });
    this.#mute = control("mic", () => actions.toggleMute());
    this.#camera = control("video", () => actions.toggleCamera());
    this.#share = control("screen", () => actions.toggleShare());
    this.#float = control("picture-in-picture", () => void this.stage.toggleFloat());
    this.#float.classList.add("ad-control--small");
    label(this.#float, t("customer.call.float"));
    this.#output = actions.output;
    this.#bringPicker = actions.bringPicker;
    this.inputs = new InputPicker(actions.input);
    this.#lists = h("div", { class: "ad-devices" }, this.inputs.element);
    const look = (/** @type {ToggleEvent} */ event) => {
      const open = event.newState === "open";
      actions.watchLevel(open);
      if (open) void this.#pick();
    };
    const menu = h(
      "div",
      {
        class: "ad-panel ad-popover ad-output-menu",
        popover: "auto",
        "aria-label": t("common.devices"),
        ontoggle: look,
      },
      this.#lists,
    );
    this.#devices = control("settings", () => menu.togglePopover());
    this.#devices.classList.add("ad-control--small");
    label(this.#devices, t("common.devices"));
    this.#chat = control("chat", () => actions.toggleChat());
    this.#chat.append(this.#badge);
    const hangUp = control("hang-up", () => void confirmHangUp(actions));
    hangUp.classList.add("ad-control--danger");
    label(hangUp, t("customer.call.hangUp"));
    this.element = h(
      "section",
      { class: "ad-call ad-view" },
      h(
        "div",
        { class: "ad-call__main" },
        h(
          "header",
          { class: "ad-call__bar" },
          h("div", { class: "ad-call__who" }, this.#title, this.#time),
          h(
            "div",
            { class: "ad-call__marks" },
            this.#invitations.offers,
            this.#devices,
            menu,
            this.#float,
            this.#quality.element,
          ),
        ),
        this.stage.element,
        this.#reconnect.element,
        this.#status,
        h(
          "div",
          { class: "ad-controls", role: "toolbar", "aria-label": t("customer.call.controls") },
          this.#mute,
          this.#camera,
          this.#share,
          this.#chat,
          hangUp,
        ),
      ),
      this.#panel.element,
    );
    this.#panel.composer.element.before(this.#invitations.card);
    this.#panel.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !this.#chat.hidden) {
        event.preventDefault(); // one press closes one thing: not the widget too
        actions.toggleChat(false);
        this.#chat.focus();
      }
    });
  }

  /** @param {CustomerState} state */
  update(state) {
    const { peer, media, call, chatOpen } = state;
    const inCall = state.screen === "call";
    this.#peerName = peer.name;
    this.#reconnect.update(
      inCall ? noticeOf({ own: call.trouble, peer: call.peerTrouble, awayAt: peer.awayAt }) : null,
    );
    if (!inCall) return this.#timer.stop();
    const called = this.element.dataset.media === "chat" && media !== "chat";
    this.element.dataset.media = media;
    this.element.dataset.chat = chatOpen ? "open" : "closed";
    setText(this.#title, peer.name);
    this.#timer.start(state.since);
    // While nothing arrives the last good figure would lie.
    this.#quality.update(call.state === "connected" ? call.quality : call.state === "connecting" ? null : 1);
    show(this.#quality.element, media !== "chat");
    this.stage.setPeer(peer.name, stageNote(state));
    this.stage.showRemoteVideo(call.remoteVideo);
    show(this.#devices, media !== "chat");
    show(this.#float, media === "video" && this.stage.canFloat);
    this.element.dataset.grade = signalGrade(state);
    const status = statusText(state);
    setText(this.#status, status);
    show(this.#status, status !== "");
    this.#drawControls(state);
    show(this.#panel.element, chatOpen);
    this.#panel.update(state);
    this.#drawInvitations(this.#invitations, state);
    if (chatOpen && !this.#chatWasOpen) this.#panel.opened();
    this.#chatWasOpen = chatOpen;
    // A chat that became a call: the button that was pressed for it is gone.
    if (called && !this.#panel.element.contains(document.activeElement)) this.#title.focus({ preventScroll: true });
  }

  /** @param {OutputState} outputs */
  setOutputs(outputs) {
    this.#outputs = outputs;
    this.#picker?.update(outputs);
  }

  /** Shows where the sound is heard, beside the inputs. */
  async #pick() {
    const OutputPicker = this.#picker ? undefined : await this.#bringPicker();
    if (!OutputPicker || this.#picker) return;
    this.#picker = new OutputPicker(this.#output);
    if (this.#outputs) this.#picker.update(this.#outputs);
    this.#lists.append(this.#picker.element);
  }

  focus() {
    if (this.#chatWasOpen) this.#panel.composer.focus();
    else this.#title.focus({ preventScroll: true });
  }

  /** @param {CustomerState} state */
  #drawControls({ media, call, chatOpen, unread }) {
    show(this.#mute, media !== "chat" && call.microphone);
    show(this.#camera, media === "video");
    show(this.#share, media === "video" && canShareScreen());
    show(this.#chat, media !== "chat");
    this.#share.classList.toggle("ad-control--on", call.sharing);
    setIcon(this.#share, call.sharing ? "screen-off" : "screen");
    label(this.#share, t(call.sharing ? "customer.call.shareStop" : "customer.call.share"));
    toggle(
      this.#mute,
      call.muted,
      call.muted ? "mic-off" : "mic",
      t(call.muted ? "customer.call.unmute" : "customer.call.mute"),
    );
    const dark = call.cameraOff && !call.opening;
    toggle(this.#camera, dark, dark ? "video-off" : "video", cameraWords(call));
    this.#camera.disabled = call.opening;
    label(this.#chat, unread ? t("customer.call.chatUnread", { n: unread }) : t("customer.call.chat"));
    this.#chat.setAttribute("aria-expanded", String(chatOpen));
    this.#chat.classList.toggle("ad-control--on", chatOpen);
    setText(this.#badge, String(unread));
    show(this.#badge, unread > 0);
  }
}

/** @param {string} name @param {() => void} act */
function control(name, act) {
  return h("button", { type: "button", class: "ad-control", onclick: act }, icon(name));
}

/** @param {HTMLElement} button @param {string} words */
function label(button, words) {
  button.setAttribute("aria-label", words);
  button.title = words;
}

/** @param {HTMLElement} button @param {boolean} off @param {string} name @param {string} words  says what a press does */
function toggle(button, off, name, words) {
  button.classList.toggle("ad-control--off", off);
  setIcon(button, name);
  label(button, words);
}

/** @param {CustomerState} state  what stands under the initials while there is no picture */
export function stageNote({ call, media, peer }) {
  if (peer.presence === "left") return t("customer.call.peerLeft", { name: peer.name });
  if (call.state !== "connected") return t(`customer.call.${call.state}`);
  if (media === "audio") return t("customer.call.audioOnly");
  return t(call.settled ? "customer.call.noPicture" : "customer.call.pictureDue");
}

/**
 * The words on the button of one's own camera: what a press does, or that it is not there yet.
 * @param {Pick<CustomerState['call'], 'opening' | 'cameraOff'>} call
 */
export function cameraWords({ opening, cameraOff }) {
  if (opening) return t("customer.call.cameraOpening");
  return t(cameraOff ? "customer.call.cameraOn" : "customer.call.cameraOff");
}

/** @param {CustomerState} state  the one thing worth a line over the picture */
function statusText({ call, media, peer }) {
  if (media === "chat" || call.trouble) return "";
  const signal = signalGrade({ call, media });
  if (signal === "bad") return t("customer.call.signal.bad");
  if (signal === "poor") return t("customer.call.signal.poor");
  if (call.sharing) return t("customer.call.sharing");
  return call.peerSharing && call.remoteVideo ? t("customer.call.peerSharing", { name: peer.name }) : "";
}

/**
 * What is being tried, in plain words. A call that does not come back offers the head of the line.
 * @param {Notice} notice
 * @param {string} name  the peer's
 * @returns {NoticeWords}
 */
export function reconnectWords({ who, step }, name) {
  if (who === "away") return { title: t("customer.reconnect.away", { name }), text: t("customer.reconnect.awayText") };
  if (who === "peer") return { title: t("customer.reconnect.peer", { name }), text: "" };
  const words = { title: t(`customer.reconnect.${step}`), text: t(`customer.reconnect.${step}Text`) };
  return step === "hold" ? { ...words, act: t("customer.reconnect.goBack") } : words;
}

/**
 * The colour of the bar along the top: the measured quality, or that there is no sound right now.
 * @param {Pick<CustomerState, 'call' | 'media'>} state
 * @returns {'none' | 'unknown' | 'bad' | 'poor' | 'fair' | 'good'}
 */
export function signalGrade({ call, media }) {
  if (media === "chat" || call.state === "connecting") return "none";
  return call.state === "connected" ? grade(call.quality) : "bad";
}

/** Phones cannot; inside an iframe it takes the host page's leave. */
function canShareScreen() {
  return typeof navigator.mediaDevices?.getDisplayMedia === "function";
}

/** @param {CallActions} actions */
async function confirmHangUp(actions) {
  const words = {
    title: t("customer.call.hangUpAsk"),
    text: t("customer.call.hangUpText"),
    yes: t("customer.call.hangUp"),
    no: t("customer.call.stay"),
    danger: true,
  };
  if (await ask(words)) actions.hangUp();
}
