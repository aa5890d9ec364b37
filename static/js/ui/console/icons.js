/** The console's line icons, drawn in the text's colour on a 24 by 24 grid. */

const SVG = "http://www.w3.org/2000/svg";

/** @type {Record<string, string>} */
const PATHS = {
  bell: "M6 9a6 6 0 0 1 12 0c0 5 2 6.5 2 6.5H4S6 14 6 9ZM10 19a2 2 0 0 0 4 0",
  "bell-off": "M4 4l16 16M18 14.5C18.2 13 18 11 18 9a6 6 0 0 0-9.5-4.9M6.2 8A7 7 0 0 0 6 9c0 5-2 6.5-2 6.5h11M10 19a2 2 0 0 0 4 0",
  camera: "M3 7.5A1.5 1.5 0 0 1 4.5 6h9A1.5 1.5 0 0 1 15 7.5v9a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 3 16.5v-9ZM15 10.5l6-3.5v10l-6-3.5",
  "camera-off": "M3 3l18 18M10 6h3.5A1.5 1.5 0 0 1 15 7.5V11M15 10.5l6-3.5v10l-3.5-2M15 16.5a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 3 16.5v-9A1.5 1.5 0 0 1 4.5 6H6",
  chat: "M4 5.5h16v11H9.5L5 20v-3.5H4v-11ZM8 9.5h8M8 12.5h5",
  check: "M5 12.5l4.5 4.5L19 7.5",
  "check-double": "M2.5 12.5L7 17l9-9.5M11.5 16l1 1L22 7.5",
  clock: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM12 7.5V12l3 2",
  close: "M6 6l12 12M18 6L6 18",
  coffee: "M5 9h12v5a5 5 0 0 1-5 5h-2a5 5 0 0 1-5-5V9ZM17 10.5h1.5a2.5 2.5 0 0 1 0 5H17M8 3.5v2.5M12 3.5v2.5",
  "hang-up": "M3.6 14.2c-.9-.9-.85-2.3.15-3.1A13.2 13.2 0 0 1 12 8.25c3.1 0 5.95 1.07 8.25 2.85 1 .8 1.05 2.2.15 3.1l-1 1c-.6.6-1.5.7-2.2.25l-1.7-1.1a1.6 1.6 0 0 1-.7-1.6l.2-1.2a9.6 9.6 0 0 0-6 0l.2 1.2a1.6 1.6 0 0 1-.7 1.6l-1.7 1.1c-.7.45-1.6.35-2.2-.25Z",
  keyboard: "M3 7h18v10H3V7ZM7 10.5h.01M11 10.5h.01M15 10.5h.01M17.5 10.5h.01M8 14h8",
  link: "M10 14a4 4 0 0 0 5.7 0l3-3a4 4 0 0 0-5.7-5.7l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.7l1-1",
  mic: "M12 3.5a2.5 2.5 0 0 1 2.5 2.5v6a2.5 2.5 0 0 1-5 0V6A2.5 2.5 0 0 1 12 3.5ZM6 11.5a6 6 0 0 0 12 0M12 17.5V21",
  "mic-off": "M4 4l16 16M9.5 9.5V12a2.5 2.5 0 0 0 3.8 2.1M14.5 11V6a2.5 2.5 0 0 0-4.9-.7M6 11.5a6 6 0 0 0 9 5.2M18 11.5a6 6 0 0 1-.5 2.3M12 17.5V21",
  people: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM3 20a6 6 0 0 1 12 0M16 4.5a3.5 3.5 0 0 1 0 6.5M17.5 14.5A6 6 0 0 1 21 20",
  phone: "M6.5 3.5h3l1.5 4-2 1.5a11 11 0 0 0 5.5 5.5l1.5-2 4 1.5v3a2 2 0 0 1-2.2 2A16.5 16.5 0 0 1 4.5 5.7a2 2 0 0 1 2-2.2Z",
  play: "M8 5.5v13l10.5-6.5L8 5.5Z",
  refresh: "M19.5 8A8 8 0 0 0 5 8.5M4.5 4.5v4.5H9M4.5 16A8 8 0 0 0 19 15.5M19.5 19.5V15H15",
  send: "M4 12l16-7.5-5 15.5-3.5-6L4 12ZM11.5 14L20 4.5",
  settings: "M4 7h10M18 7h2M4 17h2M10 17h10M16 5a2 2 0 1 1 0 4 2 2 0 0 1 0-4ZM8 15a2 2 0 1 1 0 4 2 2 0 0 1 0-4Z",
  warning: "M12 4L2.8 19.5h18.4L12 4ZM12 10v4.5M12 17.2h.01",
};

/**
 * @param {string} name
 * @returns {SVGSVGElement} hidden from screen readers: the words beside it speak
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name] ?? "");
  svg.append(path);
  svg.dataset.icon = name;
  return svg;
}

/**
 * Changes an icon in place.
 * @param {SVGSVGElement} svg
 * @param {string} name
 */
export function setIcon(svg, name) {
  if (svg.dataset.icon !== name) {
    svg.dataset.icon = name;
    svg.firstElementChild?.setAttribute("d", PATHS[name] ?? "");
  }
}

/**
 * @param {string} media
 * @returns {string} the icon's name
 */
export function mediaIcon(media) {
  if (media === "video") {
    return "camera";
  }
  return media === "audio" ? "phone" : "chat";
}

const RING = 2 * Math.PI * 15;

/**
 * A ring that empties; `setRing` moves it.
 * @returns {SVGSVGElement}
 */
export function ring() {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 36 36");
  svg.setAttribute("class", "ring");
  svg.setAttribute("aria-hidden", "true");
  for (const part of ["ring-track", "ring-value"]) {
    const circle = document.createElementNS(SVG, "circle");
    circle.setAttribute("class", part);
    circle.setAttribute("cx", "18");
    circle.setAttribute("cy", "18");
    circle.setAttribute("r", "15");
    svg.append(circle);
  }
  svg.lastElementChild?.setAttribute("stroke-dasharray", String(RING));
  return svg;
}

/**
 * @param {SVGSVGElement} svg
 * @param {number} share 1 full, 0 empty
 */
export function setRing(svg, share) {
  const left = Math.min(1, Math.max(0, share));
  svg.lastElementChild?.setAttribute("stroke-dashoffset", String(RING * (1 - left)));
}
