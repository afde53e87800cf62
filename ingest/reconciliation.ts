import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/ports.ts';
import type { Light } from './health-light.ts';

/** What came in, what became of it, and what still waits: counted in different places, so that they can disagree. */
export interface Books {
  /** Messages: counted on arrival, at their settlement, and where they wait. */
  received: number;
  settled: number;
  waiting: number;
  /** Values and fixes of the settled messages: counted when a message is read, and when it is settled. */
  parts: number;
  stored: number;
  duplicates: number;
  refused: number;
  /** Rows that the database itself says it took. */
  rowsInDatabase: number;
}

export interface Reconciliation {
  start(): void;
  stop(): void;
  /** Compares now; answers with what does not add up. */
  check(): readonly string[];
  /** False from the first difference until the process ends: what is missing does not come back. */
  readonly balanced: boolean;
}

const EVERY_MS = 10_000;

/**
 * received = settled + waiting, and found = stored + duplicate + refused, and stored = what the database took. When
 * one of them fails something was lost or made up on the way, whatever the cause: the centre says so itself.
 */
export function createReconciliation(options: {
  clock: Clock;
  logger: Logger;
  light: Light;
  books(): Books;
}): Reconciliation {
  const { clock, logger, light } = options;
  let balanced = true;
  let cancel: () => void = () => undefined;

  const check = (): readonly string[] => {
    const books = options.books();
    const differences = differencesOf(books);
    if (differences.length > 0 && balanced) {
      balanced = false;
      logger.error({ books }, 'the books of ingest do not add up');
      const found = differences.join('; ');
      light.fault('degraded', 'internal', {
        vi: `Số liệu nhận và số liệu lưu không khớp (${found}). Hãy đối chiếu và báo lỗi`,
        en: `What was received and what was stored do not add up (${found}). Compare them and report this`,
      });
    }
    return differences;
  };
  const again = () => {
    cancel = clock.after(EVERY_MS, () => {
      check();
      again();
    });
  };

  return {
    start: again,
    stop() {
      cancel();
      check();
    },
    check,
    get balanced() {
      return balanced;
    },
  };
}

function differencesOf(books: Books): string[] {
  const rows: [what: string, left: number, right: number][] = [
    ['messages received − settled − waiting', books.received, books.settled + books.waiting],
    [
      'readings found − stored − duplicate − refused',
      books.parts,
      books.stored + books.duplicates + books.refused,
    ],
    ['readings stored − rows in the database', books.stored, books.rowsInDatabase],
  ];
  return rows.flatMap(([what, left, right]) => (left === right ? [] : [`${what} = ${left - right}`]));
}
