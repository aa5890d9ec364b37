/** @import {Store} from "./types.js" */

/**
 * A small string store over sessionStorage (in an iframe: the partitioned one). Where the browser forbids it
 * (SecurityError, quota) it keeps the values in memory and says so through `persistent`.
 *
 * @param {string} prefix
 * @param {() => Storage} [open]
 * @returns {Store}
 */
export function openStore(prefix, open = () => window.sessionStorage) {
  const probe = `${prefix}probe`;
  try {
    const storage = open();
    storage.setItem(probe, "1");
    storage.removeItem(probe);
    return {
      persistent: true,
      get: (key) => storage.getItem(prefix + key),
      set: (key, value) => storage.setItem(prefix + key, value),
      remove: (key) => storage.removeItem(prefix + key),
    };
  } catch {
    return memoryStore();
  }
}

/** @returns {Store} */
export function memoryStore() {
  /** @type {Map<string, string>} */
  const values = new Map();
  return {
    persistent: false,
    get: (key) => values.get(key) ?? null,
    set: (key, value) => void values.set(key, value),
    remove: (key) => void values.delete(key),
  };
}
