import { getLocale, t } from "../../../core/i18n.js";
import { linked } from "../../shared/chat/links.js";
import { answerRows, answersOf } from "../board/answers.js";
import { judgeCheck } from "../board/board-model.js";
import { checkText } from "../board/board-view.js";
import { h, setAttribute, setText, show } from "../dom.js";
import { icon } from "../icons.js";
import { formatDuration } from "../time.js";
import { noteTime } from "./notes-view.js";

/**
 * @import {About, Earlier} from "../../../core/types.js"
 * @import {DossierModel} from "./dossier-model.js"
 */

const ATTRIBUTES_MOST = 32;
const TEXT_MOST = 256;

/** @param {unknown} zone @param {number} now @returns {string} the customer's time of day; empty where it is not known */
export function localTime(zone, now) {
  if (typeof zone !== "string" || zone === "") return "";
  const format = (/** @type {Intl.DateTimeFormatOptions} */ options) =>
    new Intl.DateTimeFormat(getLocale(), options).format(now);
  try {
    // Another day is named: it may be tomorrow there.
    const other = format({ dateStyle: "short", timeZone: zone }) !== format({ dateStyle: "short" });
    const weekday = other ? "short" : undefined;
    return `${format({ weekday, hour: "2-digit", minute: "2-digit", timeZone: zone })} · ${zone}`;
  } catch {
    return zone; // One that this browser does not know.
  }
}

/** @param {unknown} code @returns {string} its name in the reader's language */
export function languageName(code) {
  if (typeof code !== "string" || code === "") return "";
  try {
    return new Intl.DisplayNames([getLocale()], { type: "language" }).of(code.replaceAll("_", "-")) ?? code;
  } catch {
    return code;
  }
}

/** @param {About | null} about @returns {string} who the site has signed that it is; empty where it has signed nothing */
export function vouchedText(about) {
  const identity = about?.attributes?.identity;
  if (!identity || typeof identity !== "object") return "";
  return Object.values(identity).filter(Boolean).join(" · ");
}

/** @param {Earlier} earlier @returns {string} what kind it was, how long, and with whom */
export function earlierText({ status, media, duration_s, operator }) {
  const length = duration_s === null ? t("console.card.unanswered") : formatDuration(duration_s);
  return [t(`console.media.${media}`), status === "ended" ? length : t(`console.card.${status}`), operator]
    .filter(Boolean)
    .join(" · ");
}

/** Who is being talked with: what is verified, what the page says, and earlier conversations of the same person. */
export class CardView {
  #vouchedValue = h("bdi");
  #facts = h("dl", { class: "ad-about-facts" });
  #time = h("dd");
  #answers = h("dl", { class: "ad-about-facts ad-answers" });
  #attributes = h("dl", { class: "ad-customer-details" });
  #earlierTitle = h("summary");
  #earlier = h("ol", { class: "ad-about-earlier" });
  #more = h("p", { class: "ad-about-more" });
  /** @type {About | null} */
  #drawnFor = null;
  /** @type {Earlier[] | null} */
  #drawnEarlier = null;

