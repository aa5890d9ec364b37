/** The console's own icons besides the shared ones, and the ring of the wrap-up. */
import { addIcons } from "../shared/icons.js";

export { icon, setIcon } from "../shared/icons.js";

addIcons({
  phone:
    "M6.6 3.9l1.9 3.9c.3.6.2 1.3-.3 1.8L7 10.9a12.4 12.4 0 0 0 6.1 6.1l1.3-1.2c.5-.5 1.2-.6 1.8-.3l3.9 1.9c.5.3.7.8.6 1.4-.4 1.4-1.7 2.4-3.2 2.2C9.7 20.3 3.7 14.3 3 6.5 2.8 5 3.8 3.7 5.2 3.3c.6-.1 1.1.1 1.4.6Z",
  "bell-off":
    "M4 4l16 16M18 14.5C18.2 13 18 11 18 9a6 6 0 0 0-9.5-4.9M6.2 8A7 7 0 0 0 6 9c0 5-2 6.5-2 6.5h11M10 19a2 2 0 0 0 4 0",
  "check-double": "M2.5 12.5L7 17l9-9.5M11.5 16l1 1L22 7.5",
  coffee: "M5 9h12v5a5 5 0 0 1-5 5h-2a5 5 0 0 1-5-5V9ZM17 10.5h1.5a2.5 2.5 0 0 1 0 5H17M8 3.5v2.5M12 3.5v2.5",
  keyboard: "M3 7h18v10H3V7ZM7 10.5h.01M11 10.5h.01M15 10.5h.01M17.5 10.5h.01M8 14h8",
  link: "M10 14a4 4 0 0 0 5.7 0l3-3a4 4 0 0 0-5.7-5.7l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.7l1-1",
  note: "M6 3.5h9l4 4V20.5H6V3.5ZM14.5 4v4H19M9 12h7M9 15.5h5",
  people:
    "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM3 20a6 6 0 0 1 12 0M16 4.5a3.5 3.5 0 0 1 0 6.5M17.5 14.5A6 6 0 0 1 21 20",
  play: "M8 5.5v13l10.5-6.5L8 5.5Z",
  refresh: "M19.5 8A8 8 0 0 0 5 8.5M4.5 4.5v4.5H9M4.5 16A8 8 0 0 0 19 15.5M19.5 19.5V15H15",
});

/**
 * @param {string} media
 * @returns {string} the icon's name
 */
export function mediaIcon(media) {
  if (media === "video") {
    return "video";
  }
  return media === "audio" ? "phone" : "chat";
}

const SVG = "http://www.w3.org/2000/svg";
const RING = 2 * Math.PI * 15;

/**
 * A ring that empties; `setRing` moves it.
 * @returns {SVGSVGElement}
 */
export function ring() {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 36 36");
  svg.setAttribute("class", "ad-ring");
  svg.setAttribute("aria-hidden", "true");
  for (const part of ["ad-ring-track", "ad-ring-value"]) {
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
