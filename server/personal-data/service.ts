import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import type { PersonalDataRun, Subject, SubjectReport } from '../../core/api/personal-data.ts';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { type Caller, can, wholeCentre } from '../../core/permissions.ts';
import type { PersonalDataKind } from '../../core/personal-data.ts';
import type { AuditTrail, Database, Logger, Queryable } from '../../core/ports.ts';
import { fold } from '../../core/text.ts';
import {
  countOf,
  existingTables,
  HOLDINGS,
  insertRun,
  latestRuns,
  type RunRow,
  type SubjectRow,
  someOf,
  subjectById,
  subjectsNamed,
} from './sql.ts';

const SUBJECTS_SHOWN = 20;
const RUNS_SHOWN = 50;
const DAY_MS = 86_400_000;
/** Parts of one kind that one run takes away; the next run goes on. */
const PARTS_PER_RUN = 200;

export interface PersonalData {
  /** People by a part of their names, with how much is held of each. Recorded with its reason. */
  lookup(caller: Caller, q: string, reason: string): Promise<Subject[]>;
  /** Everything that is held of a person. Recorded with its reason. */
  report(caller: Caller, subjectId: string, reason: string): Promise<SubjectReport>;
  /** Everything that is held of the caller. */
  own(caller: Caller): Promise<SubjectReport>;
  /** Takes away what may go of a person whose account is closed; throws `request.conflict` for an open one. */
  erase(caller: Caller, subjectId: string, reason: string): Promise<PersonalDataRun>;
  runs(caller: Caller): Promise<PersonalDataRun[]>;
  /** Takes away what was kept long enough; resolves to how much of each kind. */
  expire(): Promise<Record<string, number>>;
}

