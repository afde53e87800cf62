import type { QuarantineItem } from '../../core/api/devices.ts';
import type { IngestReceipt, QuarantineReplay, QuarantineReplayed } from '../../core/api/intake.ts';
import type { Clock } from '../../core/clock.ts';
import { AppError, ERRORS, type ErrorCode } from '../../core/errors.ts';
import { type Caller, scopeOf } from '../../core/permissions.ts';
import type { AuditTrail, Database, Intake, IntakeReceipt } from '../../core/ports.ts';
import {
  countRows,
  type HeldMessage,
  noteReplay,
  type QuarantineRow,
  type RowFilter,
  selectMessages,
  selectRows,
} from './sql.ts';

const LIST_PAYLOAD_BYTES = 2048;
const ITEM_PAYLOAD_BYTES = 65_536;
const MAX_REPLAY_MESSAGES = 1000;
/** Messages on their way at once during a replay; the pipeline keeps each device's in order. */
const REPLAY_AT_ONCE = 50;
const MAX_RESULT = 500;
/** Somebody who opens one message again and again leaves one entry and one with their number. */
const READ_MS = 10 * 60_000;

export interface IntakeService {
  /** A device's message by HTTP. Throws the code of the first refusal when nothing of it could be stored. */
  receive(deviceId: string, payload: Uint8Array): Promise<IngestReceipt>;
  list(
    caller: Caller,
    query: { device?: string; code?: string; before?: number; limit: number },
  ): Promise<QuarantineItem[]>;
  get(caller: Caller, id: number): Promise<QuarantineItem>;
  replayOne(caller: Caller, id: number): Promise<QuarantineItem>;
  replay(caller: Caller, request: QuarantineReplay): Promise<QuarantineReplayed>;
}

export function createIntakeService(options: {
  database: Database;
  intake: Intake;
  clock: Clock;
  audit: AuditTrail;
}): IntakeService {
  const { database, intake, clock, audit } = options;

  const one = async (caller: Caller, permission: 'quarantine.read' | 'quarantine.replay', id: number) => {
    const scope = scopeOf(caller, permission);
    const [row] = await selectRows(
      database.as(caller, permission),
      scope,
      { ids: [id] },
      1,
      ITEM_PAYLOAD_BYTES,
    );
    if (!row) throw new AppError('request.not_found');
    return row;
  };

  /** Through the pipeline again, as of its first arrival; what is refused again stays in its old rows. */
  const replayMessage = async (message: HeldMessage): Promise<IntakeReceipt> => {
    const receipt = await intake.submit({
      source: message.source,
      deviceId: message.device_id,
      topic: message.topic,
      payload: message.payload,
      receivedAtMs: message.received_at.getTime(),
      replayOf: message.id,
    });
    await database.query(noteReplay(message.id, new Date(clock.now()), resultOf(receipt)));
    return receipt;
  };

  /** Written down before it is done: what the pipeline commits batch by batch has no transaction to share. */
  const noteReplayOf = (caller: Caller, id: string, facts: object) =>
    audit.note(
      { by: caller, action: 'quarantine.replay', object: { type: 'quarantine', id }, after: facts },
      { must: true },
    );

  const replayAll = async (messages: readonly HeldMessage[]): Promise<IntakeReceipt[]> => {
    const receipts: IntakeReceipt[] = [];
    for (let at = 0; at < messages.length; at += REPLAY_AT_ONCE) {
      receipts.push(...(await Promise.all(messages.slice(at, at + REPLAY_AT_ONCE).map(replayMessage))));
    }
    return receipts;
  };

  return {
    async receive(deviceId, payload) {
      const receipt = await intake.submit({
        source: 'http',
        deviceId,
        topic: null,
        payload,
        receivedAtMs: clock.now(),
      });
      const [first] = receipt.quarantined;
      if (first && receipt.stored === 0 && receipt.duplicates === 0) {
        throw new AppError(knownCode(first.code), {
          detail: first.reason,
          data: { quarantined: receipt.quarantined },
        });
      }
      return receipt;
    },

    async list(caller, { limit, ...filter }) {
      const scope = scopeOf(caller, 'quarantine.read');
      const rows = await selectRows(
        database.as(caller, 'quarantine.read'),
        scope,
        filter,
        limit,
        LIST_PAYLOAD_BYTES,
      );
      return rows.map(itemOf);
    },

    async get(caller, id) {
      const row = await one(caller, 'quarantine.read', id);
      await audit.note(
        {
          by: caller,
          action: 'quarantine.read',
          object: { type: 'quarantine', id: String(id), name: row.device_id },
        },
        { must: true, fold: { key: `${caller.sessionId} ${id}`, windowMs: READ_MS } },
      );
      return itemOf(row);
    },

    async replayOne(caller, id) {
      await one(caller, 'quarantine.replay', id);
      const scope = scopeOf(caller, 'quarantine.replay');
      const [message] = await selectMessages(
        database.as(caller, 'quarantine.replay'),
        scope,
        { ids: [id] },
        1,
      );
      if (!message) {
        throw new AppError('request.conflict', { detail: 'refused unread: there is nothing to replay' });
      }
      await noteReplayOf(caller, String(id), { messages: 1, device: message.device_id });
      await replayMessage(message);
      return itemOf(await one(caller, 'quarantine.replay', id));
    },

    async replay(caller, request) {
      const scope = scopeOf(caller, 'quarantine.replay');
      const mine = database.as(caller, 'quarantine.replay');
      const filter: RowFilter =
        'ids' in request ? { ids: request.ids } : { ...request.filter, held: true, fresh: true };
      const messages = await selectMessages(mine, scope, filter, MAX_REPLAY_MESSAGES);
      const skipped =
        'ids' in request ? request.ids.length - (await countRows(mine, scope, { ...filter, held: true })) : 0;
      if (messages.length > 0) await noteReplayOf(caller, 'many', { messages: messages.length, ...request });
      const receipts = await replayAll(messages);
      const left = 'ids' in request ? 0 : await countRows(mine, scope, filter);
      return {
        messages: receipts.length,
        stored: receipts.reduce((sum, receipt) => sum + receipt.stored, 0),
        duplicates: receipts.reduce((sum, receipt) => sum + receipt.duplicates, 0),
        refused: receipts.reduce((sum, receipt) => sum + receipt.quarantined.length, 0),
        skipped,
        more: left > 0,
      };
    },
  };
}

function resultOf({ stored, duplicates, quarantined }: IntakeReceipt): string {
  const refused = quarantined.map(({ code, reason }) => `${code} (${reason})`).join('; ');
  const text = `stored ${stored}, duplicates ${duplicates}${refused === '' ? '' : `; refused again: ${refused}`}`;
  return text.slice(0, MAX_RESULT).toWellFormed();
}

function knownCode(code: string): ErrorCode {
  return Object.hasOwn(ERRORS, code) ? (code as ErrorCode) : 'internal';
}

function itemOf(row: QuarantineRow): QuarantineItem {
  return {
    id: row.id,
    receivedAt: row.received_at.toISOString(),
    source: row.source,
    deviceId: row.device_id,
    topic: row.topic,
    code: row.code,
    reason: row.reason,
    payload: row.payload === null ? null : row.payload.toString('utf8'),
    payloadBytes: row.payload_bytes,
    replayedAt: row.replayed_at?.toISOString() ?? null,
    replayResult: row.replay_result,
  };
}
