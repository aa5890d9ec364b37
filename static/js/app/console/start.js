/** Puts the console's parts together; what reaches the network or the devices is handed in. */
import { Drafts } from "../../core/drafts.js";
import { oncePerFrame } from "../../core/frames.js";
import { t, whenSpoken } from "../../core/i18n.js";
import { openStore } from "../../core/storage.js";
import { Attention } from "../../ui/console/board/attention.js";
import { Ringer } from "../../ui/console/board/ringer.js";
import { ChatModel } from "../../ui/console/chat/chat-model.js";
import { ConsoleView } from "../../ui/console/console-view.js";
import { openLocalStorage, Prefs } from "../../ui/console/prefs.js";
import { shortcutFor } from "../../ui/console/shortcuts.js";
import { initialState, Store } from "../../ui/console/state.js";
import { Ticker } from "../../ui/console/time.js";
import { DeskCalls } from "./calls.js";
import { chatExtras } from "./chat-extras.js";
import { Controller } from "./controller.js";
import { DossierDesk, followConversation } from "./dossier-desk.js";
import { IdleDesk } from "./idle-watch.js";
import { MediaDesk } from "./media-desk.js";

/**
 * @import {CallLike} from "../call-controller.js"
 * @import {CallOptions} from "./calls.js"
 * @import {SessionLike} from "./controller.js"
 * @import {Acquired} from "./media-desk.js"
 * @import {ConsoleState} from "../../ui/console/state.js"
 * @import {ShortcutName} from "../../ui/console/shortcuts.js"
 * @typedef {{root: HTMLElement, config: Record<string, any>, session: SessionLike,
 *   acquire: (media: any) => Promise<Acquired>, release: (stream: MediaStream|null) => void,
 *   createCall: (options: CallOptions) => CallLike, watchOutputs: (notify: (text: string) => void) => OutputsLike,
 *   watchInputs: (notify: (text: string) => void) => InputsLike, tellAudioSession: (inCall: boolean) => void,
 *   levelWatch: (streamOf: () => MediaStream|null, show: (level: number|null) => void) => (on: boolean) => void,
 *   checkDesk: () => Promise<import("../../rtc/preflight.js").PreflightResults>,
 *   dossiers: import("./dossier-desk.js").DossierRequests, askDay: () => Promise<import("../../core/types.js").Day|null>,
 *   leftMessages: Pick<import("../../net/desk/left-messages.js").LeftMessages, "list" | "take">,
 *   askAgenda: () => Promise<import("../../net/desk/agenda.js").Appointment[]|null>,
 *   push: import("../../ui/console/push-option.js").PushActions,
 *   fileServer: (conversation: () => string) => import("../../net/files.js").FileServer,
 *   replies: import("../../ui/console/chat/reply-picker.js").ReplyActions}} ConsoleParts
 * @typedef {{remote?: MediaStream|null, self?: MediaStream|null}} Streams
 * @typedef {import("../../rtc/devices/outputs.js").Outputs} OutputsLike
 * @typedef {import("../../rtc/devices/inputs.js").Inputs} InputsLike
 */

/** Of `Meter.level`, and how many looks in a row: longer than a click or a cough. */
const SPEECH_LEVEL = 0.25;
const SPEECH_LOOKS = 4;

/**
 * Starts at once what a running call needs; what is to be seen follows as soon as there are texts.
 * @param {ConsoleParts} parts
 * @returns {Controller} for whoever wants to look inside
 */
