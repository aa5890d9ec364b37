import { readConfig, socketUrl } from "../../core/config.js";
import { oncePerFrame } from "../../core/frames.js";
import { chooseLocale, getLocale, isSpoken, setOwnWords, t, whenSpoken } from "../../core/i18n.js";
import { LaterPart } from "../../core/later.js";
import { openStore } from "../../core/storage.js";
import { Session } from "../../net/session.js";
import { Call } from "../../rtc/call.js";
import { acquire as open, release } from "../../rtc/devices/media.js";
import { shareDevices } from "../../rtc/devices/shared-devices.js";
import { Shell } from "../../ui/customer/shell.js";
import { Sound } from "../../ui/shared/sound.js";
import { TitleBadge } from "../../ui/shared/title-badge.js";
import { tellAudioSession } from "../audio-session.js";
import { pageLanguages } from "../page-languages.js";
import { levelWatch, watchInputs } from "../sound-input.js";
import { watchOutputs } from "../sound-output.js";
import { LateChat } from "./chat/late-chat.js";
import { CustomerApp } from "./customer-app.js";
import { Preview } from "./host/preview.js";
import { watchWaiting } from "./waiting-check.js";

/**
 * @import {Tabs} from "../../core/tabs.js"
 * @import {CustomerState, JoinForm} from "../../ui/customer/state.js"
 */

/** @type {import("../../ui/shared/sound.js").Note[]} */
const YOUR_TURN = [
  { at: 0, hz: 659.25, for: 0.7, volume: 0.18 },
  { at: 0.16, hz: 880, for: 0.7, volume: 0.18 },
];
/** @type {import("../../ui/shared/sound.js").Note[]} */
const NEW_LINE = [{ at: 0, hz: 784, for: 0.7, volume: 0.18 }];

/** How often it is tried to fetch what an end needs for what was said on a page that shows nothing else, and for a move. */
const END_TRIES = 3;

/**
 * Makes the customer's page of its parts and wires them; the hosted page and the widget's iframe do the same.
 *
 * isShown: whether the site around it shows the frame; onLocale: the customer chose another language; language: chosen
 * before this was here; alone: no other tab has a conversation; tabs: those of the same browser.
 *
 * @param {{embedded: boolean, language?: string | null, alone?: boolean, tabs?: Tabs, minimize?: () => void, isShown?: () => boolean,
 *   onLocale?: (locale: string) => void, storage?: import("../../core/types.js").Store,
 *   createSession?: (options: ConstructorParameters<typeof Session>[0]) => Session}} options
 * @returns {{app: CustomerApp, session: Session, setLocale: (locale: string) => void}}
 */
