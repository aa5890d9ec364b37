import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const DOCUMENT = join(dirname(fileURLToPath(import.meta.url)), "../../docs/protocol.md");

/**
 * Every code that an `error` frame may carry, from the reference that the server's own table is written to.
 * @returns {{code: string, retryable: boolean, closes: number | null}[]}
 */
export function errorCodes() {
  const [, part] = readFileSync(DOCUMENT, "utf8").split("<!-- schema: errors -->");
  return [...part.split("<!--")[0].matchAll(/^\| `(\w+)` \|.*\| (yes|no) \| (\S+) \|$/gm)].map(
    ([, code, retry, closes]) => ({
      code,
      retryable: retry === "yes",
      closes: Number(closes) || null,
    }),
  );
}