export function startConsole(parts) {
  const { config, session, acquire, release, createCall, checkDesk, tellAudioSession } = parts;
  const store = new Store(initialState(config.name ?? config.adminId ?? ""));
  const before = store.state;
  const chat = new ChatModel();
  const prefs = new Prefs(openLocalStorage());
  const seen = config.features?.video !== false;
  /** @type {() => boolean} */
  const cameraWanted = () => seen && prefs.get("camera") && !(prefs.get("cameraWaits") && controller.unanswered);
  const media = new MediaDesk({ acquire, release });
  /** @type {ConsoleView | null} */
  let view = null;
  /** @type {Streams} */
  const streams = {};
  const show = (/** @type {Streams} */ fresh) => {
    Object.assign(streams, fresh);
    if (view) showStreams(view, fresh);
  };
  const kept = openStore("adminara.console.");
  const dossiers = new DossierDesk({ ask: parts.dossiers, kept });
  const calls = new DeskCalls({ store, media, createCall, cameraWanted, kept, show });
  const controller = new Controller({
    session,
    store,
    chat,
    calls,
    media,
    cameraWanted,
    chatIsSeen: () => Boolean(view?.chatShown && document.hasFocus() && view.chat.atEnd),
    say: (key) => whenSpoken(() => view?.say(t(key))),
  });
  controller.onanswer = () => {
    const { customer } = store.state;
    if (customer && prefs.get("cameraWaits")) calls.openCamera(customer);
  };
  dossiers.onchange = () => {
    store.dispatch({ type: "outcome", missing: dossiers.current?.missing });
    controller.onchat();
  };
  followConversation(store, dossiers);
  const checkAgain = () => {
    store.dispatch({ type: "relay-read" });
    void checkDesk().then((results) => store.dispatch({ type: "desk-check", results }));
  };
  const unchecked = session.on("welcome", () => {
    unchecked();
    checkAgain();
  });
  store.subscribe((state, last) => {
    if ((state.call === "none") !== (last.call === "none")) tellAudioSession(state.call !== "none");
  });
  whenSpoken(() => {
    view = showConsole({ parts, store, before, chat, prefs, calls, controller, dossiers, checkAgain });
    showStreams(view, streams);
  });
  controller.start();
  return controller;
}

/**
 * Makes the page and keeps it to the state.
 * @param {{parts: ConsoleParts, store: Store, before: ConsoleState, chat: ChatModel, prefs: Prefs, calls: DeskCalls,
 *   controller: Controller, dossiers: DossierDesk, checkAgain: () => void}} made  before: the state that nothing was shown of yet
 * @returns {ConsoleView}
 */
function showConsole({ parts, store, before, chat, prefs, calls, controller, dossiers, checkAgain }) {
  const { root, config } = parts;
  const ringer = new Ringer();
  const outputs = parts.watchOutputs((text) => view.say(text));
  const inputs = parts.watchInputs((text) => view.say(text));
  const watchLevel = parts.levelWatch(
    () => calls.localStream,
    (level) => view.devices.inputs.setLevel(level),
  );
  /** A required outcome comes before the next customer, or "later". @param {boolean} available */
  const setAvailable = (available) => {
    const { outcomeMissing, wrapUpUntil } = store.state;
    if (available && outcomeMissing && wrapUpUntil !== null) view.demandOutcome();
    else controller.setAvailable(available);
  };
  const extras = chatExtras({
    parts,
    store,
    chat,
    controller,
    reveal: () => view.openTab("chat"),
    say: (text) => view.say(text),
  });
  const idle = new IdleDesk(parts);
  const view = new ConsoleView(
    viewActions({
      setAvailable,
      takeLeft: (id) => void idle.take(id, (text) => view.say(text)),
      extras,
      dossiers,
      controller,
      outputs,
      inputs,
      prefs,
      ringer,
      config,
      replies: parts.replies,
      push: parts.push,
      watchLevel,
      recheck: checkAgain,
      redraw: () => draw(),
      float: () => void view.stage.video.toggleFloat(),
      askTransfer: () => {
        view.transfer.open();
        draw();
      },
    }),
  );
  const attention = new Attention({
    ringer,
    prefs,
    announce: (waiting) => view.board.announce(waiting),
    icons:
      root.dataset.icon && root.dataset.iconAlert ? { calm: root.dataset.icon, alert: root.dataset.iconAlert } : null,
  });
  const draw = oncePerFrame(() => {
    view.update(store.state, chat, Date.now(), dossiers.current);
    view.menu.update({ wanted: prefs.get("sound"), unlocked: ringer.unlocked });
  });
  ringer.onchange = draw;
  controller.onchat = draw;
  controller.onmessage = () => (document.hasFocus() ? undefined : ringer.make("message"));
  const follow = (/** @type {ConsoleState} */ state, /** @type {ConsoleState} */ last) => {
    attention.follow(state, last);
    view.follow(state, last);
    draw();
  };
  store.subscribe(follow);
  new Ticker().onSecond((now) => store.dispatch({ type: "tick", now }));
  outputs.on("change", (state) => {
    view.menu.showOutputs(state);
    view.devices.showOutputs(state);
  });
  inputs.on("change", (state) => view.devices.inputs.update(state));
  followInputs(calls, inputs);
  void inputs.start();
  outputs.add(view.stage.video.remote);
  void outputs.start();
  // Devices have names once the microphone is allowed.
  store.subscribe((state, last) => {
    if (state.call === "connected" && last.call !== "connected") void outputs.refresh();
  });
  idle.watch(store, view.stage, draw);
  root.replaceChildren(view.element);
  view.openTab("stage");
  listenToOperator({ controller, ringer, prefs, view, setAvailable });
  listenForSpeech(parts, store, controller);
  follow(store.state, before);
  return view;
}

