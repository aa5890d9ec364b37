import { t } from "../../../core/i18n.js";
import { button } from "../../shared/button.js";
import { InputPicker } from "../../shared/call/input-picker.js";
import { OutputPicker } from "../../shared/call/output-picker.js";
import { h, show } from "../dom.js";
import { icon } from "../icons.js";

/**
 * @import {OutputActions} from "../../shared/call/output-picker.js"
 * @import {InputActions} from "../../shared/call/input-picker.js"
 * @typedef {{input: InputActions, output: OutputActions & {toggle: () => void}, watchLevel: (on: boolean) => void}} DeviceActions
 */

/** Microphone, camera and output of the running call, above its buttons. */
export class DevicesView {
  /** @param {DeviceActions} actions */
  constructor({ input, output, watchLevel }) {
    this.inputs = new InputPicker(input);
    this.outputs = new OutputPicker(output);
    this.swap = button(
      { kind: "quiet", hidden: true },
      () => output.toggle(),
      icon("swap"),
      t("console.output.toggle"),
    );
    this.element = h(
      "div",
      {
        class: "ad-panel ad-popover ad-call-devices",
        popover: "auto",
        "aria-label": t("common.devices"),
        ontoggle: (/** @type {ToggleEvent} */ event) => watchLevel(event.newState === "open"),
      },
      h("div", { class: "ad-devices" }, this.inputs.element, this.outputs.element, this.swap),
    );
  }

  toggle() {
    this.element.togglePopover();
  }

  close() {
    if (this.element.matches(":popover-open")) {
      this.element.hidePopover();
    }
  }

  /** @param {import("../../../rtc/devices/outputs.js").OutputState} state */
  showOutputs(state) {
    this.outputs.update(state);
    show(this.swap, state.state !== "none" && state.outputs.length > 1);
  }
}
