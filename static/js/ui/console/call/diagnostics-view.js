import { t } from "../../../core/i18n.js";
import { LineChart, Series } from "../../shared/call/line-chart.js";
import { h, setText, show } from "../dom.js";
import { statTexts } from "./figures.js";

/**
 * @import {ConsoleState, Stats} from "../state.js"
 * @typedef {"rtt"|"jitter"|"loss"|"bitrate"|"quality"} Charted
 */

const SPAN_MS = 120_000;
const SIDES = /** @type {const} */ (["own", "peer"]);
const WORDS = /** @type {const} */ (["region", "candidate", "codec"]);

/** The least top of each scale, so that a quiet line looks quiet. @type {Record<Charted, number>} */
const LEAST = { rtt: 100, jitter: 20, loss: 5, bitrate: 500, quality: 5 };

/** @param {Charted} name */
function chart(name) {
  const drawing = new LineChart({
    classes: SIDES.map((side) => `ad-chart-${side}`),
    least: LEAST[name],
    fixed: name === "quality",
  });
  const values = {
    own: h("span", { class: "ad-chart-value ad-chart-own" }),
    peer: h("span", { class: "ad-chart-value ad-chart-peer" }),
  };
  const series = { own: new Series(SPAN_MS), peer: new Series(SPAN_MS) };
  const element = h(
    "div",
    { class: "ad-chart-box" },
    h("h3", { class: "ad-chart-title" }, t(`console.stats.${name}`)),
    h("p", { class: "ad-chart-values" }, sided("own", values.own), sided("peer", values.peer)),
  );
  element.append(drawing.element);
  return { element, drawing, values, series };
}

/**
 * @param {"own"|"peer"} side
 * @param {HTMLElement} value
 */
function sided(side, value) {
  return h("span", {}, h("span", { class: "ad-visually-hidden" }, `${sideName(side)}: `), value);
}

/** @param {"own"|"peer"} side */
function sideName(side) {
  return t(side === "own" ? "console.stats.you" : "console.stats.customer");
}

/** Call Diagnostics: the last two minutes of both sides as lines, with the figures of now. Folded until asked for. */
export class DiagnosticsView {
  constructor() {
    this.charts = {
      rtt: chart("rtt"),
      jitter: chart("jitter"),
      loss: chart("loss"),
      bitrate: chart("bitrate"),
      quality: chart("quality"),
    };
    this.words = { own: this.makeWords(), peer: this.makeWords() };
    this.note = h("p", { class: "ad-chart-note" }, t("console.diagnostics.span"));
    const legend = (/** @type {"own"|"peer"} */ side) =>
      h(
        "tr",
        {},
        h(
          "th",
          { scope: "row" },
          h("i", { class: `ad-chart-key ad-chart-key-${side}`, "aria-hidden": "true" }),
          sideName(side),
        ),
        ...WORDS.map((name) => this.words[side][name]),
      );
    this.element = h(
      "details",
      { class: "ad-diagnostics" },
      h("summary", {}, t("console.diagnostics")),
      h(
        "div",
        { class: "ad-diagnostics-body" },
        h("div", { class: "ad-charts" }, ...Object.values(this.charts).map(({ element }) => element)),
        h(
          "table",
          { class: "ad-diagnostics-words" },
          h(
            "thead",
            {},
            h("tr", {}, h("td"), ...WORDS.map((name) => h("th", { scope: "col" }, t(`console.stats.${name}`)))),
          ),
          h("tbody", {}, legend("own"), legend("peer")),
        ),
        this.note,
      ),
    );
    /** @type {{own: Stats|null, peer: Stats|null}} */
    this.last = { own: null, peer: null };
    /** @type {string|null} */
    this.conversation = null;
  }

  makeWords() {
    return { region: h("td"), candidate: h("td"), codec: h("td") };
  }

  /**
   * @param {ConsoleState} state
   * @param {number} now
   */
  update(state, now) {
    const conversation =
      state.phase === "active" && state.customer?.media !== "chat" ? (state.customer?.conversation ?? null) : null;
    show(this.element, conversation !== null);
    if (conversation !== this.conversation) {
      this.conversation = conversation;
      this.last = { own: null, peer: null };
      for (const { series } of Object.values(this.charts)) {
        for (const side of SIDES) series[side].clear();
      }
    }
    for (const side of SIDES) {
      const stats = state.stats[side];
      // A new sample is a new object; every other change of the state leaves it as it was.
      if (stats !== null && stats !== this.last[side]) {
        this.take(side, stats, now);
      }
    }
    if (this.element.open) {
      this.draw(state, now);
    }
  }

  /**
   * @param {"own"|"peer"} side
   * @param {Stats} stats
   * @param {number} now
   */
  take(side, stats, now) {
    this.last[side] = stats;
    for (const name of /** @type {Charted[]} */ (Object.keys(this.charts))) {
      const value = stats[name];
      this.charts[name].series[side].push(now, typeof value === "number" ? value : null);
    }
  }

  /**
   * @param {ConsoleState} state
   * @param {number} now
   */
  draw(state, now) {
    const texts = {
      own: state.stats.own && statTexts(state.stats.own),
      peer: state.stats.peer && statTexts(state.stats.peer),
    };
    for (const side of SIDES) {
      for (const name of WORDS) setText(this.words[side][name], texts[side]?.[name] ?? t("console.stats.none"));
    }
    for (const name of /** @type {Charted[]} */ (Object.keys(this.charts))) {
      const { drawing, values, series } = this.charts[name];
      for (const side of SIDES) setText(values[side], texts[side]?.[name] ?? t("console.stats.none"));
      drawing.update([series.own, series.peer], now);
    }
  }
}
