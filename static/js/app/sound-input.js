import { t } from "../core/i18n.js";
import { Inputs } from "../rtc/devices/inputs.js";
import { Meter } from "../rtc/devices/meter.js";

/**
 * @import {Store} from "../core/types.js"
 * @import {Offering} from "./device-offers.js"
 *
 * @typedef {{store: Store, notify: (text: string, tone: 'info' | 'warning' | 'danger') => void, offers: Offering}} InputParts
 */

const LEVEL_EVERY_MS = 100;

/**
 * Microphone and camera: asks before it follows a device that was plugged in, says when one is gone or refused.
 *
 * @param {InputParts} parts
 * @returns {Inputs}
 */
export function watchInputs({ store, notify, offers }) {
  const inputs = new Inputs({ store });
  const name = (/** @type {string} */ label) => label || t("common.output.unnamed");
  inputs.on("offer", ({ kind, input }) =>
    offers.add({
      kind,
      label: name(input.label),
      group: input.group,
      accept: () => void inputs.choose(kind, input.id),
    }),
  );
  inputs.on("lost", ({ kind, label, next }) => {
    const words = { name: name(label), next: name(next ?? "") };
    notify(
      t(next === null ? `common.input.lost.${kind}.none` : `common.input.lost.${kind}`, words),
      next === null ? "danger" : "warning",
    );
  });
  inputs.on("failed", ({ kind }) => notify(t(`common.input.failed.${kind}`), "danger"));
  return inputs;
}

/**
 * The level of a microphone while somebody looks at it.
 * @param {() => MediaStream | null} streamOf
 * @param {(level: number | null) => void} show
 * @returns {(on: boolean) => void}
 */
export function levelWatch(streamOf, show) {
  /** @type {any} */
  let timer;
  /** @type {Meter | null} */
  let meter = null;
  /** @type {MediaStreamTrack | undefined} */
  let track;
  const look = () => {
    const now = streamOf()?.getAudioTracks()[0];
    // The call is over. A menu that goes with its page does not say that it is closed.
    if (track && !now) return watch(false);
    if (now !== track) {
      meter?.stop();
      track = now;
      meter = now ? new Meter(new MediaStream([now])) : null;
    }
    show(meter ? meter.level : null);
  };
  const watch = (/** @type {boolean} */ on) => {
    clearInterval(timer);
    if (on) timer = setInterval(look, LEVEL_EVERY_MS);
    else {
      meter?.stop();
      meter = null;
      track = undefined;
    }
  };
  return watch;
}
