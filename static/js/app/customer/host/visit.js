import { cut } from "./host-facts.js";

/** As the server keeps them; it looks at all of it once more (queueing/visit.py). */
const MOST = { page: 500, title: 160, referrer: 500 };

/**
 * Where the customer asks from, for the operator to see. What cannot be read is left out.
 * @param {Record<string, unknown> | null} page  {page, title, referrer}, as the site's page says it
 * @param {boolean} [query]  of addresses what stands after the `?` is told as well
 */
export function visitOf(page, query) {
  /** @type {Record<string, string>} */
  const visit = { time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone };
  for (const [name, most] of Object.entries(MOST)) {
    const said = page?.[name];
    if (typeof said === "string") visit[name] = cut(query || name === "title" ? said : said.split(/[?#]/)[0], most);
  }
  return visit;
}
