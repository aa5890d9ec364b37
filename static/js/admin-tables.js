/**
 * The admin's tables on a phone: each row is a card, with the head of its column beside each cell (css/admin/cards.css).
 * Without this script they stay tables that scroll.
 */
const TABLES = "#result_list, .tabular table";
/** What stands in a cell that has nothing to say. */
const NOTHING = new Set(["", "-", "–"]);

for (const table of document.querySelectorAll(TABLES)) {
  if (table instanceof HTMLTableElement && table.tHead) makeCards(table, table.tHead.rows[0]);
}

/** @param {HTMLTableElement} table @param {HTMLTableRowElement} head */
function makeCards(table, head) {
  const labels = [...head.cells].flatMap((cell) => new Array(cell.colSpan).fill(labelOf(cell)));
  for (const body of table.tBodies) {
    for (const row of body.rows) {
      // What spans the row says what is wrong with it.
      if (row.cells.length !== labels.length) continue;
      for (const [at, cell] of [...row.cells].entries()) dress(cell, labels[at]);
    }
  }
  // A table whose parts are laid out as blocks is none for a screen reader, unless it is told.
  setRoles(table, head);
  table.classList.add("ad-cards");
}

/** @param {HTMLTableCellElement} cell of the head @returns {string} */
function labelOf(cell) {
  const words = cell.querySelector(".text") ?? cell;
  return words.textContent.trim();
}

/** @param {HTMLTableCellElement} cell @param {string} label */
function dress(cell, label) {
  const says = !NOTHING.has(cell.textContent.trim()) || cell.querySelector("img, input, select, textarea, svg");
  if (!says) cell.dataset.bare = "";
  if (label) cell.dataset.label = label;
}

/** @param {HTMLTableElement} table @param {HTMLTableRowElement} head */
function setRoles(table, head) {
  table.setAttribute("role", "table");
  for (const part of [table.tHead, ...table.tBodies]) part?.setAttribute("role", "rowgroup");
  for (const row of table.rows) {
    row.setAttribute("role", "row");
    for (const cell of row.cells) {
      const inHead = row === head ? "columnheader" : "rowheader";
      cell.setAttribute("role", cell.tagName === "TH" ? inHead : "cell");
    }
  }
}
