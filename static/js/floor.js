import { followFloor } from "./app/floor/follow.js";
import { fetchRows } from "./net/desk/floor.js";
import { drawRows } from "./ui/floor/rows.js";

// The supervisors' page of the admin. Without this script it is the floor of the moment at which it was opened.
const floor = document.querySelector("[data-floor]");
if (floor instanceof HTMLElement) {
  const late = floor.querySelector("[data-late]");
  followFloor({
    ask: () => fetchRows(floor.dataset.floor ?? ""),
    draw: (rows) => drawRows(/** @type {HTMLElement} */ (floor.querySelector("[data-rows]")), rows),
    tell: (isLate) => late instanceof HTMLElement && late.toggleAttribute("hidden", !isLate),
    isSeen: () => document.visibilityState === "visible",
  });
}