export function startCustomerPage({
  embedded,
  language = null,
  alone = false,
  tabs,
  minimize = () => {},
  isShown = () => true,
  onLocale = () => {},
  storage = openStore("adminara."),
  createSession = (options) => new Session(options),
}) {
  const config = readConfig();
  setOwnWords(config.words ?? {});
  const languages = pageLanguages(config.languages, rootElement());
  const wishes = {
    query: location.search,
    configured: storage.get("locale") ?? config.locale,
    browser: navigator.languages,
  };
  void languages.begin(chooseLocale(wishes, languages.codes));

  const session = createSession({
    url: socketUrl(config.wsUrl ?? "/ws/customer/"),
    storage,
    mobile: isMobile(),
    locale: getLocale,
  });
  const end = later(languages, "end", () => import("./end.js"));
  const invite = later(languages, "invite", () => import("./chat/invite.js"));
  const { acquire, warm } = shareDevices(open, release);
  const isHidden = () => document.hidden || !isShown();
  const chatUrl = config.chatUrl ?? "/chat/";
  const app = new CustomerApp({
    session,
    storage,
    tabs,
    site: config.site,
    line: config.line,
    questions: config.questions,
    pageQuery: config.pageQuery,
    video: config.features?.video,
    hours: config.hours,
    archive: async () => {
      const part = await end.insist(undefined, END_TRIES);
      if (part === null) throw new Error();
      return new part.ChatArchive(chatUrl);
    },
    ratings: config.ratings,
    createCall: (options) => new Call(options),
    acquire,
    release,
    isHidden,
  });
  const extras = new LateChat(
    later(
      languages,
      "chat",
      () => import("./chat/chat.js"),
      ({ makeChatPart }) =>
        extras.came(makeChatPart({ app, session, filesUrl: config.filesUrl, say: (text) => shell.toasts.show(text) })),
    ),
  );
  const messages =
    config.messagesUrl &&
    later(
      languages,
      "message",
      () => import("./message/message.js"),
      ({ makeMessages }) => makeMessages({ acquire, release, app, session, storage, config, extras }),
    );
  const callbacks =
    config.callbacks?.length &&
    later(
      languages,
      "callback",
      () => import("./callback.js"),
      ({ makeCallbacks }) => makeCallbacks({ app, session, chatUrl }),
    );
  // One that an earlier page of this tab could not get rid of.
  if (messages && storage.get("message")?.includes('"sent":true')) messages.soon();
  const waiting = watchWaiting({ app, session, acquire, release });
  const chosen = {
    store: openStore("adminara.", () => window.localStorage),
    offers: offersOf(end),
    notify: (/** @type {string} */ text, /** @type {any} */ tone) => shell.toasts.show(text, { tone }),
  };
  const outputs = watchOutputs({ ...chosen, send: (type, fields) => session.send(type, fields) });
  const inputs = watchInputs(chosen);
  const sound = new Sound({ shape: "sine" });
  const title = new TitleBadge();
  const callFor = (/** @type {string} */ text) => document.hidden && title.setAlert(text);
  document.addEventListener("visibilitychange", () => !document.hidden && title.setAlert(""));

  const changeLocale = async (/** @type {string} */ wish) => {
    const before = getLocale();
    if (!(await languages.switchTo(wish))) return shell.toasts.show(t("common.languageFailed"), { tone: "danger" });
    storage.set("locale", getLocale());
    if (getLocale() === before) return;
    title.setPlain(t("customer.title"));
    shell.relabel(app.state);
  };
  /** @type {import("./rating.js").Rating | null} */
  let rating = null;
  /** For the view of an end, which comes with it. */
  const ratingOf = ({ Rating, ChatArchive } = /** @type {typeof import("./end.js")} */ (end.module)) =>
    (rating ??= new Rating(storage, new ChatArchive(chatUrl), () => app.said.token));
  const preview = new Preview((text) => app.preview(text));
  const shell = new Shell(
    rootElement(),
    {
      ...actionsOf(app, session, sound),
      questions: app.questions,
      isSigned: () => app.visitor.identity !== undefined,
      ...(config.typingPreview && { preview: (/** @type {string} */ text) => preview.write(text) }),
      ...soundActions(outputs),
      bringPicker: async () => (await end.insist())?.OutputPicker,
      ...inputActions({ app, inputs, show: (level) => shell.setLevel(level) }),
      checkAgain: waiting.again,
      move: async () => {
        const warn = () => shell.toasts.show(t("customer.waiting.moveFailed"), { tone: "warning" });
        (await end.insist(warn, END_TRIES))?.showMove({ app, session, chatUrl });
      },
      mailTranscript: (/** @type {string} */ address, /** @type {(state: any) => void} */ told) => {
        const { mailSaid, ChatArchive } = /** @type {typeof import("./end.js")} */ (end.module);
        return mailSaid(app.said, new ChatArchive(chatUrl), { address, locale: getLocale(), told });
      },
      rating: () => ratingOf(),
      messages,
      callbacks,
      invitations: (/** @type {any} */ places, /** @type {CustomerState} */ state) => desk?.draw(places, state),
      extras,
    },
    { end, languages: languages.list, lasts: storage.persistent, byMail: config.chatByMail === true },
  );

  /** @type {import("./chat/invitation-desk.js").InvitationDesk | null} */
  let desk = null;
  const ring = (/** @type {string} */ news) => {
    sound.play(YOUR_TURN);
    callFor(news);
    shell.say(news, { urgent: true });
  };
  const offersCalls = config.features?.calls === true;
  const off = app.on("change", async ({ state }) => {
    if (!offersCalls || state.screen !== "call" || state.media !== "chat") return;
    off();
    const part = await invite.insist();
    if (part) desk = new part.InvitationDesk({ app, session, ring });
    shell.update(app.state);
  });
  const redraw = oncePerFrame(() => shell.update(app.state));
  app.on("change", ({ state, before }) => {
    if (state.screen === before.screen) redraw();
    else shell.update(state);
    if (isSpoken()) announce(shell, state, before);
  });
  // While it is talked, as the network may be gone at the end.
  app.on("change", ({ state }) => {
    if (!isTalking(state)) return;
    end.soon();
    extras.soon();
  });
  app.on("toast", ({ keys, vars, tone }) =>
    whenSpoken(() => shell.toasts.show(keys.map((/** @type {string} */ key) => t(key, vars)).join(" "), { tone })),
  );
  app.on("said", ({ text, tone }) => shell.toasts.show(text, { tone }));
  app.on("call", (call) => {
    const streams = { local: call?.localStream ?? null, remote: call?.remoteStream ?? null };
    shell.setStreams(streams);
    call?.on("local-stream", (/** @type {MediaStream} */ local) => shell.setStreams(Object.assign(streams, { local })));
    tellAudioSession(call !== null);
    call?.on("remote-stream", (/** @type {MediaStream} */ remote) =>
      shell.setStreams(Object.assign(streams, { remote })),
    );
  });
  app.on("turn", () => {
    sound.play(YOUR_TURN);
    whenSpoken(() => callFor(t("customer.waiting.yourTurn")));
  });
  app.on("message", (frame) => {
    if (isHidden() || !app.state.chatOpen) sound.play(NEW_LINE);
    whenSpoken(() => {
      const news = t("customer.chat.new", { name: app.state.peer.name, text: frame.text || frame.file.name });
      callFor(news);
      if (!app.state.chatOpen) shell.say(news);
    });
  });
  waiting.preflight.on("stream", (stream) => shell.preflight?.setStream(stream));
  waiting.preflight.on("level", (level) => shell.preflight?.setLevel(level));
  outputs.on("change", (state) => shell.setOutputs(state));
  // Devices have names once the microphone is allowed.
  app.on("change", ({ state, before }) => state.call.microphone && !before.call.microphone && void outputs.refresh());
  void outputs.start();
  followInputs({ app, inputs, waiting });
  inputs.on("change", (state) => shell.setInputs(state));
  void inputs.start();
  document.addEventListener("visibilitychange", () => {
    app.tellRead();
    app.said.look();
  });

  shell.update(app.state);
  whenSpoken(() => {
    title.setPlain(t("customer.title"));
    shell.relabel(app.state);
  });
  // Devices open while the socket does: on a reloaded page of a running call, and from the join on.
  if (session.token) warm(app.state.form.media);
  app.on(
    "change",
    ({ state, before }) => state.screen === "joining" && before.screen !== "joining" && warm(state.form.media),
  );
  app.start(alone);
  const chooseLanguage = (/** @type {string} */ code) => changeLocale(code).then(() => onLocale(getLocale()));
  if (language) void chooseLanguage(language);
  takePresses(rootElement(), chooseLanguage, minimize);
  // Embedded, the site may keep what this page cannot.
  if (!embedded) app.tellMemory();
  return { app, session, setLocale: changeLocale };
}

