/**
 * @import {ChatArchive, MailState} from "../../net/kept-chat.js"
 * @import {Said} from "./said.js"
 */

/** When a letter is looked after: it is gone in a second, or the mail server takes its time. */
const LOOKS_MS = [1000, 2000, 3000, 5000, 10_000, 20_000, 40_000, 60_000];

/**
 * Has what was said sent to an address, and follows the letter for a while.
 * @param {Said} said @param {ChatArchive} archive
 * @param {{address: string, locale: string, told: (state: MailState) => void}} letter  told: called with each new state;
 *   the last one may be `late`
 * @returns {Promise<void>} Rejects with ChatRefused where it was not even taken.
 */
export async function mailSaid(said, archive, { address, locale, told }) {
  const token = said.token ?? "";
  await archive.mail(token, address, locale);
  /** @type {MailState} */
  let last = "sending";
  told(last);
  for (const wait of LOOKS_MS) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    if (said.token !== token) return;
    const state = await archive.mailState(token).catch(() => last);
    if (state !== last) told(state);
    last = state;
    if (last !== "sending" && last !== "late") return;
  }
  if (last === "sending") told("late");
}
