import type { Clock } from '../../../core/clock.ts';
import type { Database, Health, Logger } from '../../../core/ports.ts';
import { hashesAfter, hashOf, heads } from '../sql.ts';
import type { AnchorDraft } from './line.ts';
import { PREFIX_BYTES } from './line.ts';
import type { AnchorLog } from './log.ts';
import type { AnchorTarget } from './targets.ts';

const EVERY_MS = 60_000;
/** Rows of one line: 8 characters each, so that a line stays below 64 KiB. */
const ROWS_PER_LINE = 5000;
/** Lines of one write; a long history that was never anchored is taken up in pieces. */
const LINES_PER_WRITE = 20;
export const ANCHOR_HEALTH = 'audit.anchors';

export interface Anchoring {
  start(): void;
  /** Anchors what is not anchored yet; resolves to the number of lines. Never two at once. */
  anchorNow(): Promise<number>;
  /** A last anchor, then none any more. */
  stop(): Promise<void>;
}

/** Once a minute: the head of every chain that has grown, signed, into a file outside the database. */
export function createAnchoring(options: {
  database: Database;
  clock: Clock;
  logger: Logger;
  health: Health;
  log: AnchorLog;
  target?: AnchorTarget;
}): Anchoring {
  const { database, clock, logger, health, log, target } = options;
  let cancel = () => {};
  let turn: Promise<unknown> = Promise.resolve();
  let said = '';

  const tell = (state: 'ok' | 'degraded' | 'down', vi: string, en: string) => {
    health.set({ component: ANCHOR_HEALTH, state, message: { vi, en } });
    if (said !== en && state !== 'ok') logger.error({ component: ANCHOR_HEALTH }, en);
    said = en;
  };

  /** Lines for one chain; `fits` is false when what was anchored is not what stands there. */
  const draftsOf = async (
    chain: string,
    headSeq: number,
  ): Promise<{ drafts: AnchorDraft[]; fits: boolean }> => {
    const last = log.heads.get(chain);
    const known = last && last.seq > 0 ? await hashOf(database, chain, last.seq) : undefined;
    const fits = !last || last.hash === null || known === undefined || known.toString('hex') === last.hash;
    const after = last?.seq ?? 0;
    if (headSeq <= after) return { drafts: [], fits: fits && headSeq === after };
    const drafts: AnchorDraft[] = [];
    for (let at = after; at < headSeq && drafts.length < LINES_PER_WRITE; ) {
      const rows = await hashesAfter(database, chain, at, ROWS_PER_LINE);
      const [first] = rows;
      const end = rows.at(-1);
      if (!first || !end) break;
      drafts.push({
        type: 'anchor',
        at: new Date(clock.now()).toISOString(),
        chain,
        from: first.seq,
        seq: end.seq,
        hash: end.hash.toString('hex'),
        rows: Buffer.concat(rows.map(({ hash }) => hash.subarray(0, PREFIX_BYTES))).toString('base64url'),
      });
      at = end.seq;
    }
    return { drafts, fits };
  };

  const anchor = async (): Promise<number> => {
    const wrong = new Set(log.heads.keys());
    const texts: string[] = [];
    for (const { chain, seq } of await heads(database)) {
      const { drafts, fits } = await draftsOf(chain, seq);
      if (fits) wrong.delete(chain);
      texts.push(...log.append(drafts));
    }
    // A chain that was emptied down to nothing shows as one without a head.
    if (wrong.size > 0) {
      const names = [...wrong].join(', ');
      tell(
        'down',
        `Nhật ký không khớp mốc đã ký (${names}): chạy haidang audit verify`,
        `the audit trail is not the one that was anchored (${names}): run haidang audit verify`,
      );
    }
    const file = log.currentFile();
    if (target && file !== undefined) {
      try {
        await target.copy(file, texts);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        tell('degraded', `Không chép được mốc sang ${target.name}`, `anchors not copied: ${reason}`);
        return texts.length;
      }
    }
    if (wrong.size === 0) tell('ok', 'Mốc nhật ký đã ký đầy đủ', 'the audit trail is anchored');
    return texts.length;
  };

  const anchorNow = () => {
    const mine = turn.then(anchor);
    turn = mine.catch(() => undefined);
    return mine;
  };

  const tick = () => {
    anchorNow()
      .catch((error) => tell('degraded', 'Chưa ký được mốc nhật ký', `no anchor written: ${String(error)}`))
      .finally(schedule);
  };
  let stopped = false;
  const schedule = () => {
    if (!stopped) cancel = clock.after(EVERY_MS, tick);
  };

  return {
    start: tick,
    anchorNow,
    async stop() {
      stopped = true;
      cancel();
      await anchorNow();
    },
  };
}