/**
 * What comes when it is needed, with its texts.
 * @template T, U
 * @param {import("../../core/languages.js").Languages} languages
 * @param {string} name
 * @param {() => Promise<T>} load
 * @param {(part: T) => U} [use]  what the page has of it; by default the part itself
 */
function later(languages, name, load, use = (part) => /** @type {any} */ (part)) {
  return new LaterPart(async () => {
    const [part, spoken] = await Promise.all([load(), languages.include(name)]);
    if (!spoken) throw new Error("no texts");
    return use(part);
  });
}

/**
 * The question about devices that were plugged in, which comes with the end's part: one for all of them.
 * @param {LaterPart<typeof import("./end.js")>} end
 * @returns {import("../device-offers.js").Offering}
 */
function offersOf(end) {
  /** @type {Promise<import("../device-offers.js").Offers | null> | null} */
  let offers = null;
  return {
    add: async (offer) => {
      offers ??= end.insist().then((part) => part && new part.Offers());
      const there = await offers;
      if (there) there.add(offer);
      else offers = null;
    },
  };
}

/**
 * A device that was chosen or came in place of a lost one goes into the call, or into the check while waiting.
 * @param {{app: CustomerApp, inputs: import("../../rtc/devices/inputs.js").Inputs, waiting: ReturnType<typeof watchWaiting>}} parts
 */
function followInputs({ app, inputs, waiting }) {
  const look = (/** @type {MediaStream | null} */ stream) => {
    inputs.follow(stream);
    // Names are given with the first permission.
    if (stream?.getTracks().length) void inputs.refresh();
  };
  const again = () => app.state.screen === "waiting" && waiting.again();
  waiting.preflight.on("stream", (stream) => look(stream ?? app.call?.localStream ?? null));
  app.on("call", (call) => (call ? call.on("local-stream", look) : inputs.follow(null)));
  inputs.on("swap", ({ track }) => (app.call ? app.call.setLocalStream(new MediaStream([track])) : track.stop()));
  inputs.on("lost", ({ kind, next }) => {
    if (kind === "video" && next === null) void app.call?.setCamera(false);
    again();
  });
  inputs.on("chosen", again);
}

