import { t } from "../../../core/i18n.js";
import { grade, QualityBar } from "../../shared/call/quality-bar.js";
import { h, setAttribute, setText, show } from "../dom.js";
import { statTexts } from "./figures.js";

/** @import {ConsoleState, Stats} from "../state.js" */

const FIGURES = /** @type {const} */ (["rtt", "loss", "bitrate", "codec", "region"]);

/** @param {string} who */
function party(who) {
  const bar = new QualityBar();
  /** @type {Record<string, HTMLElement>} */
  const values = {};
  const list = h("dl", { class: "ad-figures" });
  for (const name of FIGURES) {
    values[name] = h("dd");
    list.append(
      h("div", { class: `ad-figure ad-figure-${name}` }, h("dt", {}, t(`console.stats.${name}`)), values[name]),
    );
  }
  const element = h(
    "div",
    { class: "ad-stats-party" },
    h("span", { class: "ad-stats-who" }, bar.element, h("strong", {}, who)),
    list,
  );
  return {
    element,
    /** @param {Stats|null} stats */
    update(stats) {
      const score = typeof stats?.quality === "number" ? stats.quality : null;
      setAttribute(element, "data-grade", grade(score));
      bar.update(score);
      const shown = stats === null ? null : statTexts(stats);
      for (const name of FIGURES) {
        setText(values[name], shown === null ? t("console.stats.none") : shown[name]);
      }
    },
  };
}

/** The figures of both ends in one line each. */
export class StatsView {
  constructor() {
    this.own = party(t("console.stats.you"));
    this.peer = party(t("console.stats.customer"));
    this.element = h(
      "div",
      { class: "ad-stats", role: "group", "aria-label": t("console.stats") },
      this.own.element,
      this.peer.element,
    );
  }

  /** @param {ConsoleState} state */
  update(state) {
    show(this.element, state.phase === "active" && state.customer !== null && state.customer.media !== "chat");
    this.own.update(state.stats.own);
    this.peer.update(state.stats.peer);
  }
}
