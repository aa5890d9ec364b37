import { t } from "../../../core/i18n.js";
import { button } from "../../shared/button.js";
import { InputPicker } from "../../shared/call/input-picker.js";
import { h, setText, show } from "../../shared/dom.js";
import { icon, setIcon } from "../../shared/icons.js";

/**
 * @import {PreflightResults} from "../../../rtc/preflight.js"
 * @typedef {'microphone' | 'camera' | 'network' | 'socket'} CheckName
 */

const NAMES = /** @type {const} */ (["microphone", "camera", "network", "socket"]);
const SIGNS = { microphone: "mic", camera: "video", network: "globe", socket: "swap" };
const SLOW_SOCKET_MS = 600;

/** The checklist while waiting: what was tried, how it went in plain words, and what to do about it. */
export class PreflightView {
  #title = h("h2", { class: "ad-check__title" }, t("customer.check.title"));
  #again;
  #video = h("video", {
    class: "ad-check__picture",
    autoplay: true,
    playsinline: true,
    hidden: true,
    "aria-label": t("customer.call.you"),
  });
  #meter = h("meter", { class: "ad-check__meter", min: 0, max: 1, "aria-label": t("customer.check.level") });
  #rows = { microphone: row("microphone"), camera: row("camera"), network: row("network"), socket: row("socket") };
  inputs;
  #camera = true;
  /** @type {import("../../../rtc/devices/inputs.js").InputState | null} */
  #devices = null;
  element;

  /** @param {{checkAgain: () => void, input: import("../../shared/call/input-picker.js").InputActions}} actions */
  constructor(actions) {
    this.#video.muted = true;
    this.#again = button(
      { kind: "quiet", class: "ad-check__again" },
      () => actions.checkAgain(),
      t("customer.check.again"),
    );
    this.#rows.microphone.body.append(this.#meter);
    this.inputs = new InputPicker(actions.input);
    this.element = h(
      "section",
      { class: "ad-check", hidden: true },
      h("div", { class: "ad-check__head" }, this.#title, this.#again),
      h("ul", { class: "ad-check__list" }, ...NAMES.map((name) => this.#rows[name].element)),
      this.#video,
      this.inputs.element,
    );
  }

  /** @param {PreflightResults | null} results */
  update(results) {
    show(this.element, results !== null);
    if (!results) return;
    for (const name of NAMES) {
      const { element, sign, text } = this.#rows[name];
      const { state } = results[name];
      show(element, state !== "skipped");
      const tone = toneOf(name, results);
      element.dataset.state = tone;
      setIcon(sign, tone === "ok" ? "check" : tone === "bad" || tone === "warning" ? "warning" : SIGNS[name]);
      setText(text, checkText(name, results));
    }
    // Only devices that the call will have.
    this.#camera = results.camera.state !== "skipped";
    show(this.inputs.element, results.microphone.state !== "skipped");
    if (this.#devices) this.updateInputs(this.#devices);
    show(this.#meter, results.running && results.microphone.problem === null && results.microphone.state !== "skipped");
    show(this.#again, !results.running);
  }

  /** @param {import("../../../rtc/devices/inputs.js").InputState} inputs */
  updateInputs(inputs) {
    this.#devices = inputs;
    this.inputs.update(inputs, { camera: this.#camera });
  }

  /** @param {number} level  0 to 1 */
  setLevel(level) {
    this.#meter.value = level;
  }

  /** @param {MediaStream | null} stream  the camera's picture while it is checked */
  setStream(stream) {
    const picture = (stream?.getVideoTracks().length ?? 0) > 0;
    this.#video.srcObject = picture ? stream : null;
    show(this.#video, picture);
  }
}

/** @param {CheckName} name */
function row(name) {
  const sign = h("span", { class: "ad-check__sign" }, icon(SIGNS[name]));
  const text = h("span", { class: "ad-check__text" });
  const body = h(
    "div",
    { class: "ad-check__body" },
    h("strong", { class: "ad-check__name" }, t(`customer.check.${name}`)),
    text,
  );
  return { element: h("li", { class: "ad-check__row" }, sign, body), sign, text, body };
}

/**
 * @param {CheckName} name
 * @param {PreflightResults} results
 * @returns {'busy' | 'ok' | 'warning' | 'bad'}
 */
export function toneOf(name, results) {
  const { state } = results[name];
  if (state === "pending" || state === "running") return "busy";
  if (state === "failed") return "bad";
  if (name === "socket" && (results.socket.rtt_ms ?? 0) > SLOW_SOCKET_MS) return "warning";
  return state === "warning" ? "warning" : "ok";
}

/**
 * @param {CheckName} name
 * @param {PreflightResults} results
 * @returns {string}
 */
export function checkText(name, results) {
  const tone = toneOf(name, results);
  if (name === "network") return networkText(results, tone);
  if (name === "socket" && tone !== "busy" && tone !== "bad") {
    return t(`customer.check.socket.${tone}`, { ms: Math.round(results.socket.rtt_ms ?? 0) });
  }
  const problem = name === "socket" ? null : results[name].problem;
  return problem ? t(`customer.device.${name}.${problem}`) : t(`customer.check.${name}.${tone}`);
}

/**
 * @param {PreflightResults} results
 * @param {string} tone
 */
function networkText({ network }, tone) {
  const reached = [...new Set(network.turn.filter(({ ok }) => ok).map(({ region }) => region))];
  const list = reached.map((region) => {
    const times = network.turn
      .filter((result) => result.region === region && result.rtt_ms !== null)
      .map(({ rtt_ms: rtt }) => rtt ?? 0);
    return times.length ? `${region} ${Math.round(Math.min(...times))} ms` : region;
  });
  if (tone === "busy") return t("customer.check.network.busy", { done: network.turn.length, all: network.expected });
  return t(`customer.check.network.${tone}`, { list: list.join(", ") });
}
