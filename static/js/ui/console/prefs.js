/** What this operator likes on this browser. Nothing secret, nothing the server needs. */

/**
 * cameraWaits: it opens with the operator's answer, not with the match.
 * @typedef {{sound: boolean, notify: boolean, keys: boolean, camera: boolean, cameraWaits: boolean}} Preferences
 */

/** @type {Preferences} */
const DEFAULTS = { sound: true, notify: false, keys: true, camera: true, cameraWaits: false };
const KEY = "adminara.console.";

export class Prefs {
  /** @param {Pick<Storage, "getItem"|"setItem">|null} storage null where the browser forbids it: kept for this page only */
  constructor(storage) {
    this.storage = storage;
    /** @type {Preferences} */
    this.values = { ...DEFAULTS };
    for (const name of /** @type {(keyof Preferences)[]} */ (Object.keys(DEFAULTS))) {
      const stored = storage?.getItem(KEY + name);
      if (stored === "1" || stored === "0") {
        this.values[name] = stored === "1";
      }
    }
  }

  /**
   * @param {keyof Preferences} name
   * @returns {boolean}
   */
  get(name) {
    return this.values[name];
  }

  /**
   * @param {keyof Preferences} name
   * @param {boolean} value
   */
  set(name, value) {
    this.values[name] = value;
    try {
      this.storage?.setItem(KEY + name, value ? "1" : "0");
    } catch {
      // A full or forbidden store costs the memory of the choice, not the choice.
    }
  }
}

/** @returns {Storage|null} */
export function openLocalStorage() {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}
