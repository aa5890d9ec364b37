/**
 * The lines of a conversation and how far each own one has come: values and functions, for both pages.
 *
 * A line is known by who said it and that side's own id, so that a replay after a reconnect, a resync's transcript and
 * our own pending lines fall together without doubles.
 *
 * @import {FileInfo, TranscriptLine} from "../../../core/types.js"
 * @import {Delivery, Line} from "./chat-log.js"
 * @typedef {Line & {id: number}} ChatLine
 */

/**
 * @param {{id: number, text?: string, file?: FileInfo}} frame  `chat:message` @param {number} at  ms
 * @param {Delivery} [state] @returns {ChatLine}
 */
export function ownLine({ id, text, file }, at, state = "sending") {
  return { key: `own:${id}`, id, from: "own", text: String(text ?? ""), at, state, file };
}

/** @param {{id?: number, text?: any, at?: number, file?: FileInfo}} frame  `chat:message` @param {number} now  ms @returns {ChatLine} */
export function peerLine({ id = 0, text, at, file }, now) {
  return { key: `peer:${id}`, id, from: "peer", text: String(text ?? ""), at: at ?? now, file };
}

/** @param {ChatLine[]} lines @param {ChatLine} line @returns {ChatLine[]} the same ones when it is there already */
export function withLine(lines, line) {
  return lines.some(({ key }) => key === line.key) ? lines : [...lines, line];
}

/**
 * @param {ChatLine[]} lines
 * @param {(line: ChatLine) => boolean} which  asked of own lines
 * @param {Delivery} to
 * @returns {ChatLine[]} the same ones when none changed
 */
export function marked(lines, which, to) {
  const found = (/** @type {ChatLine} */ line) => line.from === "own" && line.state !== to && which(line);
  return lines.some(found) ? lines.map((line) => (found(line) ? { ...line, state: to } : line)) : lines;
}

/** With what is known of a file now. @param {ChatLine[]} lines @param {FileInfo} file @returns {ChatLine[]} */
export function withFile(lines, file) {
  return lines.map((line) => (line.file?.id === file.id ? { ...line, file } : line));
}

/**
 * The server's transcript is complete; only own lines that it has not stored yet are kept, behind it.
 * @param {ChatLine[]} lines
 * @param {TranscriptLine[]} transcript
 * @param {'customer' | 'operator'} own  this side's name in the transcript
 * @returns {ChatLine[]}
 */
export function restored(lines, transcript, own) {
  const stored = transcript.map((line) =>
    line.from === own ? ownLine(line, line.at, "sent") : peerLine(line, line.at),
  );
  const pending = lines.filter(({ state }) => state === "sending" || state === "failed");
  return pending.reduce(withLine, stored);
}

/** A line that was not sent leaves, to be written anew. @param {ChatLine[]} lines @param {string} key @returns {{lines: ChatLine[], text: string}} */
export function takenBack(lines, key) {
  const line = lines.find((known) => known.key === key && known.state === "failed");
  return { lines: line ? lines.filter((known) => known !== line) : lines, text: line?.text ?? "" };
}
