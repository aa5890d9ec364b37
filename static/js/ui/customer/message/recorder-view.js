import { t } from "../../../core/i18n.js";
import { button } from "../../shared/button.js";
import { h, setText, show } from "../../shared/dom.js";
import { icon } from "../../shared/icons.js";

/**
 * @typedef {'voice' | 'video'} RecordingKind
 * @typedef {{phase: 'off' | 'asking' | 'recording' | 'kept', kind: RecordingKind, seconds: number, level: number, stream: MediaStream | null,
 *   file: File | null, full: boolean, problem: import("../../../rtc/devices/media.js").Acquired['problem']}} RecorderState
 *   seconds: so far, or of what is kept; level: 0 to 1; stream: what is recorded; full: it ended because it may not be longer
 * @typedef {{record: (kind: RecordingKind) => void, stop: () => void, cancel: () => void, kinds: readonly RecordingKind[], secs: number,
 *   watch: (watcher: (state: RecorderState) => void) => void}} RecorderActions  kinds: that this browser can record
 */

const SIGNS = { voice: "mic", video: "video" };
/** From here on the clock says that there is little time left. */
const SOON_SECS = 10;

/** @param {number} seconds @returns {string} "1:07" */
export function clock(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** Records a voice or video message: begins, shows how loud and how long, plays what was said, begins anew. */
export class RecorderView {
  #actions;
  #begin;
  #live = h("video", { class: "ad-recorder__picture", autoplay: true, playsinline: true, hidden: true });
  #clock = h("span", { class: "ad-recorder__clock" });
  #meter = h("meter", {
    class: "ad-recorder__meter",
    min: 0,
    max: 1,
    "aria-label": t("customer.message.record.level"),
  });
  #stop;
  #running;
  #player = h("div", { class: "ad-recorder__player" });
  #kept;
  #news = h("p", { class: "ad-recorder__news", role: "status" });
  /** What is played now. */
  #address = "";
  /** @type {RecorderState | null} */
  #before = null;
  element;

  /** @param {RecorderActions} actions */
  constructor(actions) {
    this.#actions = actions;
    this.#live.muted = true;
    this.#begin = h(
      "div",
      { class: "ad-recorder__row" },
      ...actions.kinds.map((kind) =>
        button(
          { kind: "quiet", class: "ad-recorder__begin" },
          () => actions.record(kind),
          icon(SIGNS[kind]),
          t(`customer.message.record.${kind}`),
        ),
      ),
    );
    this.#stop = button({}, () => actions.stop(), t("customer.message.record.stop"));
    this.#running = h(
      "div",
      { class: "ad-recorder__running" },
      this.#live,
      h("div", { class: "ad-recorder__now" }, h("span", { class: "ad-recorder__dot" }), this.#clock, this.#meter),
      h(
        "div",
        { class: "ad-recorder__row" },
        this.#stop,
        button({ kind: "quiet" }, () => actions.cancel(), t("customer.message.record.cancel")),
      ),
    );
    this.#kept = h(
      "div",
      { class: "ad-recorder__kept" },
      this.#player,
      h(
        "div",
        { class: "ad-recorder__row" },
        button({ kind: "quiet" }, () => this.#again(), t("customer.message.record.again")),
        button({ kind: "quiet" }, () => actions.cancel(), t("customer.message.record.remove")),
      ),
    );
    this.element = h("div", { class: "ad-recorder" }, this.#begin, this.#running, this.#kept, this.#news);
    actions.watch((state) => this.#update(state));
  }

  #again() {
    if (this.#before) this.#actions.record(this.#before.kind);
  }

  /** @param {RecorderState} state */
  #update(state) {
    const { phase, seconds, level, file, problem } = state;
    const turned = phase !== this.#before?.phase;
    const hadFocus = this.element.contains(document.activeElement);
    const { secs } = this.#actions;
    setText(this.#clock, `${clock(seconds)} / ${clock(secs)}`);
    this.#clock.dataset.soon = String(secs - seconds <= SOON_SECS);
    this.#meter.value = level;
    if (turned || problem !== this.#before?.problem) {
      show(this.#begin, phase === "off");
      show(this.#running, phase === "recording");
      show(this.#kept, phase === "kept");
      const picture = phase === "recording" && state.kind === "video";
      this.#live.srcObject = picture ? state.stream : null;
      show(this.#live, picture);
      this.#play(phase === "kept" ? file : null, state.kind);
      setText(this.#news, newsOf(state));
      this.#news.dataset.tone = problem ? "danger" : "";
      // The button that was pressed is gone.
      if (turned && hadFocus) this.#focus(phase);
    }
    this.#before = state;
  }

  /** @param {RecorderState['phase']} phase */
  #focus(phase) {
    if (phase === "recording") return this.#stop.focus();
    const place = phase === "kept" ? this.#kept : this.#begin;
    /** @type {HTMLElement | null} */ (place.querySelector("audio, video, button"))?.focus();
  }

  /** @param {File | null} file @param {RecordingKind} kind */
  #play(file, kind) {
    if (this.#address) URL.revokeObjectURL(this.#address);
    this.#address = file ? URL.createObjectURL(file) : "";
    const label = t(`customer.message.record.own.${kind}`);
    const player = h(kind === "video" ? "video" : "audio", { controls: true, playsinline: true, "aria-label": label });
    if (file) player.src = this.#address;
    this.#player.replaceChildren(...(file ? [player] : []));
  }
}

/** @param {RecorderState} state */
function newsOf({ phase, kind, full, problem }) {
  if (problem) {
    const why = t(`customer.device.${problem.device}.${problem.code}`);
    return `${why} ${t("customer.message.record.write")}`;
  }
  if (phase === "asking") return t("customer.message.record.asking");
  if (phase === "recording") return t("customer.message.record.running");
  if (phase === "kept") return t(full ? "customer.message.record.full" : `customer.message.record.kept.${kind}`);
  return "";
}
