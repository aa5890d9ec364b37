import { h } from "../dom.js";

/**
 * Addresses in what people write, made clickable. Text stays text: elements are made of it, never markup.
 *
 * Only what is plainly an address becomes a link, and what it shows is where it leads: no user name stands in front of the
 * host (`https://good@evil`), nothing invisible or direction-changing is part of it, and its scheme is one of four.
 *
 * @typedef {{text: string, href?: string}} Part
 */

const LONGEST = 2048;
/** Spaces, controls, formats (direction marks among them) and quotes end an address. */
const CHARACTER = "[^\\p{Z}\\p{C}<>\"'`«»“”‘’]";
const FOUND = new RegExp(
  [
    `https?://${CHARACTER}+`,
    `www\\.${CHARACTER}+`,
    `(?:mailto|tel):${CHARACTER}+`,
    "[\\w.+-]{1,64}@[\\w-]+\\.[\\w.-]+",
  ].join("|"),
  "giu",
);
/** Of a sentence, not of the address before it. */
const TRAILING = new Set(".,;:!?*_~|…。、，！？；：");
/** @type {Record<string, string>} */
const OPENED_BY = { ")": "(", "]": "[", "}": "{" };
const MAIL = /^[a-z0-9][\w.+-]{0,63}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}$/i;
const PHONE = /^\+?[0-9][0-9 ().-]{2,30}$/;

/** @param {string} text @returns {Part[]} together they are the text again */
export function partsOf(text) {
  /** @type {Part[]} */
  const parts = [];
  let done = 0;
  for (const { 0: found, index } of text.matchAll(FOUND)) {
    // An address begins where a word does: `xhttps://…` is none, nor is the end of another one.
    if (index < done || /[\p{L}\p{N}_@/]/u.test(text[index - 1] ?? "")) continue;
    const shown = trimmed(found.slice(0, LONGEST + 1));
    const href = shown.length > LONGEST ? null : addressOf(shown);
    if (href === null) continue;
    if (index > done) parts.push({ text: text.slice(done, index) });
    parts.push({ text: shown, href });
    done = index + shown.length;
  }
  if (done < text.length) parts.push({ text: text.slice(done) });
  return parts;
}

/** The text with its links, to be put into an element. @param {string} text @returns {(HTMLElement | string)[]} */
export function linked(text) {
  return partsOf(text).map((part) => (part.href === undefined ? part.text : link(part.text, part.href)));
}

/** @param {HTMLElement} place @param {string} text  that it holds */
export function linkIn(place, text) {
  place.replaceChildren(...linked(text));
}

/** @param {string} text @param {string} href */
function link(text, href) {
  // `dir`: what stands around it must not turn it. `title`: an international name as the network knows it.
  const attributes = { href, target: "_blank", rel: "noopener nofollow ugc", dir: "ltr", title: href };
  return h("a", { class: "ad-link", ...attributes }, text);
}

/** Without the end of the sentence; a bracket stays where it was opened inside. @param {string} found */
function trimmed(found) {
  /** @type {Record<string, number>} */
  const open = {};
  for (const character of found) open[character] = (open[character] ?? 0) + 1;
  let end = found.length;
  for (; end > 0; end -= 1) {
    const last = found[end - 1];
    const opener = OPENED_BY[last];
    const closes = opener !== undefined && (open[last] ?? 0) > (open[opener] ?? 0);
    if (!closes && !TRAILING.has(last)) break;
    open[last] -= 1;
  }
  return found.slice(0, end);
}

/** @param {string} shown @returns {string | null} where it leads; null when it is no address that we link */
function addressOf(shown) {
  const scheme = /^(https?|mailto|tel):/i.exec(shown)?.[1].toLowerCase();
  if (scheme === "mailto" || scheme === "tel") {
    const rest = shown.slice(scheme.length + 1);
    if (scheme === "mailto") return MAIL.test(rest) ? `mailto:${rest}` : null;
    return PHONE.test(rest) ? `tel:${rest.replace(/[^+0-9]/g, "")}` : null;
  }
  if (scheme === undefined && MAIL.test(shown)) return `mailto:${shown}`;
  if (scheme === undefined && !/^www\../i.test(shown)) return null;
  const url = parsed(scheme ? shown : `https://${shown}`);
  if (!url || (url.protocol !== "https:" && url.protocol !== "http:")) return null;
  // A backslash is a slash to browsers and a letter to readers; a name before the host looks like one.
  if (url.username || url.password || /[\\@]/.test(authorityOf(shown)) || !url.hostname) return null;
  return url.href;
}

/** What a reader takes for the host: up to the first slash. @param {string} shown */
function authorityOf(shown) {
  return /^(?:https?:\/\/)?([^/?#]*)/i.exec(shown)?.[1] ?? "";
}

/** @param {string} address */
function parsed(address) {
  try {
    return new URL(address);
  } catch {
    return null;
  }
}
