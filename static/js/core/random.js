/**
 * An unguessable key, 128 bits as hex. Works without a secure context, where randomUUID does not exist.
 * @returns {string}
 */
export function randomKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Names this page load in the server's log lines, so that all that it caused can be found there. */
export const pageId = randomKey().slice(0, 16);
