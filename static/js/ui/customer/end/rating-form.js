import { t } from "../../../core/i18n.js";
import { button } from "../../shared/button.js";
import { h, setText, show } from "../../shared/dom.js";

/**
 * @typedef {{phase: 'none' | 'asked' | 'sending' | 'waiting' | 'kept' | 'refused' | 'closed', score: number | null,
 *   comment: string, message: string}} RatingState
 *   none: nothing to rate; waiting: kept in the page, the server does not have it yet; message: of the server
 * @typedef {{watch: (watcher: (state: RatingState) => void) => void, write: (score: number | null, comment: string) => void,
 *   send: (score: number, comment: string) => void}} RatingActions
 */

const SCORES = [1, 2, 3, 4, 5];
const COMMENT_MOST = 1000;
/** What is said of by us; the rest needs no words, or has the server's. */
const TOLD = new Set(["sending", "waiting", "kept", "closed"]);

/** How it was, in words, and why. It asks once and stands in nobody's way. */
export class RatingForm {
  #actions;
  /** @type {RatingState} */
  #state = { phase: "none", score: null, comment: "", message: "" };
  #radios = SCORES.map((score) =>
    h("input", { class: "ad-choice__radio", type: "radio", name: "ad-rating", value: score, required: true }),
  );
  #comment = h("textarea", {
    class: "ad-input ad-rating__comment",
    id: "ad-rating-comment",
    rows: 3,
    dir: "auto",
    maxlength: COMMENT_MOST,
    "aria-describedby": "ad-rating-status",
  });
  #more;
  #send = button({ kind: "quiet", wide: true, type: "submit" }, () => {});
  #status = h("p", { class: "ad-said__note", id: "ad-rating-status", role: "status" });
  element;

  /** @param {RatingActions} actions */
  constructor(actions) {
    this.#actions = actions;
    this.#more = h(
      "div",
      { class: "ad-field" },
      h(
        "label",
        { class: "ad-field__label", for: "ad-rating-comment" },
        t("customer.rating.comment"),
        h("i", { class: "ad-field__optional" }, t("customer.rating.optional")),
      ),
      this.#comment,
    );
    this.element = h(
      "form",
      {
        class: "ad-rating",
        oninput: () => this.#actions.write(this.#score, this.#comment.value),
        onsubmit: (event) => {
          event.preventDefault();
          this.#submit();
        },
      },
      h(
        "fieldset",
        { class: "ad-choice ad-rating__scores" },
        h("legend", { class: "ad-said__title" }, t("customer.rating.title")),
        ...this.#radios.map((radio, index) => scoreOption(radio, SCORES[index])),
      ),
      this.#more,
      this.#send,
      this.#status,
    );
    actions.watch((state) => this.#update(state));
  }

  get #score() {
    return SCORES[this.#radios.findIndex((radio) => radio.checked)] ?? null;
  }

  #submit() {
    const { phase } = this.#state;
    if (this.#score !== null && phase !== "sending" && phase !== "closed")
      this.#actions.send(this.#score, this.#comment.value);
  }

  /** @param {RatingState} state */
  #update(state) {
    this.#state = state;
    const { phase, score, comment, message } = state;
    const closed = phase === "closed";
    show(this.element, phase !== "none");
    for (const [index, radio] of this.#radios.entries()) {
      radio.checked = SCORES[index] === score;
      radio.disabled = closed;
    }
    // What is being written is the same already, and setting it would move the cursor.
    if (this.#comment.value.trim() !== comment.trim()) this.#comment.value = comment;
    this.#comment.readOnly = closed;
    // First the score alone: a question of one press.
    show(this.#more, score !== null);
    show(this.#send, score !== null && !closed);
    setText(this.#send, t(phase === "kept" ? "customer.rating.change" : "customer.rating.send"));
    this.#send.setAttribute("aria-disabled", String(phase === "sending"));
    setText(this.#status, message || (TOLD.has(phase) ? t(`customer.rating.${phase}`) : ""));
    this.#status.dataset.tone = phase === "refused" || closed ? "danger" : phase === "waiting" ? "warning" : "";
  }
}

/** @param {HTMLInputElement} radio @param {number} score */
function scoreOption(radio, score) {
  return h(
    "label",
    { class: "ad-choice__option" },
    radio,
    h(
      "span",
      { class: "ad-choice__face" },
      h("b", {}, String(score)),
      h("small", {}, t(`customer.rating.score${score}`)),
    ),
  );
}
