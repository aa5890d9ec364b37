const SVG = "http://www.w3.org/2000/svg";

/** 24 × 24 outlines drawn for this product; `currentColor`, 1.8 px strokes. @type {Record<string, string>} */
const PATHS = {
  mic: "M12 3.5a2.75 2.75 0 0 0-2.75 2.75v5.5a2.75 2.75 0 0 0 5.5 0v-5.5A2.75 2.75 0 0 0 12 3.5ZM6 11.5a6 6 0 0 0 12 0M12 17.5v3",
  "mic-off":
    "M4 4l16 16M9.25 9.25v2.5a2.75 2.75 0 0 0 4.3 2.28M14.75 11V6.25a2.75 2.75 0 0 0-5.3-1M6 11.5a6 6 0 0 0 9.2 5.08M18 11.5c0 .8-.16 1.56-.44 2.26M12 17.5v3",
  video:
    "M4.5 7h8.5A1.75 1.75 0 0 1 14.75 8.75v6.5A1.75 1.75 0 0 1 13 17H4.5a1.75 1.75 0 0 1-1.75-1.75v-6.5A1.75 1.75 0 0 1 4.5 7ZM14.75 11l5.1-3.2a.6.6 0 0 1 .9.5v7.4a.6.6 0 0 1-.9.5L14.75 13",
  "video-off":
    "M4 4l16 16M10 7h3a1.75 1.75 0 0 1 1.75 1.75V11l5.1-3.2a.6.6 0 0 1 .9.5v7.4M14.4 16.3c-.3.43-.82.7-1.4.7H4.5a1.75 1.75 0 0 1-1.75-1.75v-6.5A1.75 1.75 0 0 1 4.5 7h.6",
  chat: "M5.5 4.75h13A1.75 1.75 0 0 1 20.25 6.5v8.25a1.75 1.75 0 0 1-1.75 1.75H11l-4.4 3.3a.5.5 0 0 1-.8-.4V16.5h-.3a1.75 1.75 0 0 1-1.75-1.75V6.5A1.75 1.75 0 0 1 5.5 4.75ZM8 9h8M8 12.25h5",
  "hang-up":
    "M3.6 14.2c-.9-.9-.85-2.3.15-3.1A13.2 13.2 0 0 1 12 8.25c3.1 0 5.95 1.07 8.25 2.85 1 .8 1.05 2.2.15 3.1l-1 1c-.6.6-1.5.7-2.2.25l-1.7-1.1a1.6 1.6 0 0 1-.7-1.6l.2-1.2a9.6 9.6 0 0 0-6 0l.2 1.2a1.6 1.6 0 0 1-.7 1.6l-1.7 1.1c-.7.45-1.6.35-2.2-.25Z",
  send: "M4.2 12 3.3 5.2a.8.8 0 0 1 1.15-.8l15.6 6.9a.8.8 0 0 1 0 1.45L4.45 19.6a.8.8 0 0 1-1.15-.8L4.2 12Zm0 0h8",
  close: "M6 6l12 12M18 6 6 18",
  check: "M5 12.5l4.5 4.5L19 7.5",
  clock: "M12 3.75a8.25 8.25 0 1 0 0 16.5 8.25 8.25 0 0 0 0-16.5ZM12 7.5V12l3 2",
  leave: "M14 4.75h3.25A1.75 1.75 0 0 1 19 6.5v11a1.75 1.75 0 0 1-1.75 1.75H14M10.5 8l-4 4 4 4M6.5 12H15",
  warning: "M12 4.25 3.4 18.4a1 1 0 0 0 .85 1.5h15.5a1 1 0 0 0 .85-1.5L12 4.25ZM12 10v4M12 16.9v.1",
  offline:
    "M4 4l16 16M8.5 15.5a5 5 0 0 1 5.4-1M5.5 12a9.2 9.2 0 0 1 4.2-2.3M13.5 9.2A9.2 9.2 0 0 1 18.5 12M2.8 8.8a13 13 0 0 1 4-2.5M11 5.1a13 13 0 0 1 10.2 3.7M12 19v.1",
  globe:
    "M12 3.75a8.25 8.25 0 1 0 0 16.5 8.25 8.25 0 0 0 0-16.5ZM3.75 12h16.5M12 3.75c2.3 2.3 3.4 5 3.4 8.25S14.3 17.95 12 20.25C9.7 17.95 8.6 15.25 8.6 12S9.7 6.05 12 3.75Z",
  swap: "M7 4.5 3.75 7.75 7 11M3.75 7.75h13.5M17 13l3.25 3.25L17 19.5M20.25 16.25H6.75",
  lock: "M6.5 10.75h11a1.25 1.25 0 0 1 1.25 1.25v6.75A1.25 1.25 0 0 1 17.5 20h-11a1.25 1.25 0 0 1-1.25-1.25V12a1.25 1.25 0 0 1 1.25-1.25ZM8.25 10.75V7.5a3.75 3.75 0 0 1 7.5 0v3.25",
  door: "M6 20.25V10a6 6 0 0 1 12 0v10.25M4 20.25h16M14.5 14.5v.1",
  minimize: "M6 9.5l6 6 6-6",
  screen:
    "M4.5 5h15A1.5 1.5 0 0 1 21 6.5v8.75a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 15.25V6.5A1.5 1.5 0 0 1 4.5 5ZM8.5 20h7M12 16.75V20M12 13.5V8.25M9.5 10.5 12 8l2.5 2.5",
  "screen-off":
    "M3.5 3.5l17 17M8.5 5h11A1.5 1.5 0 0 1 21 6.5v8.75c0 .5-.25.95-.62 1.22M16.5 16.75h-12A1.5 1.5 0 0 1 3 15.25V6.5c0-.56.3-1.04.75-1.3M8.5 20h7M12 16.75V20",
  "picture-in-picture":
    "M4.5 5h15A1.5 1.5 0 0 1 21 6.5V11M10.5 19h-6A1.5 1.5 0 0 1 3 17.5v-11A1.5 1.5 0 0 1 4.5 5M13.75 13.5h6.5a.75.75 0 0 1 .75.75v4a.75.75 0 0 1-.75.75h-6.5a.75.75 0 0 1-.75-.75v-4a.75.75 0 0 1 .75-.75Z",
  speaker: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5H4ZM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.8 7.8 0 0 1 0 11",
  settings: "M4 7h10M18 7h2M4 17h2M10 17h10M16 5a2 2 0 1 1 0 4 2 2 0 0 1 0-4ZM8 15a2 2 0 1 1 0 4 2 2 0 0 1 0-4Z",
  bell: "M12 4a5.25 5.25 0 0 0-5.25 5.25c0 4.25-2 5.5-2 6.75h14.5c0-1.25-2-2.5-2-6.75A5.25 5.25 0 0 0 12 4ZM10 19a2.1 2.1 0 0 0 4 0",
};

/** A page's own outlines, on the same grid. @param {Record<string, string>} paths */
export function addIcons(paths) {
  Object.assign(PATHS, paths);
}

/**
 * @param {string} name
 * @returns {SVGSVGElement} decoration only: hidden from screen readers, the control around it has the words
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "ad-icon");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** Swaps what an icon shows. @param {Element} holder @param {string} name */
export function setIcon(holder, name) {
  holder.querySelector("path")?.setAttribute("d", PATHS[name]);
}
