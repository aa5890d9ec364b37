const EVERY_MS = 2000;
/** Answers that may fail in a row before the page says that it is not of this moment. */
const LATE_AFTER = 3;

/**
 * Asks for the rows again and again while the page is seen: one question at a time, so a slow server is asked less.
 * @template Rows
 * @param {{ask: () => Promise<Rows|null>, draw: (rows: Rows) => void, tell: (isLate: boolean) => void, isSeen: () => boolean,
 *   wait?: (then: () => void, ms: number) => unknown}} parts  ask: null where nobody answers; tell: after each answer
 */
export function followFloor({ ask, draw, tell, isSeen, wait = setTimeout }) {
  let failed = 0;
  const again = () => wait(() => void look(), EVERY_MS);
  const look = async () => {
    if (isSeen()) {
      const rows = await ask();
      failed = rows === null ? failed + 1 : 0;
      if (rows !== null) draw(rows);
      tell(failed >= LATE_AFTER);
    }
    again();
  };
  again();
}
