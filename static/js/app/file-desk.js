import { t } from "../core/i18n.js";
import { AttachButtons } from "../ui/shared/files/attach.js";
import { droppedFiles, pastedFiles } from "../ui/shared/files/brought.js";
import { drawFile } from "../ui/shared/files/file-line.js";
import { PictureViewer } from "../ui/shared/files/picture-viewer.js";
import { UploadList } from "../ui/shared/files/upload-list.js";
import { LISTED_MOST, Uploads } from "./uploads.js";

/**
 * @import {FileInfo} from "../core/types.js"
 * @import {FileServer} from "../net/files.js"
 * @import {Composer} from "../ui/shared/chat/composer.js"
 *
 * @typedef {{server: FileServer, lines: () => readonly {file?: FileInfo}[], now: () => number,
 *   share: (file: FileInfo) => void, know: (file: FileInfo) => void, takeBack: (key: string) => unknown, reveal: () => void,
 *   say: (text: string) => void,
 *   session: {features: Record<string, any>, on: (name: string, listener: (detail: any) => void) => unknown}}} FileParts
 *   lines: of the chat that is shown; now: the server's clock, ms; share: a file is on the server, say so in the chat;
 *   know: what is known of one now; takeBack: a line that was not sent leaves the chat; reveal: brings the chat into sight; say: a short notice
 */

/** How often addresses are looked at, and how long before their end there are to be new ones. */
const LOOK_MS = 60_000;
const SPARE_MS = 10 * 60_000;

/** What a page does with files: takes what is chosen, pasted or dropped, sends it, draws the chat's, opens pictures. */
export class FileDesk {
  #parts;
  #uploads;
  /** @type {UploadList | null} */
  #list = null;
  /** @type {AttachButtons | null} */
  #buttons = null;
  /** @type {Composer | null} */
  #composer = null;
  /** Whose files may be sent now. @type {string | null} */
  #conversation = null;
  #drop = document.createElement("p");
  /** The server knows nothing of these files (any more). */
  #gone = false;

  /** @param {FileParts} parts */
  constructor(parts) {
    this.#parts = parts;
    const { server, session } = parts;
    this.#uploads = new Uploads({
      send: (file, key, told) => server.send(file, key, told),
      most: () => this.#limits?.max_bytes ?? 0,
      shared: parts.share,
      changed: () => this.#redraw(),
    });
    session.on("rejected", ({ id, frame, error }) => {
      if (error.code === "file_unknown") void this.#sendAgain(frame.file, `own:${id}`);
    });
    setInterval(() => void this.#look(), LOOK_MS);
    document.addEventListener("visibilitychange", () => void this.#look());
    session.on("welcome", () => this.#offer());
    this.#listen();
  }

  /** What the server takes now. @returns {{max_bytes: number, accept: string} | null} */
  get #limits() {
    return this.#parts.session.features.files ?? null;
  }

  /** Whether something can be sent now. */
  get #open() {
    return this.#conversation !== null && this.#limits !== null;
  }

  /** Where a line is written; a page that speaks another language has another one. @param {Composer} composer */
  attach(composer) {
    this.#composer = composer;
    this.#buttons = new AttachButtons((files) => this.add(files));
    this.#list = new UploadList({
      retry: (key) => this.#uploads.retry(key),
      remove: (key) => {
        this.#uploads.remove(key);
        composer.focus();
      },
    });
    this.#drop.textContent = t("common.files.drop");
    composer.element.prepend(this.#list.element, this.#buttons.element);
    composer.element.addEventListener("paste", (event) => this.#pasted(event));
    composer.load = { ready: () => this.#uploads.ready, send: () => this.#uploads.send() };
    this.#offer();
    this.#redraw();
  }

  /** The conversation in which files may be sent, or none. @param {string | null} conversation */
  follow(conversation) {
    if (conversation === this.#conversation) return;
    this.#conversation = conversation;
    this.#gone = false;
    const { unsent } = this.#uploads;
    this.#uploads.clear();
    this.#offer();
    if (unsent) this.#parts.say(t("common.files.dropped", { n: unsent }));
  }

  /** @param {File[]} files */
  add(files) {
    if (!this.#open || files.length === 0) return;
    this.#parts.reveal();
    const left = this.#uploads.add(files);
    if (left) this.#parts.say(t("common.files.tooMany", { n: LISTED_MOST }));
    this.#composer?.focus();
  }

  /** @param {HTMLElement} place @param {FileInfo} file */
  draw(place, file) {
    drawFile(place, file, () => this.#view(file.id));
    // What an earlier page sent, and this one does not know yet.
    if (file.name === "") void this.#refresh();
  }

  #offer() {
    this.#buttons?.update(this.#limits?.accept ?? null, this.#open);
  }

  #redraw() {
    this.#list?.update(this.#uploads.items);
    this.#composer?.drawn();
  }

  /** @param {string} id */
  #view(id) {
    const pictures = this.#files().filter(({ state, thumb }) => state === "ready" && thumb);
    new PictureViewer(pictures, id).open();
  }

  #files() {
    return this.#parts.lines().flatMap(({ file }) => file ?? []);
  }

  // ---- addresses end, and the page stays -----------------------------------------------------------------------------

  async #look() {
    const ends = this.#files().flatMap(({ expires_at: end }) => end ?? []);
    if (!document.hidden && ends.some((end) => end < this.#parts.now() + SPARE_MS)) await this.#refresh();
  }

  async #refresh() {
    if (this.#gone) return;
    try {
      for (const file of await this.#parts.server.all()) this.#parts.know(file);
    } catch (error) {
      this.#gone = !(/** @type {any} */ (error).retryable);
    }
  }

  /** The server had forgotten that there is such a file; asked for, it remembers. @param {string} id @param {string} key  of the line that it refused */
  async #sendAgain(id, key) {
    try {
      const file = await this.#parts.server.one(id);
      this.#parts.takeBack(key);
      this.#parts.share(file);
    } catch (error) {
      this.#parts.say(/** @type {Error} */ (error).message || t("common.files.lost"));
    }
  }

  // ---- what is brought to the page ------------------------------------------------------------------------------------

  #listen() {
    this.#drop.className = "ad-drop";
    this.#drop.hidden = true;
    document.body.append(this.#drop);
    document.addEventListener("dragover", (event) => this.#dragged(event));
    document.addEventListener("dragleave", ({ relatedTarget }) =>
      this.#invite(relatedTarget !== null && !this.#drop.hidden),
    );
    document.addEventListener("drop", (event) => this.#dropped(event));
    window.addEventListener("online", () => this.#uploads.hurry());
    window.addEventListener("beforeunload", (event) => this.#uploads.unsent && event.preventDefault());
  }

  /** @param {DragEvent} event */
  #dragged(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    // Anywhere: a browser that is not told otherwise leaves the page, and the call, to show the file.
    event.preventDefault();
    event.dataTransfer.dropEffect = this.#open ? "copy" : "none";
    this.#invite(this.#open);
  }

  /** @param {DragEvent} event */
  #dropped(event) {
    this.#invite(false);
    const dropped = droppedFiles(event.dataTransfer);
    if (!dropped) return;
    event.preventDefault();
    if (dropped.folders) this.#parts.say(t("common.files.folder"));
    this.add(dropped.files);
  }

  /** @param {boolean} on */
  #invite(on) {
    this.#drop.hidden = !on;
  }

  /** @param {ClipboardEvent} event */
  #pasted(event) {
    const files = pastedFiles(event.clipboardData);
    if (!files.length || !this.#open) return;
    event.preventDefault();
    this.add(files);
  }
}