/** @param {{app: CustomerApp, inputs: import("../../rtc/devices/inputs.js").Inputs, show: (level: number | null) => void}} parts */
function inputActions({ app, inputs, show }) {
  return {
    input: {
      choose: (/** @type {import("../../rtc/devices/inputs.js").Kind} */ kind, /** @type {string} */ id) =>
        void inputs.choose(kind, id),
    },
    watchLevel: levelWatch(() => app.call?.localStream ?? null, show),
  };
}

/** @param {import("../../rtc/devices/outputs.js").Outputs} outputs */
function soundActions(outputs) {
  let off = () => {};
  return {
    output: { choose: (/** @type {string} */ id) => void outputs.choose(id), prompt: () => void outputs.prompt() },
    plays: (/** @type {HTMLMediaElement} */ element) => {
      off();
      off = outputs.add(element);
    },
  };
}

/**
 * @param {CustomerApp} app
 * @param {Session} session
 * @param {Sound} sound
 */
function actionsOf(app, session, sound) {
  return {
    join: (/** @type {JoinForm} */ form) => {
      void sound.unlock();
      app.join(form);
    },
    rejoin: () => {
      void sound.unlock();
      app.rejoin();
    },
    warmUp: () => app.warmUp(),
    leave: () => app.leave(),
    home: () => app.home(),
    clear: () => app.clear(),
    drafts: app.drafts,
    transcript: () => app.transcript(),
    hangUp: () => app.hangUp(),
    continueHere: () => app.continueHere(),
    goBack: () => {
      void sound.unlock();
      app.goBack();
    },
    toggleMute: () => app.call?.setMuted(!app.call.muted),
    toggleCamera: () => void app.call?.setCamera(app.call.cameraOff),
    toggleShare: () => (app.call?.sharing ? app.call.stopSharing() : void app.call?.shareScreen()),
    toggleChat: (/** @type {boolean | undefined} */ shown) => app.toggleChat(shown),
    sendChat: (/** @type {string} */ text) => app.sendChat(text),
    takeBack: (/** @type {string} */ key) => app.takeBack(key),
    cancelJoin: () => app.cancelJoin(),
    typing: (/** @type {boolean} */ on) => app.typing(on),
    serverNow: () => session.serverNow(),
  };
}

/**
 * What changed without the customer's doing, for ears.
 * @param {Shell} shell
 * @param {CustomerState} state
 * @param {CustomerState} before
 */
function announce(shell, state, before) {
  if (state.screen === "call" && before.screen === "waiting")
    shell.say(t("customer.waiting.yourTurn"), { urgent: true });
  if (state.call.state === "connected" && before.call.state === "connecting" && state.screen === "call") {
    shell.say(t("customer.call.connected", { name: state.peer.name }));
  }
  if (state.call.muted !== before.call.muted)
    shell.say(t(state.call.muted ? "customer.call.muted" : "customer.call.unmuted"));
}

/**
 * The head is the server's.
 * @param {HTMLElement} root
 * @param {(code: string) => Promise<void>} chooseLanguage
 * @param {() => void} minimize
 */
function takePresses(root, chooseLanguage, minimize) {
  for (const one of root.querySelectorAll("[data-press]")) {
    if (one instanceof HTMLSelectElement)
      one.addEventListener("change", async () => {
        await chooseLanguage(one.value);
        one.value = getLocale();
      });
    else if (one instanceof HTMLElement && one.dataset.press === "minimize") one.addEventListener("click", minimize);
    else if (one instanceof HTMLElement)
      one.addEventListener("click", () => chooseLanguage((one.dataset.press ?? "").slice("language:".length)));
  }
}

/** @param {CustomerState} state */
function isTalking({ screen, media, call }) {
  return screen === "call" && (media === "chat" || call.state === "connected");
}

function rootElement() {
  return /** @type {HTMLElement} */ (document.getElementById("adminara"));
}

function isMobile() {
  const data = /** @type {any} */ (navigator).userAgentData;
  return data?.mobile ?? /Android|iPhone|iPad|Mobile/i.test(navigator.userAgent);
}
