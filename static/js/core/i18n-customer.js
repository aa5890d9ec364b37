/** @import {Texts} from "./i18n.js" */

/**
 * Texts of the customer page and the widget, and what the console shares with them (`common.*`).
 * @type {Texts}
 */
const customerTexts = { tr: {}, en: {} };

export default customerTexts;
