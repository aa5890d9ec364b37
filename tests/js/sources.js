import { readdirSync, readFileSync } from "node:fs";
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

/** @param {string} entry @returns {string[]} the paths of the modules that it needs at once, its own first */
export function graphOf(entry) {
  const found = [entry];
  for (const path of found) {
    const text = readFileSync(path, "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
    for (const [, target] of text.matchAll(/^\s*(?:import|export)\s(?:[^"'`;]*?from\s*)?["']([^"']+)["'];/gm)) {
      const next = join(dirname(path), target);
      if (!found.includes(next)) found.push(next);
    }
  }
  return found;
}
