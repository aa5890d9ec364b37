import { getLocale, t } from "../../../core/i18n.js";
import { h, show } from "../dom.js";
import { icon } from "../icons.js";
import { clockTime } from "../time.js";

/** @typedef {import("../../../net/desk/agenda.js").Appointment} Appointment */

/**
 * The day of a time as its reader calls it: nothing of today, since all stand under it.
 * @param {string} at  ISO @param {number} now  ms
 */
export function shortDay(at, now) {
  const day = new Date(at);
  if (day.toDateString() === new Date(now).toDateString()) return "";
  return day.toLocaleDateString(getLocale(), { weekday: "short", day: "numeric", month: "short" });
}

/** Who comes today and tomorrow, and who of us has taken it; shown while nobody is there. */
export class AgendaView {
  #list = h("ol", { class: "ad-agenda-list" });
  element = h(
    "section",
    { class: "ad-today ad-agenda", "aria-label": t("console.agenda"), hidden: true },
    h("h3", { class: "ad-today-title" }, t("console.agenda")),
    this.#list,
  );

  get known() {
    return this.#list.childElementCount > 0;
  }

  /** @param {Appointment[]} appointments @param {number} [now] */
  tell(appointments, now = Date.now()) {
    this.#list.replaceChildren(...appointments.map((one) => row(one, now)));
    show(this.element, this.known);
  }
}

/** @param {Appointment} one @param {number} now */
function row({ at, name, topic, media, state, owner, mine, line, site }, now) {
  const whose = mine ? t("console.agenda.mine") : owner;
  const facts = [topic, line, site, whose].filter(Boolean).join(" · ");
  const kind = { video: "video", audio: "mic" }[media] ?? "chat";
  return h(
    "li",
    { class: "ad-agenda-row", "data-state": state },
    h("time", { datetime: at }, [shortDay(at, now), clockTime(Date.parse(at))].filter(Boolean).join(" ")),
    icon(/** @type {any} */ (kind)),
    h("bdi", {}, name),
    state === "called" && h("span", { class: "ad-agenda-called" }, t("console.agenda.called")),
    facts && h("bdi", { class: "ad-agenda-facts" }, facts),
  );
}
