/*! Adminara live support. Paste before </body>:
 *    <script async src="https://support.example.com/embed.js"></script>
 *  Settings: window.adminaraSettings = {position, locale, useBrowserLanguage, theme, launcherTitle, hideLauncher, baseUrl}
 *  or data-position, data-locale, … on the tag. Calls before it has loaded:
 *    window.Adminara = window.Adminara || {q: []};  Adminara.q.push(["open"]);  Adminara.q.push(["on", "ready", fn]);
 */
(function () {
  "use strict";

  /** @type {any} */
  const host = window;
  if (host.Adminara && !host.Adminara.q) return;

  const TEXTS = {
    tr: { open: "Canlı destek", close: "Canlı desteği kapat", frame: "Canlı destek penceresi", unread: "okunmamış mesaj", position: "sıradaki yeriniz" },
    en: { open: "Live support", close: "Close live support", frame: "Live support window", unread: "unread messages", position: "place in line" },
  };
  const EVENTS = [
    "ready", "opened", "closed", "status-changed", "queue-joined", "queue-position", "queue-left", "call-started",
    "call-reconnecting", "call-ended", "message", "unread", "error",
  ];
  // What the site may ask of the page in the iframe.
  const COMMANDS = ["setUser", "setAttributes", "leaveQueue", "reset"];
  const ACTIVE = ["joining", "waiting", "in-call"];
  const MEMORY = "adminara.active";

  const script = /** @type {HTMLScriptElement | null} */ (document.currentScript || document.querySelector('script[src*="/embed.js"]'));
  const settings = Object.assign(fromTag(script), host.adminaraSettings);
  const base = new URL(settings.baseUrl || (script && script.src) || location.href, location.href).origin;

  /** @type {Record<string, Set<(detail: any) => void>>} */
  const listeners = {};
  /** @type {[string, any][]} said before the iframe could hear it */
  const outgoing = [];
  let locale = chosenLocale();
  let isOpen = false;
  let heard = false;
  let status = "idle";
  let unread = 0;
  /** @type {number | null} */
  let position = null;
  /** @type {HTMLIFrameElement | null} */
  let frame = null;
  /** @type {Element | null} */
  let focusBefore = null;
  // A site that takes it out again and again does not want it.
  let returns = 50;

  // ---- parts in the page: a shadow root, styled through CSSOM, so that a strict style-src of the site does not matter

  const root = document.createElement("div");
  const shadow = root.attachShadow({ mode: "open" });
  const button = document.createElement("button");
  const badge = document.createElement("span");
  const panel = document.createElement("div");
  button.type = "button";
  button.className = "launcher";
  badge.className = "badge";
  badge.hidden = true;
  panel.className = "panel";
  panel.hidden = true;
  button.append(glyph("M17 18h30a5 5 0 0 1 5 5v17a5 5 0 0 1-5 5H33l-10 8v-8h-6a5 5 0 0 1-5-5V23a5 5 0 0 1 5-5Z", "bubble"), glyph("M20 27 32 39 44 27", "chevron"), badge);
  button.addEventListener("click", () => api.toggle());
  style(shadow);
  shadow.append(panel, button);

  const api = {
    open() {
      loadFrame();
      if (isOpen) return;
      isOpen = true;
      focusBefore = document.activeElement === root ? button : document.activeElement;
      draw();
      if (frame) frame.focus();
      tell("shown");
      emit("opened");
    },
    close() {
      if (!isOpen) return;
      const within = shadow.activeElement !== null;
      isOpen = false;
      draw();
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
      if (frame) tell("setLocale", locale);
    },
    /** @param {any} [wish]  {name?, topic?, media?}: with a name it joins at once, else the form is filled in */
    startCall(wish) {
      api.open();
      tell("startCall", wish || {});
    },
    /** @param {string} name @param {(detail: any) => void} listener */
    on(name, listener) {
      (listeners[name] ||= new Set()).add(listener);
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

  function loadFrame() {
    if (frame) return;
    frame = document.createElement("iframe");
    frame.title = TEXTS[locale].frame;
    frame.allow = ["microphone", "camera", "display-capture", "autoplay", "speaker-selection"].map((name) => `${name} ${base}`).join("; ");
    frame.src = `${base}/widget/?locale=${locale}`;
    frame.addEventListener("load", () => {
      heard = true;
      post("configure", { locale, theme: settings.theme, open: isOpen });
      for (const [command, value] of outgoing.splice(0)) post(command, value);
    });
    panel.append(frame);
  }

  /** @param {string} command @param {any} [value] */
  function tell(command, value) {
    if (heard) post(command, value);
    else if (command !== "shown" && command !== "hidden") outgoing.push([command, value]);
  }

  /** @param {string} command @param {any} [value] */
  function post(command, value) {
    frame?.contentWindow?.postMessage({ adminara: 1, command, value: value === undefined ? null : JSON.parse(JSON.stringify(value)) }, base);
  }

  /** @param {MessageEvent} message */
  function hear({ source, origin, data }) {
    if (!frame || source !== frame.contentWindow || origin !== base || !data || data.adminara !== 1) return;
    const { event, detail } = data;
    if (event === "minimize") return api.close();
    if (!EVENTS.includes(event)) return;
    if (event === "status-changed") setStatus(detail.status);
    if (event === "unread") unread = detail.count;
    if (event === "queue-position" || event === "queue-joined") position = detail.position;
    draw();
    emit(event, detail);
  }

  /** @param {string} next */
  function setStatus(next) {
    status = next;
    if (next !== "waiting") position = null;
    // A visitor who goes to another page of the site keeps the place: that page loads the iframe at once.
    remember(ACTIVE.includes(next));
    if (next === "in-call" && !isOpen) api.open();
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
    badge.hidden = isOpen || !count;
    badge.textContent = String(count);
    badge.className = unread ? "badge" : "badge place";
    const about = isOpen ? "" : unread ? `, ${unread} ${words.unread}` : position ? `, ${words.position}: ${position}` : "";
    button.setAttribute("aria-label", (isOpen ? words.close : settings.launcherTitle || words.open) + about);
    button.setAttribute("aria-expanded", String(isOpen));
    button.title = isOpen ? words.close : settings.launcherTitle || words.open;
    if (frame) frame.title = words.frame;
  }

  /** The page's own rules reach the root, and only it: what stands here wins over all of them. */
  function armour() {
    const rules = {
      all: "initial", display: "block", position: "fixed", "z-index": "2147483000", opacity: "1", visibility: "visible",
      inset: settings.position === "left" ? "auto auto 0 0" : "auto 0 0 auto", "pointer-events": "auto", transform: "none", filter: "none",
    };
    for (const name in rules) root.style.setProperty(name, /** @type {any} */ (rules)[name], "important");
  }

  /** Sites that swap their pages take out what they do not know; a frame that was taken out loads anew and resumes. */
  function stay() {
    if (root.isConnected || --returns < 0 || !document.documentElement) return;
    heard = false;
    document.documentElement.append(root);
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
    const css = `
:host { all: initial; position: fixed; z-index: 2147483000; inset: auto 0 0 auto; }
:host([data-position="left"]) { inset: auto auto 0 0; }
[hidden] { display: none !important; }
.launcher { position: fixed; bottom: max(20px, env(safe-area-inset-bottom)); right: 20px; width: 60px; height: 60px; padding: 0; border: 0;
  border-radius: 50%; background: #0e5f57; box-shadow: 0 2px 6px rgb(20 40 36 / 24%), 0 10px 28px rgb(20 40 36 / 30%); cursor: pointer;
  transition: transform 160ms cubic-bezier(.2,.8,.3,1), background 140ms; }
.launcher:hover { background: #0a4d47; transform: translateY(-2px); }
.launcher:focus-visible { outline: 3px solid #0b7bd0; outline-offset: 3px; }
:host([data-position="left"]) .launcher { right: auto; left: 20px; }
svg { position: absolute; inset: 13px; transition: opacity 160ms, transform 220ms; }
.bubble { fill: #fffdfa; }
.chevron { fill: none; stroke: #fffdfa; stroke-width: 5; stroke-linecap: round; stroke-linejoin: round; opacity: 0; transform: rotate(-60deg); }
:host([data-open="true"]) .bubble { opacity: 0; transform: rotate(60deg); }
:host([data-open="true"]) .chevron { opacity: 1; transform: none; }
.badge { position: absolute; top: -4px; right: -4px; min-width: 22px; padding: 0 6px; box-sizing: border-box; border-radius: 11px;
  background: #c94f2c; color: #fff; font: 700 12px/22px system-ui, sans-serif; text-align: center; box-shadow: 0 0 0 2px #fffdfa; }
.badge.place { background: #12211f; }
.panel { position: fixed; bottom: calc(max(20px, env(safe-area-inset-bottom)) + 76px); right: 20px; width: min(400px, calc(100vw - 40px));
  height: min(680px, calc(100vh - 120px)); overflow: hidden; border-radius: 20px; background: #fffdfa;
  box-shadow: 0 8px 20px rgb(20 40 36 / 14%), 0 24px 64px rgb(20 40 36 / 24%); animation: rise 260ms cubic-bezier(.2,.8,.3,1); }
:host([data-position="left"]) .panel { right: auto; left: 20px; }
:host([data-theme="dark"]) .panel { background: #17221f; }
@media (prefers-color-scheme: dark) { :host([data-theme="auto"]) .panel { background: #17221f; } }
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
    for (const [name, value] of Object.entries((tag && tag.dataset) || {})) {
      found[name] = value === "true" || value === "" ? true : value === "false" ? false : value;
    }
    return found;
  }

  /** @param {any} wish  a language that we do not speak is English, none at all is Turkish @returns {'tr' | 'en'} */
  function known(wish) {
    return !wish || String(wish).toLowerCase().startsWith("tr") ? "tr" : "en";
  }

  /** @returns {'tr' | 'en'} */
  function chosenLocale() {
    const wish = settings.useBrowserLanguage ? navigator.language : settings.locale || document.documentElement.lang || navigator.language;
    return known(wish);
  }

  /** @param {boolean} [active]  without it: asks. @returns {boolean} */
  function remember(active) {
    try {
      if (active === undefined) return sessionStorage.getItem(MEMORY) === "1";
      if (active) sessionStorage.setItem(MEMORY, "1");
      else sessionStorage.removeItem(MEMORY);
      return active;
    } catch {
      return false; // Storage may be forbidden; then the next page shows the launcher only.
    }
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
    const known = /** @type {any} */ (api)[method];
    if (typeof known === "function") known(...given);
    else console.warn(`Adminara: there is no method ${method}`);
  }

  function start() {
    // Beside the body: whatever a site does to its body leaves the frame alone, and with it the call.
    document.documentElement.append(root);
    const watch = new MutationObserver(stay);
    watch.observe(document, { childList: true });
    watch.observe(document.documentElement, { childList: true });
    window.addEventListener("message", hear);
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && isOpen && shadow.activeElement) api.close();
    });
    draw();
    if (remember()) loadFrame();
    const queue = (host.Adminara && host.Adminara.q) || [];
    host.Adminara = api;
    for (const call of queue) run(call);
    document.dispatchEvent(new CustomEvent("adminara:ready", { detail: {} }));
  }

  if (document.body) start();
  else document.addEventListener("DOMContentLoaded", start);
})();
