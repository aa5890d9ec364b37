import { t } from "../core/i18n.js";
import { ask } from "../ui/shared/dialog.js";

/**
 * @typedef {{kind: 'audio' | 'video' | 'output', label: string, group: string, accept: () => void}} Offer  group: the
 *   browser's id of one thing with several devices
 * @typedef {{add: (offer: Offer) => void}} Offering
 * @typedef {(words: {title: string, text: string, yes: string, no: string}) => Promise<boolean>} Ask
 */

/** One headset announces itself as a microphone and as an output, a moment apart. */
const TOGETHER_MS = 400;

/** Asks about devices that were plugged in: one question for one thing, one after the other. */
export class Offers {
  /** @type {Offer[]} */
  #waiting = [];
  /** @type {any} */
  #timer;
  #asking = Promise.resolve();
  #ask;

  /** @param {Ask} [question] */
  constructor(question = ask) {
    this.#ask = question;
  }

  /** @param {Offer} offer */
  add(offer) {
    this.#waiting.push(offer);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#flush(), TOGETHER_MS);
  }

  #flush() {
    for (const things of grouped(this.#waiting.splice(0))) {
      this.#asking = this.#asking.then(() => this.#question(things));
    }
  }

  /** @param {Offer[]} things */
  async #question(things) {
    const kinds = things.map(({ kind }) => kind);
    const what = kinds.length > 1 ? "both" : kinds[0];
    const words = {
      title: t("common.output.offer"),
      text: t(`common.offer.${what}`, { name: things[0].label }),
      yes: t("common.output.offerYes"),
      no: t("common.output.offerNo"),
    };
    if (await this.#ask(words)) for (const { accept } of things) accept();
  }
}

/** @param {Offer[]} offers @returns {Offer[][]} microphone and output of one thing together */
export function grouped(offers) {
  /** @type {Offer[][]} */
  const things = [];
  for (const offer of offers) {
    const other =
      offer.kind === "video"
        ? undefined
        : things.find(([first, second]) => {
            return (
              !second &&
              first.kind !== "video" &&
              first.kind !== offer.kind &&
              offer.group !== "" &&
              first.group === offer.group
            );
          });
    if (other) other.push(offer);
    else things.push([offer]);
  }
  return things;
}
