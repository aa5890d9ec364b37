import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the browser's modules. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../../static/js");

/** @returns {string[]} every module's path */
export function sources() {
  return readdirSync(ROOT, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".js"))
    .map((name) => join(ROOT, name));
}
