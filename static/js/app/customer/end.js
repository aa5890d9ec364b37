/**
 * What only an end, a move, or a choice of devices needs, fetched while the call runs or when it comes to that
 * (core/later.js).
 */
export { ChatArchive } from "../../net/kept-chat.js";
export { tellClosing } from "../../ui/customer/end/closing.js";
export { EndedView } from "../../ui/customer/end/ended-view.js";
export { RefusedView } from "../../ui/customer/end/refused-view.js";
export { ReplacedView } from "../../ui/customer/end/replaced-view.js";
export { OutputPicker } from "../../ui/shared/call/output-picker.js";
export { Offers } from "../device-offers.js";
export { mailSaid } from "./letter.js";
export { showMove } from "./move.js";
export { Rating } from "./rating.js";
