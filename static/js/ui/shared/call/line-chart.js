/** Small line charts in SVG: attributes and classes only, nothing that a style policy would refuse. */

/**
 * @typedef {{at: number, value: number | null}} Point  at: ms
 * @typedef {{width: number, height: number, from: number, to: number, top: number}} Box  top: the value at the upper edge
 */

const SVG = "http://www.w3.org/2000/svg";

/** The latest values of one figure; older ones fall out. */
export class Series {
  /** @type {Point[]} */
  points = [];

  /** @param {number} spanMs how far back it remembers */
  constructor(spanMs) {
    this.spanMs = spanMs;
  }

  /** @param {number} at ms @param {number | null} value */
  push(at, value) {
    this.points.push({ at, value });
    while (this.points[0].at < at - this.spanMs) this.points.shift();
  }

  clear() {
    this.points = [];
  }

  get max() {
    return this.points.reduce((most, { value }) => Math.max(most, value ?? 0), 0);
  }
}

/**
 * The `d` of a path; what was not measured is a gap, not a zero.
 * @param {Point[]} points
 * @param {Box} box
 * @returns {string}
 */
export function linePath(points, { width, height, from, to, top }) {
  const across = Math.max(1, to - from);
  const round = (/** @type {number} */ value) => Math.round(value * 10) / 10;
  let path = "";
  let drawing = false;
  for (const { at, value } of points) {
    if (value === null) {
      drawing = false;
      continue;
    }
    const x = round(((at - from) / across) * width);
    const y = round(height - (Math.min(value, top) / top) * height);
    path += `${drawing ? "L" : "M"}${x} ${y}`;
    drawing = true;
  }
  return path;
}

/**
 * The next round number above a value: 1, 2 or 5 times a power of ten.
 * @param {number} value
 * @param {number} least
 * @returns {number}
 */
export function roundTop(value, least) {
  if (value <= least) return least;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}

/**
 * @template {keyof SVGElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string | number>} attributes
 * @returns {SVGElementTagNameMap[T]}
 */
function svg(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}

/** Some lines over the last minutes, drawn anew with every `update`. */
export class LineChart {
  #width = 160;
  #height = 44;
  /** @type {SVGPathElement[]} */
  #lines;
  element;

  /** @param {{classes: string[], least: number, fixed?: boolean}} options  classes: one line each; least: the lowest top */
  constructor({ classes, least, fixed = false }) {
    this.least = least;
    this.fixed = fixed;
    this.#lines = classes.map((name) => svg("path", { class: `ad-chart-line ${name}`, fill: "none" }));
    this.element = svg("svg", {
      class: "ad-chart",
      viewBox: `0 -2 ${this.#width} ${this.#height + 4}`,
      preserveAspectRatio: "none",
      "aria-hidden": "true",
    });
    const grid = [0, 0.5, 1].map((share) =>
      svg("line", {
        class: "ad-chart-grid",
        x1: 0,
        x2: this.#width,
        y1: this.#height * share,
        y2: this.#height * share,
      }),
    );
    this.element.append(...grid, ...this.#lines);
  }

  /**
   * @param {Series[]} series  in the order of the classes
   * @param {number} now ms
   */
  update(series, now) {
    const top = this.fixed ? this.least : roundTop(Math.max(...series.map(({ max }) => max)), this.least);
    series.forEach(({ points, spanMs }, index) => {
      const box = { width: this.#width, height: this.#height, from: now - spanMs, to: now, top };
      this.#lines[index].setAttribute("d", linePath(points, box));
    });
    return top;
  }
}
