/*! Adminara live support. Paste before </body>:
 *    <script async src="https://support.example.com/embed.js"></script>
 *  Settings: window.adminaraSettings = {position: "left", …} or data-position="left" … on the tag. Calls before it has loaded:
 *    window.Adminara = window.Adminara || {q: []};  Adminara.q.push(["open"]);  Adminara.q.push(["on", "ready", fn]);
 *  All of them: docs/widget.md.
 */
((load) => {
  "use strict";

  /**
   * What goes wrong here, or because of what a page has done to its browser, is told in the console and stays here.
   * @template {(...given: any[]) => any} Act
   * @param {Act} act
   * @returns {Act}
   */
  const safely = (act) =>
    /** @type {any} */ (
      (/** @type {any[]} */ ...given) => {
        try {
          return act(...given);
        } catch (error) {
          window.console?.warn?.("Adminara:", error);
        }
      }
    );
  safely(load)(safely);
})((/** @type {<Act extends (...given: any[]) => any>(act: Act) => Act} */ safely) => {
  "use strict";

  /** @type {any} */
  const host = window;
  // The script is there already. An element of the page may bear the name, too.
  if (host.Adminara?.isOpen) return;

  /**
   * Of all languages; the server puts them in (support/parts/loader.py), the one where nobody chose first.
   * @type {Record<string, Record<string, string>>}
   */
  const TEXTS = /* texts */ {};
  /** static/css/launcher.css, likewise. */
  const STYLE = /* style */ "";
  const SVG = "http://www.w3.org/2000/svg";
  /** On the launcher: a bubble, and a chevron while the panel is open. */
  const BUBBLE = "M17 18h30a5 5 0 0 1 5 5v17a5 5 0 0 1-5 5H33l-10 8v-8h-6a5 5 0 0 1-5-5V23a5 5 0 0 1 5-5Z";
  const CHEVRON = "m32 43-14-14a2.5 2.5 0 0 1 4-4l10 10 10-10a2.5 2.5 0 0 1 4 4Z";
  const EVENTS =
    "ready opened closed status-changed queue-joined queue-position queue-left call-started call-reconnecting call-ended message unread elsewhere error".split(
      " ",
    );
  // What the site may ask of the page in the iframe.
  const COMMANDS = ["setUser", "setAttributes", "leaveQueue", "reset"];
  const ACTIVE = ["joining", "waiting", "in-call"];
  /** Of this tab: what its next page needs. */
  const MEMORY = "adminara.active";
  /** Of all tabs of the site: one of them has a conversation. */
  const LED = "adminara.led";
  /** As many calls as wait for a frame. */
  const ASKED_MOST = 50;
  /** As many facts as the frame looks at. */
  const FACTS_MOST = 128;
  /** A site that takes the widget out more often than that gets it back a little later. */
  const RETURNS_MOST = 50;
  const RETURNS_MS = 60_000;
  const HOUR_MS = 3_600_000;

  /** Each with what holds where the site says nothing. @type {Record<string, any>} */
  const SETTINGS = {
    site: "",
    line: "",
    position: document.dir === "rtl" ? "left" : "right",
    locale: "",
    useBrowserLanguage: false,
    theme: "auto",
    launcherTitle: "",
    hideLauncher: false,
    baseUrl: "",
  };

  const script = /** @type {HTMLScriptElement | null} */ (
    document.currentScript || document.querySelector('script[src*="/embed.js"]')
  );
  const settings = { ...SETTINGS, ...fromTag(script), ...host.adminaraSettings };
  const base = new URL(settings.baseUrl || script?.src || location.href, location.href).origin;

  /** @type {Record<string, Set<(detail: any) => void>>} */
  const listeners = {};
  /** @type {[string, any][]} asked for before the iframe could hear it */
  const outgoing = [];
  /** What the site said of its visitor: every frame that loads anew hears it. @type {Record<string, any>} */
  let said = {};
  let locale = chosenLocale();
  let isOpen = false;
  let heard = false;
  let status = "idle";
  /** What the page was told of it last. */
  let told = "idle";
  /** When customers are taken, some days ahead, ms; nothing: always. @type {[number, number][] | undefined} */
  let hours;
  /** The newest status of the conversation that goes on, of an earlier page's too; "" without one. */
  let lasting = "";
  /** Another tab has one, as far as this page knows. */
  let follows = false;
  /** What brings the conversation back where the browser lets the frame store nothing: the server made it for us. */
  let handle = "";
  let unread = 0;
  /** The count is of a frame before this one, which this one knows nothing of. */
  let unreadBefore = false;
  let pageTold = "";
  /** @type {number | null} */
  let position = null;
  /** @type {HTMLIFrameElement | null} */
  let frame = null;
  /** @type {Element | null} */
  let focusBefore = null;
  /** When it was put back within the last minute, ms. @type {number[]} */
  let returns = [];
  /** @type {any} */
  let returning = null;

  const announce = safely((/** @type {string} */ name, /** @type {any} */ detail) =>
    document.dispatchEvent(new CustomEvent(`adminara:${name}`, { detail })),
  );
  /** A call made before we were here: ["method", ...arguments] or a function that gets the API. */
  const run = safely((/** @type {any} */ call) => {
    if (typeof call === "function") return call(api);
    const [method, ...given] = call;
    /** @type {any} */ (api)[method](...given);
  });

  // ---- parts in the page: a shadow root

  const root = document.createElement("div");
  const shadow = root.attachShadow({ mode: "open" });
  const button = document.createElement("button");
  const badge = document.createElement("span");
  const panel = document.createElement("div");
  const watch = new MutationObserver(safely(stay));
  // The same each time, so that none is put on twice.
  const loads = safely(introduce);
  const hears = safely(hear);
  const looks = safely(follow);
  const tells = safely(tellPage);
  const presses = safely(closeByKey);
  button.type = "button";
  button.className = "launcher";
  badge.className = "badge";
  badge.hidden = true;
  panel.className = "panel";
  panel.hidden = true;
  const glyph = document.createElementNS(SVG, "svg");
  const shape = document.createElementNS(SVG, "path");
  glyph.setAttribute("viewBox", "0 0 64 64");
  glyph.append(shape);
  button.append(glyph, badge);
  style();
  shadow.append(panel, button);

  const api = {
    open() {
      if (unfold()) frame?.focus();
    },
    close() {
      if (!isOpen) return;
      const within = shadow.activeElement !== null;
      isOpen = false;
      draw();
      save();
      tell("hidden");
      if (within) /** @type {any} */ (focusBefore?.isConnected ? focusBefore : button).focus?.();
      emit("closed");
    },
    toggle() {
      if (isOpen) api.close();
      else api.open();
    },
    show() {
      settings.hideLauncher = false;
      draw();
    },
    hide() {
      settings.hideLauncher = true;
      api.close();
      draw();
    },
    /** @param {string} wish */
    setLocale(wish) {
      locale = known(wish);
      draw();
      save();
      tell("setLocale", locale);
    },
    /** @param {any} [wish]  {name?, topic?, media?}: with a name it joins at once, else the form is filled in */
    startCall(wish) {
      api.open();
      tell("startCall", wish || {});
    },
    /** @param {string} name @param {(detail: any) => void} listener */
    on(name, listener) {
      listeners[name] ??= new Set();
      listeners[name].add(listener);
      if (name === "ready") setTimeout(listener, 0, {});
      return () => api.off(name, listener);
    },
    /** @param {string} name @param {(detail: any) => void} listener */
    off(name, listener) {
      listeners[name]?.delete(listener);
    },
    isOpen: () => isOpen,
    status: shownStatus,
    /** Names of all events. */
    events: () => [...EVENTS],
    /** As they hold now. */
    settings: () => ({ ...settings }),
  };
  for (const command of COMMANDS) {
    /** @type {any} */ (api)[command] = (/** @type {any} */ value) => tell(command, value);
  }
  for (const [name, method] of Object.entries(api)) /** @type {any} */ (api)[name] = safely(method);

  // ---- the iframe ------------------------------------------------------------------------------------------------

  /** Opens the panel, without taking the keyboard from the page. @returns {boolean} false: it was open */
  function unfold() {
    loadFrame();
    if (isOpen) return false;
    isOpen = true;
    focusBefore = document.activeElement === root ? button : document.activeElement;
    if (unreadBefore) {
      unreadBefore = false;
      unread = 0;
      emit("unread", { count: 0 });
    }
    draw();
    save();
    tell("shown");
    emit("opened");
    return true;
  }

  function loadFrame() {
    if (frame) return;
    frame = document.createElement("iframe");
    frame.title = TEXTS[locale].frame;
    frame.allow = ["microphone", "camera", "display-capture", "autoplay", "speaker-selection"]
      .map((name) => `${name} ${base}`)
      .join("; ");
    frame.src = `${base}/widget/?${new URLSearchParams({ site: settings.site, locale, line: settings.line })}`;
    frame.addEventListener("load", loads);
    panel.append(frame);
  }

  /** The frame was loaded, for the first time or anew: it hears everything that holds, then what it was asked for. */
  function introduce() {
    heard = true;
    unreadBefore = unread > 0;
    post("configure", { locale, theme: settings.theme, open: isOpen, keeps: save(), handle });
    pageTold = "";
    tellPage();
    const asked = outgoing.splice(0);
    if (asked[0]?.[0] === "reset") post(...asked.splice(0, 1)[0]);
    if (Object.keys(said).length > 0) post("setUser", said);
    for (const [command, value] of asked) post(command, value);
  }

  /** Which page asks for help: operators see it. Sites may swap pages without loading one, so it is looked at often. */
  function tellPage() {
    const page = { page: location.href, title: document.title, referrer: document.referrer };
    const look = Object.values(page).join("\n");
    if (!heard || look === pageTold) return;
    pageTold = look;
    post("page", page);
  }

  /** @param {string} command @param {any} [given] */
  function tell(command, given) {
    const value = plain(given);
    if (value === undefined) return emit("error", { code: "not_taken", field: command });
    const kept = keep(command, value);
    tellPage();
    if (heard && root.isConnected) post(command, value);
    else if (!kept && outgoing.length < ASKED_MOST) outgoing.push([command, value]);
  }

  /** @param {string} command @param {any} value @returns {boolean} whether `introduce` says it without being asked */
  function keep(command, value) {
    if (["shown", "hidden", "setLocale"].includes(command)) return true;
    if (command === "reset") {
      said = {};
      outgoing.length = 0;
    }
    if ((command !== "setUser" && command !== "setAttributes") || !isRecord(value)) return false;
    const { attributes, ...user } = command === "setUser" ? value : { attributes: value };
    const facts = Object.entries({ ...said.attributes, ...(isRecord(attributes) && attributes) });
    said = { ...said, ...user, attributes: Object.fromEntries(facts.slice(0, FACTS_MOST)) };
    return true;
  }

  /** @param {string} command @param {any} [value] */
  function post(command, value) {
    frame?.contentWindow?.postMessage({ adminara: 1, command, value }, base);
  }

  /** @param {MessageEvent} message */
  function hear({ source, origin, data }) {
    if (!frame || source !== frame.contentWindow || origin !== base || !data || data.adminara !== 1) return;
    const { event, detail } = data;
    if (event === "minimize") return api.close();
    if (event === "unfold") return void unfold();
    if (event === "locale") locale = known(detail.locale);
    if (event === "handle") handle = detail.handle;
    if (event === "status-changed") {
      setStatus(detail.status);
      told = detail.status = shownStatus();
    }
    if (event === "unread") {
      unread = detail.count;
      unreadBefore = false;
    }
    if (event === "queue-position" || event === "queue-joined") position = detail.position;
    draw();
    save();
    if (EVENTS.includes(event)) emit(event, detail);
  }

  /** @param {string} next */
  function setStatus(next) {
    const before = lasting;
    const begins = next === "in-call" && before !== "in-call";
    status = next;
    if (next !== "waiting") position = null;
    if (ACTIVE.includes(next)) lasting = next;
    else if (next !== "unavailable") lasting = handle = "";
    if (next === "elsewhere") emit(next);
    else if (lasting !== "joining") lead(before !== "" || follows);
    // A call that begins is shown; one that was found again is left as the visitor left it.
    if (begins && !isOpen) api.open();
  }

  // ---- drawing ---------------------------------------------------------------------------------------------------

  function draw() {
    const words = TEXTS[locale];
    const count = unread || (status === "waiting" && position) || 0;
    const away = status === "elsewhere";
    const live = away || lasting === "in-call";
    const title = isOpen ? words.close : settings.launcherTitle || words.open;
    const word = unread ? words.unread : away ? words.elsewhere : live ? words.live : count ? words.position : "";
    const news = count ? `${word}: ${count}` : word;
    armour();
    root.dataset.position = themed("position") || settings.position;
    root.dataset.open = String(isOpen);
    root.dataset.theme = settings.theme || "auto";
    shape.setAttribute("d", isOpen ? CHEVRON : BUBBLE);
    button.hidden = Boolean(settings.hideLauncher);
    button.title = title;
    button.setAttribute("aria-label", isOpen || !news ? title : `${title}, ${news}`);
    button.setAttribute("aria-expanded", String(isOpen));
    badge.hidden = isOpen || !news;
    badge.textContent = count ? String(count) : "";
    badge.className = unread ? "badge" : live ? "badge live" : "badge place";
    panel.hidden = !isOpen;
    if (frame) frame.title = words.frame;
  }

  /** The page's own rules reach the root, and only it: what stands here wins over all of them. */
  function armour() {
    root.style.cssText =
      "all:initial!important;display:block!important;position:fixed!important;z-index:var(--adminara-z-index,2147483000)!important";
  }

  /** @param {string} name @returns {string} what the page's style says, `--adminara-…` */
  function themed(name) {
    return getComputedStyle(root).getPropertyValue(`--adminara-${name}`).trim();
  }

  /** Sites that swap their pages take out what they do not know; a frame that was taken out loads anew and resumes. */
  function stay() {
    if (!document.documentElement) return;
    // It may be another one now.
    watch.observe(document.documentElement, { childList: true });
    if (root.isConnected || returning !== null) return;
    const now = Date.now();
    returns = returns.filter((at) => now - at < RETURNS_MS && at <= now);
    if (returns.length >= RETURNS_MOST) {
      returning = setTimeout(
        safely(() => {
          returning = null;
          stay();
        }),
        RETURNS_MS,
      );
      return;
    }
    returns.push(now);
    heard = false;
    listen();
    document.documentElement.append(root);
  }

  /** `document.open()` takes every listener off, also those of the window: each is put back, or is still there. */
  function listen() {
    button.addEventListener("click", api.toggle);
    frame?.addEventListener("load", loads);
    window.addEventListener("message", hears);
    window.addEventListener("storage", looks);
    // The visitor goes into the frame.
    window.addEventListener("blur", tells);
    document.addEventListener("keydown", presses);
  }

  /** @param {KeyboardEvent} event */
  function closeByKey(event) {
    if (event.key === "Escape" && isOpen && shadow.activeElement) api.close();
  }

  /** Through CSSOM, where there is one: then a strict style-src of the site does not matter. */
  function style() {
    if ("replaceSync" in CSSStyleSheet.prototype) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      shadow.adoptedStyleSheets = [sheet];
      return;
    }
    const element = document.createElement("style");
    element.textContent = STYLE;
    /** @type {any} */ (shadow).append(element);
  }

  // ---- small things ----------------------------------------------------------------------------------------------

  /** @param {HTMLScriptElement | null} tag @returns {Record<string, any>} */
  function fromTag(tag) {
    /** @type {Record<string, any>} */
    const found = {};
    for (const [name, value] of Object.entries(tag?.dataset ?? {})) {
      // An empty one turns on what can be turned on, and says nothing of the rest.
      found[name] =
        value === "true" ||
        (value === "" && SETTINGS[name] === false) ||
        (value !== "false" && (value || SETTINGS[name]));
    }
    return found;
  }

  /** @param {any} wish  a language that we do not speak is English, none at all the first @returns {string} */
  function known(wish) {
    const codes = Object.keys(TEXTS);
    if (!wish) return codes[0];
    const tag = String(wish).replace(/_/g, "-").toLowerCase();
    const [first] = tag.split("-");
    const alike = codes.filter((code) => code.split("-")[0] === first);
    return [tag, first, ...alike, "en"].find((code) => codes.includes(code)) || codes[0];
  }

  /** @returns {string} */
  function chosenLocale() {
    const wish = settings.useBrowserLanguage
      ? navigator.language
      : settings.locale || document.documentElement.lang || navigator.language;
    return known(wish);
  }

  /** What the server knows of the site. Without its answer the widget works all the same. */
  async function askSite() {
    const { default: site } = await import(`${base}/site.js?${new URLSearchParams({ site: settings.site })}`);
    if (!site) {
      console.warn(`Adminara: no site has the key "${settings.site}" (admin, Sites): the default site is shown.`);
      return emit("error", { code: "site_unknown", field: "site" });
    }
    for (const [name, value] of Object.entries(site.colours || {}))
      button.style.setProperty(`--ad-site-${name}`, /** @type {string} */ (value));
    hours = site.hours;
    tellHours();
  }

  /** Whoever has no conversation cannot begin one now. @returns {string} */
  function shownStatus() {
    const now = Date.now();
    return status === "idle" && hours?.some(([from, until]) => from <= now && now < until) === false
      ? "closed"
      : status;
  }

  /** Now, and whenever they begin or end. Timers know neither months nor how long a laptop was closed. */
  function tellHours() {
    const next = hours?.flat().find((at) => at > Date.now());
    // All are over: what holds now this page does not know.
    if (!next && hours?.length) hours = undefined;
    const before = told;
    told = shownStatus();
    if (told !== before) emit("status-changed", { status: told });
    if (next) setTimeout(safely(tellHours), Math.min(next - Date.now(), HOUR_MS));
  }

  /** What goes through a message: as JSON has it. @param {any} value @returns {any} undefined: it does not */
  function plain(value) {
    try {
      return value === undefined ? null : JSON.parse(JSON.stringify(value));
    } catch {
      return undefined;
    }
  }

  /** @param {any} value */
  function isRecord(value) {
    return typeof value === "object" && value !== null && !Array.isArray(value);
  }

  /** A visitor who goes to another page finds the conversation there as it was left. @returns {boolean} whether so */
  function save() {
    try {
      if (lasting)
        sessionStorage.setItem(MEMORY, JSON.stringify({ status: lasting, open: isOpen, unread, locale, handle }));
      else sessionStorage.removeItem(MEMORY);
      return true;
    } catch {
      return false; // Storage may be forbidden; then the next page shows the launcher only.
    }
  }

  /** What an earlier page of this tab left. */
  function resume() {
    let left;
    try {
      left = JSON.parse(sessionStorage.getItem(MEMORY) || "null");
    } catch {
      return; // not ours, or forbidden
    }
    if (!left) return;
    if (ACTIVE.includes(left.status)) lasting = left.status;
    if (typeof left.handle === "string") handle = left.handle;
    if (left.locale) locale = known(left.locale);
    if (left.unread > 0) unread = Math.min(999, Math.floor(left.unread));
    if (left.open) unfold();
    else loadFrame();
    draw();
  }

  /** Other tabs look for it; their frames know what is true of it. @param {boolean} ends  there was one until now */
  function lead(ends) {
    try {
      if (lasting) localStorage.setItem(LED, "1");
      else if (ends) localStorage.removeItem(LED);
      follows = false;
    } catch {
      // Forbidden: nobody follows.
    }
  }

  /** Another tab has a conversation: our frame says so, and goes on with it when that tab is closed. */
  function follow() {
    try {
      if (!localStorage.getItem(LED)) return;
    } catch {
      return; // Forbidden.
    }
    follows = true;
    loadFrame();
    if (heard) post("follow");
  }

  /** @param {string} name @param {any} [detail] */
  function emit(name, detail = {}) {
    for (const listener of [...(listeners[name] || [])]) setTimeout(listener, 0, detail); // one that throws stops nobody
    announce(name, detail);
  }

  // Beside the body, which need not be there yet: whatever a site does to it leaves the frame alone, and with it the call.
  document.documentElement.append(root);
  watch.observe(document, { childList: true });
  watch.observe(document.documentElement, { childList: true });
  const queue = host.Adminara?.q;
  host.Adminara = Object.assign(api, { q: { push: run } });
  listen();
  draw();
  resume();
  looks();
  if (Array.isArray(queue)) for (const call of queue) run(call);
  announce("ready", {});
  askSite().catch(() => {});
});
