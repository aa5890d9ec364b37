import { h } from "./dom.js";
import { icon } from "./icons.js";

/**
 * @import {Attributes, Child} from "./dom.js"
 * @typedef {{kind?: 'primary' | 'quiet' | 'danger', large?: boolean, wide?: boolean, class?: string} & Attributes} ButtonLook
 * @typedef {{icon: string, label: string, primary?: boolean, small?: boolean, class?: string} & Attributes} IconButtonLook
 */

/**
 * @param {ButtonLook} look  kind: what it weighs among the others beside it; class: more of them; the rest: attributes
 * @param {() => void} press
 * @param {...Child} children
 */
export function button({ kind = "primary", large, wide, class: more, ...attributes }, press, ...children) {
  const names = [
    "ad-button",
    kind !== "primary" && `ad-button--${kind}`,
    large && "ad-button--large",
    wide && "ad-button--wide",
    more,
  ];
  return h(
    "button",
    { type: "button", class: names.filter(Boolean).join(" "), onclick: press, ...attributes },
    ...children,
  );
}

/**
 * A button that shows a sign alone; screen readers read its label.
 * @param {IconButtonLook} look
 * @param {() => void} press
 */
export function iconButton({ icon: name, label, primary, small, class: more, ...attributes }, press) {
  const names = ["ad-icon-button", primary && "ad-icon-button--primary", small && "ad-icon-button--small", more];
  return h(
    "button",
    {
      type: "button",
      class: names.filter(Boolean).join(" "),
      "aria-label": label,
      onclick: press,
      ...attributes,
    },
    icon(name),
  );
}
