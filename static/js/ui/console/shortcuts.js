/** Single keys for people who sit here all day. They rest while one types and can be turned off (WCAG 2.1.4). */

/**
 * @typedef {"available"|"ready"|"mute"|"camera"|"chat"|"board"|"card"|"outcome"|"note"|"restart"|"audio"|"transfer"|"end"|"help"} ShortcutName
 */

/** @type {Readonly<Record<string, ShortcutName>>} */
export const SHORTCUTS = Object.freeze({
  a: "available",
  n: "ready",
  m: "mute",
  k: "camera",
  c: "chat",
  b: "board",
  i: "card",
  o: "outcome",
  t: "note",
  r: "restart",
  v: "audio",
  p: "transfer",
  x: "end",
  "?": "help",
});

/** What has no button where it is switched off. @type {Readonly<Partial<Record<ShortcutName, "video"|"transfer">>>} */
const OF = Object.freeze({ camera: "video", audio: "video", transfer: "transfer" });

/**
 * @param {{video: boolean, transfer: boolean}} offers  what is not switched off here
 * @returns {[key: string, name: ShortcutName][]} the keys that do something
 */
export function shortcutsOf(offers) {
  return Object.entries(SHORTCUTS).filter(([, name]) => OF[name] === undefined || offers[OF[name]]);
}

/** What a key may do while a dialog covers the rest: nothing that is not seen. @type {readonly (ShortcutName|null)[]} */
const OVER_A_DIALOG = ["mute", "help"];

const EDITABLE = "input, textarea, select, [contenteditable=''], [contenteditable='true']";

/**
 * @param {{key: string, ctrlKey: boolean, altKey: boolean, metaKey: boolean, isComposing?: boolean, repeat?: boolean,
 *   defaultPrevented?: boolean, target: any}} event
 * @returns {ShortcutName|null}
 */
export function shortcutFor(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.repeat || event.defaultPrevented) {
    return null;
  }
  const name = SHORTCUTS[event.key.toLowerCase()] ?? null;
  if (typeof event.target?.closest !== "function") return name;
  if (event.target.closest(EDITABLE)) return null;
  return event.target.closest("dialog") && !OVER_A_DIALOG.includes(name) ? null : name;
}
