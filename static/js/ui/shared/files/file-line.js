import { t } from "../../../core/i18n.js";
import { h } from "../dom.js";
import { icon } from "./file-icons.js";
import { kindText, stateText } from "./file-words.js";

/** @import {FileInfo} from "../../../core/types.js" */

/** Longest side of a picture in the log, CSS pixels. */
const SIDE = 240;

/**
 * The file of a line: a picture that opens, a document to take along, or why there is neither.
 * @param {HTMLElement} place @param {FileInfo} file @param {() => void} open  for a picture
 */
export function drawFile(place, file, open) {
  const old = place.querySelector("img");
  // A new address alone: what is seen already stays.
  if (file.thumb && old?.complete && old.naturalWidth && place.dataset.file === file.id) return;
  const focused = place.contains(document.activeElement);
  place.dataset.file = file.id;
  place.replaceChildren(file.state !== "ready" ? told(file) : file.thumb ? picture(file, open) : attachment(file));
  if (focused) /** @type {HTMLElement} */ (place.firstElementChild).focus();
}

/** @param {FileInfo} file @param {() => void} open */
function picture({ name, width = SIDE, height = SIDE, thumb }, open) {
  const scale = Math.min(1, SIDE / Math.max(width, height));
  const size = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
  return h(
    "button",
    {
      type: "button",
      class: "ad-file ad-file--picture",
      title: name,
      "aria-label": t("common.files.open", { name }),
      onclick: open,
    },
    // `size` keeps the room: the log does not jump when it comes.
    h("img", { src: thumb, alt: "", decoding: "async", ...size }),
  );
}

/** @param {FileInfo} file */
function attachment(file) {
  return h(
    "a",
    { class: "ad-file", href: file.url, download: file.name },
    icon("file"),
    words(file.name, kindText(file)),
    icon("download"),
  );
}

const SIGNS = { ready: "file", waiting: "clock", refused: "warning", erased: "close" };

/** @param {FileInfo} file */
function told(file) {
  return h(
    "div",
    { class: `ad-file ad-file--${file.state}` },
    icon(SIGNS[file.state]),
    words(file.name, stateText(file)),
  );
}

/** @param {string} name @param {string} below */
function words(name, below) {
  return h(
    "span",
    { class: "ad-file__words" },
    h("span", { class: "ad-file__name", dir: "auto" }, name),
    h("span", { class: "ad-file__kind" }, below),
  );
}