export function createPersonalData(deps: {
  database: Database;
  clock: Clock;
  logger: Logger;
  audit: AuditTrail;
  kinds: readonly PersonalDataKind[];
  /** Absolute folder of stored media. */
  mediaDir: string;
}): PersonalData {
  const { database, clock, logger, audit, kinds, mediaDir } = deps;

  /** People are of the whole centre: a grant for a part of it does not reach them. */
  const mayRead = (caller: Caller) => can(caller, 'personal.read', wholeCentre(null));

  /** The kinds whose tables are there, in the order of the register. */
  const holdings = async (db: Queryable) => {
    const wanted = kinds.flatMap(({ id }) => HOLDINGS[id]?.tables ?? []);
    const there = await existingTables(db, wanted);
    return kinds.flatMap((kind) => {
      const holding = HOLDINGS[kind.id];
      return holding?.tables.every((table) => there.has(table)) ? [{ kind, holding }] : [];
    });
  };

  const heldOf = async (row: SubjectRow): Promise<Subject['held']> => {
    const held: Subject['held'] = [];
    for (const { kind, holding } of await holdings(database))
      if (holding.rows) held.push({ kind: kind.id, count: await countOf(database, holding.rows(row)) });
    return held;
  };

  const subjectOf = async (row: SubjectRow): Promise<Subject> => ({
    id: row.id,
    username: row.username,
    displayName: row.display_name,
    status: row.status,
    erasedAt: row.erased_at?.toISOString() ?? null,
    held: await heldOf(row),
  });

  const reportOf = async (id: string): Promise<SubjectReport> => {
    const [row] = await database.query<SubjectRow>(subjectById(id, false));
    if (!row) throw new AppError('request.not_found');
    const subject = await subjectOf(row);
    const data: SubjectReport['data'] = [];
    for (const { kind, holding } of await holdings(database)) {
      if (!holding.rows) continue;
      const rows = await database.query<{ row: Record<string, unknown> }>(someOf(holding.rows(row)));
      const count = subject.held.find((held) => held.kind === kind.id)?.count ?? rows.length;
      data.push({ kind: kind.id, count, rows: rows.map((one) => one.row) });
    }
    return { subject, madeAt: new Date(clock.now()).toISOString(), data };
  };

  const removeFiles = async (files: readonly string[]) => {
    for (const file of files) {
      const path = resolve(mediaDir, file);
      // The name is the server's own; should it ever be another's, nothing outside is touched.
      if (!path.startsWith(join(mediaDir, 'alerts') + sep)) continue;
      await rm(path, { force: true }).catch((error) =>
        logger.warn({ err: String(error) }, 'an expired picture could not be removed'),
      );
    }
  };

  /** One kind, a part at a time, each in its own transaction. */
  const expireKind = async (expire: (before: Date) => ReturnType<typeof subjectById>, before: Date) => {
    let removed = 0;
    for (let part = 0; part < PARTS_PER_RUN; part++) {
      const rows = await database.query<{ file?: string }>(expire(before));
      await removeFiles(rows.flatMap(({ file }) => (file === undefined ? [] : [file])));
      removed += rows.length;
      if (rows.length === 0) break;
    }
    return removed;
  };

  return {
    async lookup(caller, q, reason) {
      if (!mayRead(caller)) throw new AppError('auth.forbidden');
      const rows = await database.query<SubjectRow>(subjectsNamed(fold(q), SUBJECTS_SHOWN));
      const subjects: Subject[] = [];
      for (const row of rows) subjects.push(await subjectOf(row));
      await audit.note(
        { by: caller, action: 'personal.lookup', after: { q, found: rows.map((row) => row.id) }, reason },
        { must: true },
      );
      return subjects;
    },

    async report(caller, subjectId, reason) {
      if (!mayRead(caller)) throw new AppError('request.not_found');
      const report = await reportOf(subjectId);
      const { id, username } = report.subject;
      const object = { type: 'account', id, name: username } as const;
      await audit.note({ by: caller, action: 'personal.report', object, reason }, { must: true });
      return report;
    },

    own: (caller) => reportOf(caller.userId),

    async erase(caller, subjectId, reason) {
      const at = new Date(clock.now());
      if (!can(caller, 'personal.erase', wholeCentre(null))) throw new AppError('request.not_found');
      const run = await database.transaction(async (tx) => {
        const [row] = await tx.query<SubjectRow>(subjectById(subjectId, true));
        if (!row) throw new AppError('request.not_found');
        if (row.status === 'active')
          throw new AppError('request.conflict', { detail: 'the account is open: close it first' });
        if (row.erased_at) throw new AppError('request.conflict', { detail: 'erased already' });
        const nothing = { hash: hashOfNothing(), at };
        const removed: Record<string, number> = {};
        for (const { kind, holding } of await holdings(tx)) {
          if (!holding.erase) continue;
          removed[kind.id] = 0;
          for (const statement of holding.erase(row, nothing))
            removed[kind.id] = (removed[kind.id] ?? 0) + (await tx.query(statement)).length;
        }
        await tx.query(
          insertRun({ at, kind: 'erasure', subject_id: row.id, by_name: caller.username, reason, removed }),
        );
        const [stored] = await tx.query<RunRow>(latestRuns(1));
        const kept = kinds.flatMap(({ id, erasure }) => (['keep', 'part'].includes(erasure) ? [id] : []));
        await audit.record(tx, {
          by: caller,
          action: 'personal.erase',
          object: { type: 'account', id: row.id, name: row.username },
          after: { removed, kept },
          reason,
        });
        return stored;
      });
      if (!run) throw new AppError('internal', { detail: 'an erasure that was not written down' });
      return runDto(run);
    },

    async runs(caller) {
      if (!mayRead(caller)) throw new AppError('auth.forbidden');
      return (await database.query<RunRow>(latestRuns(RUNS_SHOWN))).map(runDto);
    },

    async expire() {
      const at = new Date(clock.now());
      const removed: Record<string, number> = {};
      for (const { kind, holding } of await holdings(database)) {
        if (kind.keepDays === null || !holding.expire) continue;
        const count = await expireKind(holding.expire, new Date(at.getTime() - kind.keepDays * DAY_MS));
        if (count > 0) removed[kind.id] = count;
      }
      if (Object.keys(removed).length === 0) return removed;
      await database.transaction(async (tx) => {
        await tx.query(
          insertRun({ at, kind: 'retention', subject_id: null, by_name: null, reason: null, removed }),
        );
        await audit.record(tx, { by: null, action: 'personal.expire', after: removed });
      });
      logger.info({ removed }, 'personal data that were kept long enough are gone');
      return removed;
    },
  };
}

const runDto = (row: RunRow): PersonalDataRun => ({
  id: row.id,
  at: row.at.toISOString(),
  kind: row.kind,
  subjectId: row.subject_id,
  by: row.by_name,
  reason: row.reason,
  removed: row.removed,
});

/** In the form of an argon2id hash, of no password: whoever tries one is answered as always. */
function hashOfNothing(): string {
  const part = (bytes: number) => randomBytes(bytes).toString('base64').replaceAll('=', '');
  return `$argon2id$v=19$m=19456,t=2,p=1$${part(16)}$${part(32)}`;
}
