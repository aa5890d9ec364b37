/*! Adminara live support. Paste before </body>:
 *    <script async src="https://support.example.com/embed.js"></script>
 *  Settings: window.adminaraSettings = {position, locale, useBrowserLanguage, theme, launcherTitle, hideLauncher, baseUrl}
 *  or data-position, data-locale, … on the tag. Calls before it has loaded:
 *    window.Adminara = window.Adminara || {q: []};  Adminara.q.push(["open"]);  Adminara.q.push(["on", "ready", fn]);
 */
(() => {
  "use strict";

  /** @type {any} */
  const host = window;
  if (host.Adminara && !host.Adminara.q) return;

  /** The page's own style cannot reach tokens.css from here, so its light values stand here once more; a test compares them. */
  const COLOURS = {
    primary: "#0e5f57",
    primaryHover: "#0a4d47",
    accent: "#c94f2c",
    onAccent: "#ffffff",
    surface: "#fffdfa",
    surfaceDark: "#17221f", // of the dark theme
    stage: "#12211f",
    focus: "#0b7bd0",
    live: "#35b37e", // a conversation is under way
    shadow: "20 40 36",
  };

  /**
   * Of all languages; the server puts them in (support/http/views.py), the one where nobody chose first.
   * @type {Record<string, Record<string, string>>}
   */
  const TEXTS = /* texts */ {};
  const EVENTS = [
    "ready",
    "opened",
    "closed",
    "status-changed",
    "queue-joined",
    "queue-position",
    "queue-left",
    "call-started",
    "call-reconnecting",
    "call-ended",
    "message",
    "unread",
    "error",
  ];
  // What the site may ask of the page in the iframe.
  const COMMANDS = ["setUser", "setAttributes", "leaveQueue", "reset"];
  const ACTIVE = ["joining", "waiting", "in-call"];
  const MEMORY = "adminara.active";
  /** As many calls as wait for a frame. */
  const ASKED_MOST = 50;
  /** As many facts as the frame looks at. */
  const FACTS_MOST = 128;
  /** A site that takes the widget out more often than that gets it back a little later. */
  const RETURNS_MOST = 50;
  const RETURNS_MS = 60_000;

  const script = /** @type {HTMLScriptElement | null} */ (
    document.currentScript || document.querySelector('script[src*="/embed.js"]')
  );
  const settings = Object.assign(fromTag(script), host.adminaraSettings);
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
  /** The newest status of the conversation that goes on, of an earlier page's too; "" without one. */
  let lasting = "";
  /** What brings the conversation back where the browser lets the frame store nothing: the server made it for us. */
  let handle = "";
  let unread = 0;
  /** The count is of a frame before this one, which this one knows nothing of. */
  let unreadBefore = false;
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

  // ---- parts in the page: a shadow root, styled through CSSOM, so that a strict style-src of the site does not matter

  const root = document.createElement("div");
  const shadow = root.attachShadow({ mode: "open" });
  const button = document.createElement("button");
  const badge = document.createElement("span");
  const panel = document.createElement("div");
  const watch = new MutationObserver(stay);
  button.type = "button";
  button.className = "launcher";
  badge.className = "badge";
  badge.hidden = true;
  panel.className = "panel";
  panel.hidden = true;
  button.append(
    glyph("M17 18h30a5 5 0 0 1 5 5v17a5 5 0 0 1-5 5H33l-10 8v-8h-6a5 5 0 0 1-5-5V23a5 5 0 0 1 5-5Z", "bubble"),
    glyph("M20 27 32 39 44 27", "chevron"),
    badge,
  );
  style(shadow);
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
    status: () => status,
  };
  for (const command of COMMANDS) {
    /** @type {any} */ (api)[command] = (/** @type {any} */ value) => tell(command, value);
  }

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
    frame.src = `${base}/widget/?locale=${locale}`;
    frame.addEventListener("load", introduce);
    panel.append(frame);
  }

  /** The frame was loaded, for the first time or anew: it hears everything that holds, then what it was asked for. */
  function introduce() {
    heard = true;
    unreadBefore = unread > 0;
    post("configure", { locale, theme: settings.theme, open: isOpen, keeps: save(), handle });
    const asked = outgoing.splice(0);
    if (asked[0]?.[0] === "reset") post(...asked.splice(0, 1)[0]);
    if (Object.keys(said).length > 0) post("setUser", said);
    for (const [command, value] of asked) post(command, value);
  }

  /** @param {string} command @param {any} [given] */
  function tell(command, given) {
    const value = plain(given);
    if (value === undefined) return emit("error", { code: "not_taken", field: command });
    const kept = keep(command, value);
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
    const { name, identity, attributes } = command === "setUser" ? value : { attributes: value };
    const facts = isRecord(attributes)
      ? Object.entries({ ...said.attributes, ...attributes }).slice(0, FACTS_MOST)
      : null;
    said = {
      ...said,
      ...(name != null && { name }),
      ...(identity != null && { identity }),
      ...(facts && { attributes: Object.fromEntries(facts) }),
    };
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
    if (event === "locale") locale = known(detail.locale);
    if (event === "handle") handle = detail.handle;
    if (event === "status-changed") setStatus(detail.status);
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
    const begins = next === "in-call" && lasting !== "in-call";
    status = next;
    if (next !== "waiting") position = null;
    if (ACTIVE.includes(next)) lasting = next;
    else if (next === "idle" || next === "ended") lasting = handle = "";
    // A call that begins is shown; one that was found again is left as the visitor left it.
    if (begins && !isOpen) api.open();
  }

  // ---- drawing ---------------------------------------------------------------------------------------------------

  function draw() {
    const words = TEXTS[locale];
    const count = unread || (status === "waiting" && position) || 0;
    button.hidden = Boolean(settings.hideLauncher);
    panel.hidden = !isOpen;
    root.dataset.position = settings.position === "left" ? "left" : "right";
    armour();
    root.dataset.open = String(isOpen);
    root.dataset.theme = settings.theme || "auto";
    const live = lasting === "in-call";
    badge.hidden = isOpen || !(count || live);
    badge.textContent = count ? String(count) : "";
    badge.className = unread ? "badge" : live ? "badge live" : "badge place";
    const about = isOpen
      ? ""
      : unread
        ? `, ${unread} ${words.unread}`
        : live
          ? `, ${words.live}`
          : count
            ? `, ${words.position}: ${count}`
            : "";
    button.setAttribute("aria-label", (isOpen ? words.close : settings.launcherTitle || words.open) + about);
    button.setAttribute("aria-expanded", String(isOpen));
    button.title = isOpen ? words.close : settings.launcherTitle || words.open;
    if (frame) frame.title = words.frame;
  }

  /** The page's own rules reach the root, and only it: what stands here wins over all of them. */
  function armour() {
    const rules = {
      all: "initial",
      display: "block",
      position: "fixed",
      "z-index": "2147483000",
      opacity: "1",
      visibility: "visible",
      inset: settings.position === "left" ? "auto auto 0 0" : "auto 0 0 auto",
      "pointer-events": "auto",
      transform: "none",
      filter: "none",
    };
    for (const name in rules) root.style.setProperty(name, /** @type {any} */ (rules)[name], "important");
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
      returning = setTimeout(() => {
        returning = null;
        stay();
      }, RETURNS_MS);
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
    frame?.addEventListener("load", introduce);
    window.addEventListener("message", hear);
    document.addEventListener("keydown", closeByKey);
  }

  /** @param {KeyboardEvent} event */
  function closeByKey(event) {
    if (event.key === "Escape" && isOpen && shadow.activeElement) api.close();
  }

  /** @param {string} d @param {string} name */
  function glyph(d, name) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    svg.setAttribute("viewBox", "0 0 64 64");
    svg.setAttribute("aria-hidden", "true");
    svg.setAttribute("class", name);
    path.setAttribute("d", d);
    svg.append(path);
    return svg;
  }

  /** @param {ShadowRoot} target */
  function style(target) {
    const c = COLOURS;
    const css = `
:host { all: initial; position: fixed; z-index: 2147483000; inset: auto 0 0 auto; }
:host([data-position="left"]) { inset: auto auto 0 0; }
[hidden] { display: none !important; }
.launcher { position: fixed; bottom: max(20px, env(safe-area-inset-bottom)); right: 20px; width: 60px; height: 60px; padding: 0; border: 0;
  border-radius: 50%; background: ${c.primary}; box-shadow: 0 2px 6px rgb(${c.shadow} / 24%), 0 10px 28px rgb(${c.shadow} / 30%); cursor: pointer;
  transition: transform 160ms cubic-bezier(.2,.8,.3,1), background 140ms; }
.launcher:hover { background: ${c.primaryHover}; transform: translateY(-2px); }
.launcher:focus-visible { outline: 3px solid ${c.focus}; outline-offset: 3px; }
:host([data-position="left"]) .launcher { right: auto; left: 20px; }
svg { position: absolute; inset: 13px; transition: opacity 160ms, transform 220ms; }
.bubble { fill: ${c.surface}; }
.chevron { fill: none; stroke: ${c.surface}; stroke-width: 5; stroke-linecap: round; stroke-linejoin: round; opacity: 0; transform: rotate(-60deg); }
:host([data-open="true"]) .bubble { opacity: 0; transform: rotate(60deg); }
:host([data-open="true"]) .chevron { opacity: 1; transform: none; }
.badge { position: absolute; top: -4px; right: -4px; min-width: 22px; padding: 0 6px; box-sizing: border-box; border-radius: 11px;
  background: ${c.accent}; color: ${c.onAccent}; font: 700 12px/22px system-ui, sans-serif; text-align: center; box-shadow: 0 0 0 2px ${c.surface}; }
.badge.place { background: ${c.stage}; }
.badge.live { background: ${c.live}; min-width: 16px; width: 16px; height: 16px; padding: 0; top: 0; right: 0; }
.panel { position: fixed; bottom: calc(max(20px, env(safe-area-inset-bottom)) + 76px); right: 20px; width: min(400px, calc(100vw - 40px));
  height: min(680px, calc(100vh - 120px)); overflow: hidden; border-radius: 20px; background: ${c.surface};
  box-shadow: 0 8px 20px rgb(${c.shadow} / 14%), 0 24px 64px rgb(${c.shadow} / 24%); animation: rise 260ms cubic-bezier(.2,.8,.3,1); }
:host([data-position="left"]) .panel { right: auto; left: 20px; }
:host([data-theme="dark"]) .panel { background: ${c.surfaceDark}; }
@media (prefers-color-scheme: dark) { :host([data-theme="auto"]) .panel { background: ${c.surfaceDark}; } }
iframe { display: block; width: 100%; height: 100%; border: 0; }
@keyframes rise { from { opacity: 0; transform: translateY(16px) scale(.98); } }
@media (max-width: 480px) {
  .panel { inset: 0 !important; width: 100%; height: 100%; height: 100dvh; border-radius: 0; }
  :host([data-open="true"]) .launcher { display: none; }
}
@media (prefers-reduced-motion: reduce) { .panel { animation: none; } .launcher, svg { transition: none; } }`;
    if ("adoptedStyleSheets" in target && "replaceSync" in CSSStyleSheet.prototype) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      target.adoptedStyleSheets = [sheet];
      return;
    }
    const element = document.createElement("style");
    element.textContent = css;
    /** @type {ShadowRoot} */ (target).append(element);
  }

  // ---- small things ----------------------------------------------------------------------------------------------

  /** @param {HTMLScriptElement | null} tag @returns {Record<string, any>} */
  function fromTag(tag) {
    /** @type {Record<string, any>} */
    const found = {};
    for (const [name, value] of Object.entries(tag?.dataset ?? {})) {
      found[name] = value === "true" || value === "" ? true : value === "false" ? false : value;
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

  /** @param {string} name @param {any} [detail] */
  function emit(name, detail = {}) {
    for (const listener of [...(listeners[name] || [])]) setTimeout(listener, 0, detail); // one that throws stops nobody
    document.dispatchEvent(new CustomEvent(`adminara:${name}`, { detail }));
  }

  /** @param {any} call  ["method", ...arguments] or a function that gets the API */
  function run(call) {
    if (typeof call === "function") return call(api);
    const [method, ...given] = call;
    const made = /** @type {any} */ (api)[method];
    if (typeof made === "function") made(...given);
    else console.warn(`Adminara: there is no method ${method}`);
  }

  function start() {
    // Beside the body: whatever a site does to its body leaves the frame alone, and with it the call.
    document.documentElement.append(root);
    watch.observe(document, { childList: true });
    watch.observe(document.documentElement, { childList: true });
    listen();
    draw();
    resume();
    const queue = host.Adminara?.q || [];
    host.Adminara = api;
    for (const call of queue) run(call);
    document.dispatchEvent(new CustomEvent("adminara:ready", { detail: {} }));
  }

  if (document.body) start();
  else document.addEventListener("DOMContentLoaded", start);
})();
