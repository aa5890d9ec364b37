/** What only a message needs, fetched when somebody wants to leave one (core/later.js). */
import { t } from "../../../core/i18n.js";
import { MessageServer } from "../../../net/messages.js";
import { MessageAttach } from "../../../ui/customer/message/message-attach.js";
import { MessageForm } from "../../../ui/customer/message/message-form.js";
import { clock } from "../../../ui/customer/message/recorder-view.js";
import { Attachments } from "./attachments.js";
import { Leaving } from "./leaving.js";
import { MessageRecorder, typeFor } from "./recorder.js";

/**
 * @import {MediaKind, Store} from "../../../core/types.js"
 * @import {Session} from "../../../net/session.js"
 * @import {Acquired} from "../../../rtc/devices/media.js"
 * @import {RecordingKind} from "../../../ui/customer/message/recorder-view.js"
 * @import {Kit, MessageLimits} from "./attachments.js"
 * @import {CustomerApp} from "../customer-app.js"
 * @import {LateChat} from "../chat/late-chat.js"
 * @import {MessagePart} from "../../../ui/customer/message/message-offer.js"
 */

/** Files of one message, and seconds of a recording, as the server has them (messages_left/attachments/). */
const MOST = 5;
const SECS = 120;
const MB = 2 ** 20;
/** As `accepted` has it (queueing/file_kinds.py). */
const ACCEPT =
  "image/png,image/jpeg,image/webp,image/gif,.pdf,.txt,.csv,.log,.md,.tsv," +
  ".docx,.xlsx,.pptx,.odt,.ods,.odp,.doc,.xls,.ppt";

/**
 * @param {{app: CustomerApp, session: Session, storage: Store, config: Record<string, any>, extras: LateChat,
 *   acquire: (media: MediaKind) => Promise<Acquired>, release: (stream: MediaStream | null) => void}} page
 *   config: the page's; extras: what sends files in the chat sends them here
 * @returns {Promise<MessagePart>}
 */
export async function makeMessages({ app, session, storage, config, extras, acquire, release }) {
  const { messagesUrl: url, site, messageMb: mb } = config;
  const messages = new MessageServer(url, () => session.token ?? app.said.token);
  const borrowed = mb ? ((await extras.part.insist(undefined, 1))?.kit ?? null) : null;
  const [one, all] = mb ?? [0, 0];
  const video = config.features?.video !== false;
  const limits = { most: MOST, maxBytes: one * MB, wholeBytes: all * MB, accept: ACCEPT, secs: SECS, video };
  const files = borrowed ? makeFiles({ kit: borrowed, limits, url, messages, acquire, release }) : null;
  if (files) app.on("change", ({ state, before }) => state.screen !== before.screen && files.recorder.leave());
  const leaving = new Leaving({
    storage,
    messages,
    attachments: files?.attachments,
    known: () => knownOf(app),
    extra: () => ({ ...(site && { site }), ...(app.visitor.identity && { identity: app.visitor.identity }) }),
  });
  return {
    get opened() {
      return leaving.opened;
    },
    form: (why) => {
      leaving.begin(why);
      return new MessageForm(leaving, files?.view());
    },
  };
}

/**
 * @param {{kit: Kit, limits: MessageLimits, url: string, messages: MessageServer, acquire: (media: MediaKind) => Promise<Acquired>,
 *   release: (stream: MediaStream | null) => void}} parts
 */
function makeFiles({ kit, limits, url, messages, acquire, release }) {
  const attachments = new Attachments({ kit, url: `${url}files/`, limits, messages });
  const recorder = new MessageRecorder({
    acquire,
    release,
    secs: limits.secs,
    // A piece may still come.
    bytes: limits.maxBytes * 0.9,
    name: (kind, seconds) => `${t(`customer.message.record.own.${kind}`)} ${clock(seconds)}`,
    made: (file, kind) => {
      const said = attachments.add([file], kind);
      if (said) recorder.cancel();
      attach?.say(said);
    },
    gone: (file) => {
      const key = attachments.keyOf(file);
      if (key) attachments.remove(key);
    },
  });
  /** @type {RecordingKind[]} */
  const wished = limits.video ? ["voice", "video"] : ["voice"];
  /** @type {MessageAttach | null} */
  let attach = null;
  return {
    attachments,
    recorder,
    view: () => {
      attach = new MessageAttach({
        kit,
        accept: limits.accept,
        items: () => attachments.items,
        watch: (watcher) =>
          attachments.watch(() => {
            watcher();
            // Taken out of the list, or sent.
            const { file } = recorder.state;
            if (file && attachments.keyOf(file) === null) recorder.cancel();
          }),
        add: (chosen) => attachments.add(chosen),
        retry: (key) => attachments.retry(key),
        remove: (key) => attachments.remove(key),
        recorder: {
          kinds: wished.filter((kind) => typeFor(kind) !== ""),
          secs: limits.secs,
          record: (kind) => void recorder.record(kind),
          stop: () => recorder.stop(),
          cancel: () => recorder.cancel(),
          watch: (watcher) => recorder.watch(watcher),
        },
      });
      return attach;
    },
  };
}

/** What the customer has told the form before the queue. @param {CustomerApp} app */
function knownOf({ questions, state }) {
  const { name, answers = {} } = state.form;
  const told = (/** @type {string} */ kind) => {
    const key = questions.find((question) => question.kind === kind)?.key ?? "";
    return typeof answers[key] === "string" ? answers[key] : "";
  };
  return { name, email: told("email"), phone: told("phone") };
}