/**
 * Whoever speaks has answered.
 * @param {ConsoleParts} parts
 * @param {Store} store
 * @param {Controller} controller
 */
function listenForSpeech(parts, store, controller) {
  let spoken = 0;
  const hear = parts.levelWatch(
    () => controller.calls.localStream,
    (level) => {
      spoken = (level ?? 0) > SPEECH_LEVEL ? spoken + 1 : 0;
      if (spoken >= SPEECH_LOOKS) controller.act();
      if (!controller.unanswered) hear(false);
    },
  );
  store.subscribe((state, last) => {
    if (state.customer?.conversation === last.customer?.conversation && state.phase === last.phase) return;
    spoken = 0;
    hear(controller.unanswered && state.customer?.media !== "chat");
  });
}

/**
 * A device that was chosen, or came in place of a lost one, goes into the call.
 * @param {DeskCalls} calls
 * @param {InputsLike} inputs
 */
function followInputs(calls, inputs) {
  calls.onlocal = (stream) => {
    inputs.follow(stream);
    // Names are given with the first permission.
    if (stream?.getTracks().length) void inputs.refresh();
  };
  // The call of a reloaded page may have its devices before the page has its words.
  if (calls.localStream) calls.onlocal(calls.localStream);
  inputs.on("swap", ({ track }) => (calls.call ? calls.call.setLocalStream(new MediaStream([track])) : track.stop()));
  inputs.on("lost", ({ kind, next }) => kind === "video" && next === null && void calls.call?.setCamera(false));
}

/**
 * @param {ConsoleView} view
 * @param {Streams} streams
 */
function showStreams(view, { remote, self }) {
  if (remote !== undefined) {
    view.stage.setRemote(remote);
  }
  if (self !== undefined) {
    view.stage.setSelf(self);
  }
}

/**
 * @param {{controller: Controller, outputs: OutputsLike, inputs: InputsLike, prefs: Prefs, ringer: Ringer, config: Record<string, any>,
 *   recheck: () => void, redraw: () => void, float: () => void, watchLevel: (on: boolean) => void, dossiers: DossierDesk,
 *   setAvailable: (available: boolean) => void, takeLeft: (id: string) => void, askTransfer: () => void, push: import("../../ui/console/push-option.js").PushActions, extras: import("../../ui/shared/chat/chat-log.js").Extras & import("../../ui/shared/chat/composer.js").Attaching,
 *   replies: import("../../ui/console/chat/reply-picker.js").ReplyActions}} parts
 * @returns {ConstructorParameters<typeof ConsoleView>[0]}
 */
