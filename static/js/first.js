/**
 * The customer's page before anybody touches it. The form stands in the HTML; this is there before it is painted, keeps
 * what is done to it, and fetches the rest of the page when it is needed: with the first touch, when the site asks for
 * something, or at once where an earlier page left a conversation, or another tab has one.
 */
import { ReconnectPolicy } from "./core/backoff.js";
import { isLed } from "./core/led.js";
import { openStore } from "./core/storage.js";

/**
 * @typedef {{messages: MessageEvent[], press: string, alone: boolean}} Held
 *   press: what was pressed beside the form, "language:en"; alone: no other tab has a conversation
 */

const TOUCHES = ["pointerdown", "focusin", "keydown", "input", "change", "click"];
/** What goes on at once when a page is loaded anew. */
const CONVERSATIONS = ["token", "join", "said"];
const HEARD_MOST = 100;
/** Some five minutes. */
const TRIES_MOST = 40;

const page = document.documentElement;
const script = /** @type {HTMLScriptElement} */ (document.currentScript);
const embedded = window.parent !== window;
/** @type {Held} */
const held = { messages: [], press: "", alone: true };
let begun = false;
/** Whether another tab has a conversation, so far. A preview is none of the tabs. */
const led = page.dataset.preview === undefined ? areLed() : Promise.resolve(false);

function areLed() {
  return isLed().catch(() => false);
}

/** The rest of the page; over and over until it has come. */
async function begin() {
  if (begun) return;
  begun = true;
  const { rest = "", texts = "" } = script.dataset;
  const link = { rel: "preload", as: "fetch", crossOrigin: "anonymous", href: texts };
  document.head.append(Object.assign(document.createElement("link"), link));
  const policy = new ReconnectPolicy();
  for (let tries = 0; tries < TRIES_MOST; tries++) {
    const part = await fetched(tries ? `${rest}?again=${tries}` : rest);
    if (part) return hand(part);
    tellTrouble();
    await new Promise((resolve) => setTimeout(resolve, policy.delay(tries)));
  }
}

/** Browsers may remember that an address failed: each try has one of its own. @param {string} address */
async function fetched(address) {
  try {
    return await import(address);
  } catch {
    return null;
  }
}

/** @param {{start: (held: Held) => void}} part */
async function hand(part) {
  if (document.readyState === "loading")
    await new Promise((resolve) => document.addEventListener("DOMContentLoaded", resolve, { once: true }));
  // As it is by now. Who is alone goes on in the form without a break.
  held.alone = !(await areLed());
  for (const name of TOUCHES) document.removeEventListener(name, touched, true);
  window.removeEventListener("message", hear);
  part.start(held);
}

function tellTrouble() {
  const line = /** @type {HTMLElement | null} */ (document.querySelector("[data-trouble]"));
  if (line) Object.assign(line, { textContent: line.dataset.trouble, hidden: false });
}

/** @param {Event} event */
function touched(event) {
  const pressed = event.target instanceof Element ? event.target.closest("[data-press]") : null;
  const word = pressed instanceof HTMLElement ? (pressed.dataset.press ?? "") : "";
  const escaped = event instanceof KeyboardEvent && event.key === "Escape";
  if (escaped || (event.type === "click" && word === "minimize")) minimize();
  else if (event.type === "change" && pressed instanceof HTMLSelectElement) held.press = word + pressed.value;
  else if (event.type === "click" && word.startsWith("language:") && !(pressed instanceof HTMLSelectElement))
    held.press = word;
  void begin();
}

function minimize() {
  const [first] = held.messages;
  if (first) tell("minimize", {}, first.origin);
}

/** @param {string} event @param {unknown} detail @param {string} origin */
function tell(event, detail, origin) {
  window.parent.postMessage({ adminara: 1, event, detail }, origin);
}

/** The site's words, for the bridge (app/customer/host/bridge.js). A site that only says hello needs none yet. @param {MessageEvent} event */
function hear(event) {
  const { source, origin, data } = event;
  if (source !== window.parent || data?.adminara !== 1 || origin === "null") return;
  if (held.messages.length < HEARD_MOST) held.messages.push(event);
  const { command, value } = data;
  if (["shown", "hidden", "page"].includes(command)) return;
  if (command !== "configure" || value?.handle || (value?.locale && value.locale !== page.lang)) return void begin();
  if (value?.theme === "light" || value?.theme === "dark") page.dataset.theme = value.theme;
  void led.then((elsewhere) => elsewhere || begun || tell("status-changed", { status: "idle" }, origin));
}

/** A press on Join waits for the view that takes the form over (ui/customer/welcome-view.js). @param {SubmitEvent} event */
function submitted(event) {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (form.dataset.taken !== undefined || !form.closest("#ad-welcome")) return;
  event.preventDefault();
  form.dataset.pressed = "";
  const button = /** @type {HTMLButtonElement | null} */ (form.querySelector("[type=submit]"));
  if (button) {
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
  }
  void begin();
}

/** This page is more than a form. */
function showMore() {
  page.dataset.screen = "loading";
  void begin();
}

/** @returns {boolean} whether the rest is needed at once */
function isExpected() {
  if (page.dataset.preview !== undefined) return false;
  const store = openStore("adminara.");
  const closed = page.dataset.closed !== undefined;
  if (closed || CONVERSATIONS.some((name) => store.get(name) !== null)) showMore();
  const wishes = new URLSearchParams(location.search).has("lang") || location.hash.startsWith("#place=");
  return wishes || !store.persistent || ["form", "locale", ...CONVERSATIONS].some((name) => store.get(name) !== null);
}

document.addEventListener("submit", submitted, true);
for (const name of TOUCHES) document.addEventListener(name, touched, true);
if (embedded) window.addEventListener("message", hear);
if (isExpected()) void begin();
void led.then((elsewhere) => elsewhere && showMore());
