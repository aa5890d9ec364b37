/**
 * Enter sends and Shift+Enter breaks the line. The Enter that takes an input method's word does neither: Safari tells
 * of it after the composition has ended, so that only the key code 229 gives it away.
 * @param {KeyboardEvent} event  keydown
 */
export function isSendingKey(event) {
  return event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229;
}