function viewActions(parts) {
  const { controller, outputs, inputs, prefs, ringer, config, recheck, redraw, float, watchLevel, replies } = parts;
  const { dossiers, setAvailable, takeLeft, askTransfer, extras, push } = parts;
  const output = {
    choose: (/** @type {string} */ id) => void outputs.choose(id),
    prompt: () => void outputs.prompt(),
    toggle: () => void outputs.toggle().then((done) => done || controller.say("console.output.no-other")),
  };
  return {
    devices: { input: { choose: (kind, id) => void inputs.choose(kind, id) }, output, watchLevel },
    setAvailable,
    dossier: {
      wrapUp: {
        chooseOutcome: (outcome) => dossiers.chooseOutcome(outcome),
        chooseTag: (tag, on) => dossiers.chooseTag(tag, on),
        later: () => {
          dossiers.postpone();
          controller.setAvailable(true);
        },
      },
      notes: {
        drafted: (text) => dossiers.drafted(text),
        write: (about) => void dossiers.writeNote(about),
        edit: (id, text) => dossiers.editNote(id, text),
      },
    },
    leftMessages: { take: takeLeft },
    links: config.links ?? {},
    loginUrl: config.loginUrl ?? `/admin/login/?next=${encodeURIComponent(window.location.pathname)}`,
    banner: (action) => (action === "recheck" ? recheck() : bannerAction(controller, action)),
    chat: {
      send: (text) => controller.sendChat(text),
      typing: (on) => controller.typing(on),
      seen: () => controller.seen(),
      takeBack: (key) => controller.chat.takeBack(key),
      drafts: new Drafts(openStore("adminara.console.")),
      replies,
      invitation: {
        answer: (accepted, how) => controller.answerInvitation(accepted, how),
        cameraWanted: () => prefs.get("camera"),
      },
      extras,
    },
    controls: {
      mute: () => controller.calls.toggleMute(),
      camera: () => controller.calls.toggleCamera(),
      share: () => controller.calls.toggleShare(),
      float: () => float(),
      restart: () => controller.control("ice-restart"),
      "audio-only": () => controller.control(controller.state.audioOnly ? "video" : "audio-only"),
      "open-chat": () => controller.control("chat"),
      voice: () => controller.invite("audio"),
      picture: () => controller.invite("video"),
      transfer: () => askTransfer(),
      end: () => controller.end(),
    },
    transfer: (to, note, line) => controller.transfer(to, note, line),
    me: config.adminId ?? "",
    menu: {
      get: (name) => prefs.get(name),
      set: (name, value) => {
        prefs.set(name, value);
        redraw();
      },
      unlock: () => void ringer.unlock(),
      output,
      push,
      offers: { video: config.features?.video !== false, transfer: config.transfers !== false },
      test: () => void ringer.unlock().then(() => ringer.play("ring")),
    },
  };
}

/**
 * @param {Controller} controller
 * @param {import("../../ui/console/banner-view.js").BannerAction} action
 */
function bannerAction(controller, action) {
  switch (action) {
    case "continue":
      return controller.continueHere();
    case "retry":
      return controller.retryNow();
    case "media":
      return controller.retryMedia();
    case "dismiss-relay":
      return controller.store.dispatch({ type: "relay-read" });
    case "available":
      return controller.setAvailable(true);
    case "reload":
      return window.location.reload();
    default:
      return controller.store.dispatch({ type: "fault-read" });
  }
}

/**
 * Gestures unlock the sound and acknowledge a ring; keys do what they do.
 * @param {{controller: Controller, ringer: Ringer, prefs: Prefs, view: ConsoleView,
 *   setAvailable: (available: boolean) => void}} parts
 */
function listenToOperator({ controller, ringer, prefs, view, setAvailable }) {
  const touched = () => {
    controller.act();
    if (!ringer.unlocked && prefs.get("sound")) {
      void ringer.unlock();
    }
    if (controller.state.attention) {
      controller.store.dispatch({ type: "acknowledge" });
    }
    controller.seen();
  };
  document.addEventListener("pointerdown", touched);
  document.addEventListener("keydown", (event) => {
    touched();
    const name = prefs.get("keys") ? shortcutFor(event) : null;
    if (name !== null) {
      event.preventDefault();
      runShortcut(name, controller, view, setAvailable);
    }
  });
  window.addEventListener("focus", () => controller.seen());
  document.addEventListener("visibilitychange", () => controller.seen());
}

/**
 * @param {ShortcutName} name
 * @param {Controller} controller
 * @param {ConsoleView} view
 * @param {(available: boolean) => void} setAvailable
 */
function runShortcut(name, controller, view, setAvailable) {
  // A key does only what a button on screen would do now.
  const press = (/** @type {HTMLButtonElement} */ button) => button.offsetParent !== null && button.click();
  const { mute, camera, restart, audioOnly, transfer, end } = view.controls;
  /** @type {Record<ShortcutName, () => unknown>} */
  const acts = {
    available: () => controller.toggleAvailable(),
    ready: () => controller.state.wrapUpUntil !== null && setAvailable(true),
    mute: () => press(mute.button),
    camera: () => press(camera.button),
    restart: () => press(restart.button),
    audio: () => press(audioOnly.button),
    transfer: () => press(transfer.button),
    end: () => press(end.button),
    chat: () => {
      view.openTab("chat");
      view.chat.focus();
    },
    board: () => {
      view.openTab("board");
      view.board.element.focus();
    },
    card: () => {
      view.openTab("dossier");
      view.dossier.card.focus();
    },
    outcome: () => {
      view.openTab("dossier");
      view.dossier.wrapUp.focus();
    },
    note: () => {
      view.openTab("dossier");
      view.dossier.notes.focus();
    },
    help: () => view.menu.openHelp(),
  };
  acts[name]();
}
