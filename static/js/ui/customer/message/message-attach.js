import { t } from "../../../core/i18n.js";
import { h, setText, show } from "../../shared/dom.js";
import { RecorderView } from "./recorder-view.js";

/**
 * @import {RecorderActions} from "./recorder-view.js"
 * @typedef {import("../../shared/files/upload-list.js").Upload} Upload
 * @typedef {{AttachButtons: typeof import("../../shared/files/attach.js").AttachButtons, UploadList: typeof import("../../shared/files/upload-list.js").UploadList,
 *   droppedFiles: typeof import("../../shared/files/brought.js").droppedFiles, pastedFiles: typeof import("../../shared/files/brought.js").pastedFiles}} AttachKit
 * @typedef {{kit: AttachKit, accept: string, recorder: RecorderActions, items: () => readonly any[], watch: (watcher: () => void) => void,
 *   add: (files: readonly File[]) => string, retry: (key: string) => void, remove: (key: string) => void}} AttachActions
 *   add: answers what to say about those that were not taken
 */

/** What goes along with a message: files that are chosen, pasted or dropped, and a recording. */
export class MessageAttach {
  #actions;
  #list;
  #news = h("p", { class: "ad-field__error", role: "status", hidden: true });
  element;

  /** @param {AttachActions} actions */
  constructor(actions) {
    this.#actions = actions;
    const { AttachButtons, UploadList } = actions.kit;
    const choose = new AttachButtons((files) => this.#add(files));
    choose.update(actions.accept, true);
    this.#list = new UploadList({ retry: actions.retry, remove: actions.remove });
    const recorder = actions.recorder.kinds.length ? new RecorderView(actions.recorder).element : null;
    this.element = h(
      "div",
      { class: "ad-message__attach", role: "group", "aria-label": t("customer.message.files.title") },
      this.#list.element,
      h("div", { class: "ad-message__ways" }, choose.element, recorder),
      this.#news,
    );
    actions.watch(() => this.#draw());
    this.#draw();
  }

  /** Where else files may be brought to. @param {HTMLElement} place */
  listen(place) {
    place.addEventListener("paste", (event) => {
      const files = this.#actions.kit.pastedFiles(event.clipboardData);
      if (!files.length) return;
      event.preventDefault();
      this.#add(files);
    });
    place.addEventListener("dragover", (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      // The page around would refuse it.
      event.stopPropagation();
      event.dataTransfer.dropEffect = "copy";
    });
    place.addEventListener("drop", (event) => {
      const dropped = this.#actions.kit.droppedFiles(event.dataTransfer);
      if (!dropped) return;
      event.preventDefault();
      event.stopPropagation();
      this.#add(dropped.files, dropped.folders ? t("common.files.folder") : "");
    });
  }

  /** @param {readonly File[]} files @param {string} [news] */
  #add(files, news = "") {
    this.say(this.#actions.add(files) || news);
  }

  /** @param {string} said  what is wrong with what was to go along; empty: nothing */
  say(said) {
    setText(this.#news, said);
    show(this.#news, said !== "");
  }

  #draw() {
    this.#list.update(this.#actions.items());
  }
}
