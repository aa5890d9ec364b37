/**
 * The floor as it is now, drawn into the page as it stands: rows come and go, what is told of them changes, and whatever
 * somebody has opened, chosen or written in a row that stays is left alone.
 * @param {HTMLElement} shown
 * @param {HTMLElement} fresh  the same from the server
 */
export function drawRows(shown, fresh) {
  const sections = [...fresh.querySelectorAll("section")];
  for (const [at, section] of [...shown.querySelectorAll("section")].entries()) {
    const next = sections[at];
    if (!next) continue;
    renew(section, next, ":scope > [data-live]");
    const [list, rows] = [section.querySelector("[data-list]"), next.querySelector("[data-list]")];
    if (list && rows) drawList(list, rows);
  }
}

/** @param {Element} list @param {Element} fresh */
function drawList(list, fresh) {
  const known = new Map([...list.children].map((row) => [keyOf(row), row]));
  const wanted = [...fresh.children].map((row) => {
    const old = known.get(keyOf(row));
    if (!old || kindOf(old) !== kindOf(row)) return document.importNode(row, true);
    renew(old, row, ":scope > [data-live]");
    return old;
  });
  const kept = new Set(wanted);
  const held = document.activeElement;
  for (const row of [...list.children]) if (!kept.has(row)) row.remove();
  for (const [at, row] of wanted.entries()) {
    if (list.children[at] !== row) list.insertBefore(row, list.children[at] ?? null);
  }
  // Moving a row takes the focus from what is in it.
  if (held instanceof HTMLElement && list.contains(held) && document.activeElement !== held) held.focus();
}

/** @param {Element} row @returns {string} */
const keyOf = (row) => row.getAttribute("data-key") ?? "";

/** What can be done with it: a row that gains or loses that is drawn anew. @param {Element} row @returns {string} */
const kindOf = (row) => [...row.children].map((child) => child.className).join(" ");

/** @param {Element} old @param {Element} fresh @param {string} parts  those that tell, in the same order in both */
function renew(old, fresh, parts) {
  const next = [...fresh.querySelectorAll(parts)];
  for (const [at, part] of [...old.querySelectorAll(parts)].entries()) {
    const now = next[at];
    if (now && part.innerHTML !== now.innerHTML) part.replaceChildren(...document.importNode(now, true).childNodes);
  }
}
