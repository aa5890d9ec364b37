import { t } from "../../../core/i18n.js";
import { h, setText, show } from "../dom.js";
import { icon } from "../icons.js";

/**
 * @import {InputState, Kind} from "../../../rtc/devices/inputs.js"
 * @typedef {{choose: (kind: Kind, id: string) => void}} InputActions
 */

let count = 0;

/** Which microphone and camera: a list each, with the microphone's level beside it. */
export class InputPicker {
  #parts;
  #meter = h("meter", {
    class: "ad-inputs__meter",
    min: 0,
    max: 1,
    hidden: true,
    "aria-label": t("common.input.level"),
  });
  #note = h("p", { class: "ad-output__note" }, t("common.input.unnamed"));
  element;

  /** @param {InputActions} actions */
  constructor(actions) {
    this.#parts = { audio: part("audio", actions), video: part("video", actions) };
    this.#parts.audio.element.append(this.#meter);
    this.element = h("div", { class: "ad-inputs" }, this.#parts.audio.element, this.#parts.video.element, this.#note);
  }

  /**
   * @param {InputState} state
   * @param {{camera?: boolean}} [options]  camera: whether the call has one
   */
  update(state, { camera = true } = {}) {
    for (const kind of /** @type {const} */ (["audio", "video"])) {
      const { element, select } = this.#parts[kind];
      const { list, current } = state[kind];
      show(element, list.length > 0 && (kind === "audio" || camera));
      const key = JSON.stringify(list);
      if (select.dataset.drawn !== key) {
        select.dataset.drawn = key;
        select.replaceChildren(
          ...list.map(({ id, label }) => h("option", { value: id }, label || t("common.output.unnamed"))),
        );
      }
      if (select.value !== current) select.value = current;
      select.disabled = list.length < 2;
    }
    show(this.#note, state.audio.list.length === 0 && state.video.list.length === 0);
    setText(this.#note, t("common.input.unnamed"));
  }

  /** @param {number | null} level  0 to 1; null hides the meter */
  setLevel(level) {
    show(this.#meter, level !== null);
    this.#meter.value = level ?? 0;
  }
}

/** @param {Kind} kind @param {InputActions} actions */
function part(kind, actions) {
  count += 1;
  const id = `ad-input-${count}`;
  const select = h("select", { id, class: "ad-inputs__select", onchange: () => actions.choose(kind, select.value) });
  const label = h(
    "label",
    { class: "ad-output__title", for: id },
    icon(kind === "audio" ? "mic" : "video"),
    t(`common.input.${kind}`),
  );
  return { element: h("div", { class: "ad-inputs__part" }, label, select), select };
}
