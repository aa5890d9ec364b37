/**
 * An unguessable key, 128 bits as hex. Works without a secure context, where randomUUID does not exist.
 * @returns {string}
 */
export function randomKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