  constructor() {
    this.vouched = h(
      "p",
      { class: "ad-about-vouched" },
      icon("check"),
      h("span", {}, t("console.customer.verified")),
      this.#vouchedValue,
    );
    this.unknown = h("p", { class: "ad-about-quiet" }, t("console.card.unverified"));
    this.first = h("p", { class: "ad-about-quiet" }, t("console.card.first"));
    this.sent = h(
      "div",
      { class: "ad-about-sent" },
      h("h3", { class: "ad-about-quiet" }, t("console.customer.unchecked")),
      this.#attributes,
    );
    this.before = h("details", { class: "ad-about-before" }, this.#earlierTitle, this.#earlier, this.#more);
    this.element = h(
      "section",
      { class: "ad-about", "aria-label": t("console.card"), tabindex: "-1" },
      this.vouched,
      this.unknown,
      this.#answers,
      this.#facts,
      this.sent,
      this.first,
      this.before,
    );
  }

  focus() {
    this.element.focus();
  }

  /** @param {DossierModel} dossier @param {number} now */
  update(dossier, now) {
    const { about, conversations, conversationsTotal } = dossier;
    const vouched = vouchedText(about);
    setText(this.#vouchedValue, vouched);
    show(this.vouched, vouched !== "");
    show(this.unknown, about !== null && vouched === "");
    setText(this.#time, localTime(about?.visit?.time_zone, now));
    if (about !== this.#drawnFor) this.#drawFacts(about);
    if (conversations !== this.#drawnEarlier) this.#drawEarlier(conversations);
    show(this.first, vouched !== "" && dossier.cardKnown && conversationsTotal === 0);
    show(this.before, conversationsTotal > 0);
    setText(this.#earlierTitle, t("console.card.earlier", { n: conversationsTotal }));
    const more = conversationsTotal - conversations.length;
    setText(this.#more, more > 0 ? t("console.card.more", { n: more }) : "");
    show(this.#more, more > 0);
  }

  /** @param {About | null} about */
  #drawFacts(about) {
    this.#drawnFor = about;
    const { visit = {}, device_check: check = null, attributes = {}, locale = "" } = about ?? {};
    const checked = judgeCheck(check);
    const checkWords = checkText({ check: checked, checkDetail: check });
    const rows = [
      row("page", [textOf(visit.title), ...linked(textOf(visit.page))]),
      row("referrer", linked(textOf(visit.referrer))),
      visit.time_zone ? h("div", {}, h("dt", {}, t("console.card.time")), this.#time) : null,
      row("language", [languageName(locale)]),
      row("browser", [[visit.browser, visit.system].map(textOf).filter(Boolean).join(" · ")]),
      row("check", [checkWords], checked === "warning" ? "bad" : null),
    ].filter((found) => found !== null);
    this.#facts.replaceChildren(...rows);
    show(this.#facts, rows.length > 0);
    const answers = answerRows(answersOf(about?.answers));
    show(this.#answers, answers.length > 0);
    this.#answers.replaceChildren(...answers);
    const { identity: _vouched, ...sent } = attributes ?? {};
    const entries = Object.entries(sent).slice(0, ATTRIBUTES_MOST);
    show(this.sent, entries.length > 0);
    this.#attributes.replaceChildren(
      ...entries.flatMap(([key, value]) => [
        h("dt", {}, h("bdi", {}, key)),
        h("dd", { dir: "auto" }, String(value).slice(0, TEXT_MOST)),
      ]),
    );
  }

  /** @param {Earlier[]} conversations */
  #drawEarlier(conversations) {
    this.#drawnEarlier = conversations;
    this.#earlier.replaceChildren(...conversations.map(earlierRow));
  }
}

/** @param {unknown} value @returns {string} */
const textOf = (value) => (typeof value === "string" ? value : "");

/**
 * @param {"page" | "referrer" | "language" | "browser" | "check"} name
 * @param {(HTMLElement | string)[]} parts  each on a line of its own
 * @param {string | null} [tone]
 * @returns {HTMLElement | null} null: nothing is known
 */
function row(name, parts, tone = null) {
  const lines = parts.filter((part) => part !== "");
  if (lines.length === 0) return null;
  const value = h("dd", { dir: "auto" }, ...lines.map((line) => h("span", { class: "ad-about-line" }, line)));
  setAttribute(value, "data-tone", tone);
  return h("div", {}, h("dt", {}, t(`console.card.${name}`)), value);
}

/** Its record opens beside the console: nobody leaves a call for it. @param {Earlier} earlier */
function earlierRow(earlier) {
  const { joined_at: at, outcome, tags, notes, rating, url } = earlier;
  return h(
    "li",
    { class: "ad-about-one" },
    h("a", { href: url, target: "_blank", rel: "noopener" }, h("time", { datetime: at }, noteTime(at))),
    h("span", { class: "ad-about-quiet", dir: "auto" }, earlierText(earlier)),
    (outcome || tags.length > 0 || notes > 0 || rating !== null) &&
      h(
        "p",
        { class: "ad-about-marks" },
        outcome && h("span", { class: "ad-pill", dir: "auto" }, outcome),
        ...tags.map((tag) => h("span", { class: "ad-about-tag", dir: "auto" }, tag)),
        notes > 0 && h("span", { class: "ad-about-quiet" }, t("console.card.notes", { n: notes })),
        rating !== null && h("span", { class: "ad-about-quiet" }, t("console.card.rating", { n: rating })),
      ),
  );
}
