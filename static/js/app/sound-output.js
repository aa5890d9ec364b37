import { t } from "../core/i18n.js";
import { Outputs } from "../rtc/devices/outputs.js";

/**
 * @import {Store} from "../core/types.js"
 * @import {Offering} from "./device-offers.js"
 *
 * @typedef {{store: Store, send: (type: string, fields: Record<string, unknown>) => unknown,
 *   notify: (text: string, tone: 'info' | 'warning' | 'danger') => void, offers: Offering}} SoundParts
 */

/**
 * Where the call is heard: asks before it follows a device that was plugged in, says when one is gone or refused.
 *
 * @param {SoundParts} parts
 * @returns {Outputs}
 */
export function watchOutputs({ store, send, notify, offers }) {
  const outputs = new Outputs({ store });
  outputs.on("offer", ({ id, label, group }) => {
    offers.add({
      kind: "output",
      label: label || t("common.output.unnamed"),
      group,
      accept: () => void outputs.choose(id),
    });
  });
  outputs.on("lost", ({ output }) =>
    notify(t("common.output.lost", { name: output.label || t("common.output.unnamed") }), "warning"),
  );
  outputs.on("failed", () => notify(t("common.output.failed"), "danger"));
  outputs.on("chosen", ({ device_type: type }) => send("metrics:audio-output", { device_type: type }));
  return outputs;
}
