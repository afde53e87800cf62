import type { z } from 'zod';
import {
  KEPT_DATA,
  type LegalHold,
  type LegalHoldCreate,
  type LegalHoldReleaseRequest,
  type Retention,
} from '../../core/api/retention.ts';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { type Caller, can, type Permission, wholeCentre } from '../../core/permissions.ts';
import type { AuditTrail, Database, Tx } from '../../core/ports.ts';
import { daysOf } from './keeper.ts';
import type { RetentionSettings } from './settings.ts';
import {
  allHolds,
  askRelease,
  type HoldRow,
  holdById,
  insertHold,
  lastRuns,
  type RunRow,
  release,
  shutOut,
  unknownDevices,
} from './sql.ts';

export interface RetentionService {
  retention(): Promise<{ items: Retention[] }>;
  holds(caller: Caller): Promise<{ items: LegalHold[] }>;
  place(caller: Caller, input: z.output<typeof LegalHoldCreate>): Promise<LegalHold>;
  /** Asks that a hold be let go; somebody else has to agree. */
  askRelease(caller: Caller, id: number, input: z.output<typeof LegalHoldReleaseRequest>): Promise<LegalHold>;
  release(caller: Caller, id: number): Promise<LegalHold>;
}

export function createRetentionService(options: {
  database: Database;
  clock: Clock;
  audit: Pick<AuditTrail, 'record'>;
  settings: RetentionSettings;
}): RetentionService {
  const { database, clock, audit, settings } = options;
  const now = () => new Date(clock.now());

  /** Holds are about all data of the centre, so only a grant without limits reaches them. */
  const demand = (caller: Caller, permission: Permission) => {
    if (!can(caller, permission, wholeCentre(null, 'restricted'))) throw new AppError('auth.forbidden');
  };

  /** Changes one hold that is still in force, and records it. */
  const change = (
    caller: Caller,
    id: number,
    action: 'hold.ask_release' | 'hold.release',
    work: (tx: Tx, hold: HoldRow) => Promise<HoldRow | undefined>,
  ): Promise<LegalHold> => {
    demand(caller, 'holds.write');
    return database.transaction(async (tx) => {
      await tx.query(shutOut);
      const before = await holdById(tx, id);
      if (!before) throw new AppError('request.not_found');
      if (before.released_at) throw new AppError('request.conflict', { detail: 'the hold is released' });
      const after = await work(tx, before);
      if (!after) throw new AppError('request.not_found');
      await audit.record(tx, {
        by: caller,
        action,
        object: { type: 'legal_hold', id: String(id) },
        before: holdDto(before),
        after: holdDto(after),
        reason: after.release_reason,
      });
      return holdDto(after);
    });
  };

  return {
    async retention() {
      const runs = new Map((await database.query<RunRow>(lastRuns)).map((run) => [run.data, run]));
      const days = daysOf(settings);
      return {
        items: KEPT_DATA.map((data) => {
          const run = runs.get(data);
          return {
            data,
            days: days[data],
            lastRun: run
              ? {
                  at: run.at.toISOString(),
                  before: run.before.toISOString(),
                  removed: Number(run.removed),
                  held: Number(run.held),
                }
              : null,
          };
        }),
      };
    },

    async holds(caller) {
      demand(caller, 'holds.read');
      return { items: (await database.query<HoldRow>(allHolds)).map(holdDto) };
    },

    async place(caller, input) {
      demand(caller, 'holds.write');
      const deviceIds = input.deviceIds ? [...new Set(input.deviceIds)].sort() : null;
      return await database.transaction(async (tx) => {
        await tx.query(shutOut);
        const unknown = await tx.query<{ id: string }>(unknownDevices(deviceIds ?? []));
        if (unknown.length > 0)
          throw new AppError('request.invalid', {
            detail: `body.deviceIds: not known: ${unknown.map(({ id }) => id).join(', ')}`,
          });
        const row = await insertHold(tx, {
          reason: input.reason,
          documentNo: input.documentNo ?? null,
          deviceIds,
          from: new Date(input.from),
          to: new Date(input.to),
          by: caller.username,
          at: now(),
        });
        if (!row) throw new AppError('internal');
        await audit.record(tx, {
          by: caller,
          action: 'hold.place',
          object: { type: 'legal_hold', id: String(row.id) },
          after: holdDto(row),
          reason: input.reason,
        });
        return holdDto(row);
      });
    },

    askRelease: (caller, id, input) =>
      change(caller, id, 'hold.ask_release', (tx) =>
        askRelease(tx, id, input.reason, caller.username, now()),
      ),

    release: (caller, id) =>
      change(caller, id, 'hold.release', async (tx, hold) => {
        if (hold.release_asked_by === null)
          throw new AppError('request.conflict', { detail: 'nobody has asked for the release' });
        if (hold.release_asked_by === caller.username)
          throw new AppError('auth.forbidden', {
            detail: 'whoever asked for the release may not agree to it',
          });
        return await release(tx, id, caller.username, now());
      }),
  };
}

function holdDto(row: HoldRow): LegalHold {
  return {
    id: Number(row.id),
    reason: row.reason,
    documentNo: row.document_no,
    deviceIds: row.device_ids,
    from: row.from_time.toISOString(),
    to: row.to_time.toISOString(),
    placedBy: row.placed_by,
    placedAt: row.placed_at.toISOString(),
    releaseReason: row.release_reason,
    releaseAskedBy: row.release_asked_by,
    releasedBy: row.released_by,
    releasedAt: row.released_at?.toISOString() ?? null,
  };
}
