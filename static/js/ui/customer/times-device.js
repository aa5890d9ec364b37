/**
 * The offer on the page of a chosen time: to be reminded in this browser, too. Its texts are the server's
 * (templates/appointments/appointment.html).
 *
 * @typedef {object} Here
 * @property {() => string} standing @property {() => Promise<boolean>} allow
 * @property {() => Promise<PushSubscriptionJSON>} subscribe
 */

/**
 * @param {HTMLElement} section  hidden until this browser can be told
 * @param {Here} here  this browser
 * @param {(subscription: PushSubscriptionJSON | null) => Promise<void>} keep  null: none is told any more
 * @returns {((wanted: boolean) => Promise<void>) | undefined} what a press does; nothing where it cannot be told
 */
export function offer(section, here, keep) {
  if (here.standing() !== "ask") return undefined;
  section.hidden = false;
  show(section, "on" in section.dataset);
  return async (wanted) => {
    try {
      if (wanted && !(await here.allow())) throw new Error("not allowed");
      await keep(wanted ? await here.subscribe() : null);
      show(section, wanted);
    } catch {
      show(section, !wanted, true);
    }
  };
}

/** @param {HTMLElement} section @param {boolean} on @param {boolean} [failed] */
function show(section, on, failed = false) {
  const state = on ? "on" : "off";
  for (const part of /** @type {NodeListOf<HTMLElement>} */ (section.querySelectorAll("[data-when]"))) {
    const when = part.dataset.when;
    part.hidden = when === "failed" ? !failed : when !== state;
  }
}
