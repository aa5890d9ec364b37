/** What is dropped on a page, or pasted into it. */

/**
 * @param {DataTransfer | null} transfer  of a drop
 * @returns {{files: File[], folders: boolean} | null} null: there are no files in it; folders: some were folders, which look like
 *   files that cannot be read
 */
export function droppedFiles(transfer) {
  const { items, types } = transfer ?? {};
  if (!items || !types?.includes("Files")) return null;
  const entries = [...items].filter(({ kind }) => kind === "file");
  const files = entries
    .filter((item) => !item.webkitGetAsEntry()?.isDirectory)
    .flatMap((item) => item.getAsFile() ?? []);
  return { files, folders: files.length < entries.length };
}

/** @param {DataTransfer | null} clipboard @returns {File[]} */
export function pastedFiles(clipboard) {
  const { files, types } = clipboard ?? {};
  // Text programs put a picture of the text beside it.
  const isText = types?.includes("text/html") && clipboard?.getData("text/plain").trim();
  return files && !isText ? [...files] : [];
}
