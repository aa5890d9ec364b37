/**
 * Dates stand where a day changes, in the reader's own time zone. A chat that began and goes on today needs none.
 *
 * @param {readonly {key: string, at: number}[]} lines  in order; at: ms since 1970
 * @param {number} now  ms since 1970
 * @returns {Set<string>} keys of the lines that a date stands above
 */
export function dayHeads(lines, now) {
  /** @type {Set<string>} */
  const heads = new Set();
  let day = "";
  for (const { key, at } of lines) {
    if (dayOf(at) !== day) heads.add(key);
    day = dayOf(at);
  }
  return heads.size === 1 && day === dayOf(now) ? new Set() : heads;
}

/** @param {number} at  ms @param {string} locale @returns {string} `27 Kasım 2026 Cuma` */
export function dayText(at, locale) {
  return new Date(at).toLocaleDateString(locale, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
}

/** @param {number} at */
function dayOf(at) {
  return new Date(at).toDateString();
}
