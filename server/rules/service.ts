import type { z } from 'zod';
import type { Rule, RuleCreate, RuleKind as RuleKindDto, RulePatch } from '../../core/api/rules.ts';
import type { AuditAction } from '../../core/audit-actions.ts';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { type Caller, can, wholeCentre } from '../../core/permissions.ts';
import type { AuditEntry, AuditTrail, Bus, Database, DeviceDirectory, Tx } from '../../core/ports.ts';
import { type Bilingual, slug } from '../../core/text.ts';
import type { Alerts } from '../alerts/index.ts';
import { decodeCursor, pageOf } from '../http/index.ts';
import { alertRuleOf, compileRule, type RuleAreas } from './compile.ts';
import { kindDto, ruleDto } from './dto.ts';
import type { LiveEngine } from './engine.ts';
import type { RuleKinds } from './kind-registry.ts';
import * as q from './sql.ts';

interface RuleFilter {
  state?: string;
  kind?: string;
  domain?: string;
  limit: number;
  cursor?: string;
}

export interface RuleService {
  kinds(): z.infer<typeof RuleKindDto>[];
  list(filter: RuleFilter): Promise<{ items: Rule[]; nextCursor: string | null }>;
  get(id: string): Promise<Rule>;
  versions(
    id: string,
  ): Promise<
    { version: number; snapshot: Record<string, unknown>; createdAt: string; createdBy: string | null }[]
  >;
  create(caller: Caller, body: RuleCreate): Promise<Rule>;
  patch(caller: Caller, id: string, body: z.infer<typeof RulePatch>): Promise<Rule>;
  activate(caller: Caller, id: string): Promise<Rule>;
  /** Says that the rule as it is may go into force; by somebody else than who wrote it. */
  approve(caller: Caller, id: string): Promise<Rule>;
  /** Lets it run and tell nobody. */
  shadow(caller: Caller, id: string): Promise<Rule>;
}

const CHANGED: Bilingual = { vi: 'Quy tắc đã được sửa', en: 'The rule was changed' };
const RETIRED: Bilingual = { vi: 'Quy tắc đã ngừng áp dụng', en: 'The rule was retired' };
/** Names that are taken get a number behind them; so many are tried. */
const ID_ATTEMPTS = 100;

/**
 * Rules as data. Every change makes a version; the version in force begins without memory, and what stood by the old
 * one is ended, for nobody would ever clear it.
 */
export function createRuleService(deps: {
  database: Database;
  bus: Bus;
  clock: Clock;
  devices: DeviceDirectory;
  areas: RuleAreas;
  alerts: Pick<Alerts, 'clearRule' | 'announce'>;
  engine: Pick<LiveEngine, 'ready' | 'tools'>;
  kinds: RuleKinds;
  audit: Pick<AuditTrail, 'record'>;
}): RuleService {
  const { database, bus, clock, devices, areas, alerts, engine, audit } = deps;

  const toDto = (row: q.RuleRow) => ruleDto(row, deps.kinds, engine.tools);

  /** A rule speaks for the whole centre, so its author must be allowed everywhere, in its domain. */
  const mayWrite = (caller: Caller, domain: string) => {
    if (!can(caller, 'rules.write', wholeCentre(domain))) throw new AppError('auth.forbidden');
  };

  const check = (row: q.RuleRow) => {
    compileRule(row, deps.kinds, areas, engine.tools);
    const missing = (row.applies_to.devices ?? []).find((id) => !devices.byId(id));
    if (missing !== undefined) {
      throw new AppError('rule.invalid', { detail: `appliesTo.devices: there is no device ${missing}` });
    }
    const nowhere = (row.applies_to.areas ?? []).find((id) => areas.nameOf(id) === null);
    if (nowhere !== undefined) {
      throw new AppError('rule.invalid', { detail: `appliesTo.areas: there is no area ${nowhere}` });
    }
  };

  const lockRule = async (tx: Tx, id: string): Promise<q.RuleRow> => {
    const [row] = await tx.query<q.RuleRow>(q.ruleById(id, true));
    if (!row) throw new AppError('request.not_found');
    return row;
  };

  /** Writes a changed row, ends what the version in force had begun, and tells everybody. */
  const change = async (
    id: string,
    caller: Caller,
    make: (row: q.RuleRow) => q.RuleRow,
    reason: (row: q.RuleRow) => Bilingual,
    action: (
      row: q.RuleRow,
    ) => 'rule.change' | 'rule.activate' | 'rule.retire' | 'rule.approve' | 'rule.shadow',
  ): Promise<Rule> => {
    const { row, changes } = await database.transaction(async (tx) => {
      const before = await lockRule(tx, id);
      const made = make(before);
      // Whoever puts a rule forward did not write it: the author stays.
      const wanted = {
        ...made,
        updated_by: made.version === before.version ? before.updated_by : caller.username,
      };
      if (wanted.state !== 'retired') check(wanted);
      const [row] = await tx.query<q.RuleRow>(q.updateRule(wanted));
      if (!row) throw new AppError('request.not_found');
      if (row.version !== before.version) await tx.query(q.insertVersion(row, snapshotOf(row)));
      const ends = isRunning(before) && (row.version !== before.version || row.state !== before.state);
      const act = entryOf(action(row), caller, row, before);
      if (!ends) {
        await audit.record(tx, act);
        return { row, changes: [] };
      }
      // First the states, then the alerts' turn: the order in which batches take them.
      await tx.query(q.deleteStatesOfRule(id));
      const changes = await alerts.clearRule(tx, alertRuleOf(before), clock.now(), reason(row));
      await audit.record(tx, act);
      return { row, changes };
    });
    alerts.announce(changes);
    await tell(id);
    return toDto(row);
  };

  const tell = async (id: string) => {
    bus.emit('registry.changed', { kind: 'rule', id });
    await engine.ready();
  };

  return {
    kinds: () => deps.kinds.all().map(kindDto),

    async list(filter) {
      const after = decodeCursor(filter.cursor, ['string']) as [string] | undefined;
      const rows = await database.query<q.RuleRow>(
        q.listRules(
          { state: filter.state ?? null, kind: filter.kind ?? null, domain: filter.domain ?? null },
          after?.[0] ?? null,
          filter.limit + 1,
        ),
      );
      return pageOf(rows, filter.limit, toDto, (row) => [row.id]);
    },

    async get(id) {
      const [row] = await database.query<q.RuleRow>(q.ruleById(id));
      if (!row) throw new AppError('request.not_found');
      return toDto(row);
    },

    async versions(id) {
      const rows = await database.query<q.VersionRow>(q.versionsOf(id));
      if (rows.length === 0) throw new AppError('request.not_found');
      return rows.map((row) => ({
        version: row.version,
        snapshot: row.snapshot,
        createdAt: row.created_at.toISOString(),
        createdBy: row.created_by,
      }));
    },

    async create(caller, body) {
      mayWrite(caller, body.domain);
      const draft: q.RuleRow = {
        id: body.id ?? '',
        kind: body.kind,
        name: body.name.trim(),
        domain: body.domain,
        severity: body.severity,
        params: body.params,
        applies_to: body.appliesTo,
        options: body.options,
        state: 'draft',
        version: 1,
        updated_at: new Date(clock.now()),
        updated_by: caller.username,
        approved_by: null,
        approved_at: null,
      };
      check(draft);
      const row = await database.transaction(async (tx) => {
        for (const id of body.id === undefined ? idsFrom(body.name) : [body.id]) {
          const [row] = await tx.query<q.RuleRow>(q.insertRule({ ...draft, id }));
          if (!row) continue;
          await tx.query(q.insertVersion(row, snapshotOf(row)));
          await audit.record(tx, entryOf('rule.create', caller, row));
          return row;
        }
        throw new AppError('request.conflict', { detail: `there is a rule ${body.id ?? slug(body.name)}` });
      });
      bus.emit('registry.changed', { kind: 'rule', id: row.id });
      return toDto(row);
    },

    async patch(caller, id, body) {
      return await change(
        id,
        caller,
        (row) => {
          mayWrite(caller, row.domain);
          mayWrite(caller, body.domain ?? row.domain);
          const { state, ...fields } = body;
          const isNew = Object.values(fields).some((value) => value !== undefined);
          return {
            ...row,
            name: fields.name?.trim() ?? row.name,
            domain: fields.domain ?? row.domain,
            severity: fields.severity ?? row.severity,
            params: fields.params ?? row.params,
            applies_to: fields.appliesTo ?? row.applies_to,
            options: fields.options ?? row.options,
            // What was looked at and approved was the version before.
            ...(isNew ? { approved_by: null, approved_at: null } : {}),
            state: state ?? (isNew && !isRunning(row) && row.state !== 'retired' ? 'draft' : row.state),
            version: isNew ? row.version + 1 : row.version,
          };
        },
        (row) => (row.state === 'retired' ? RETIRED : CHANGED),
        (row) => (row.state === 'retired' ? 'rule.retire' : 'rule.change'),
      );
    },

    async activate(caller, id) {
      return await change(
        id,
        caller,
        (row) => {
          mayWrite(caller, row.domain);
          return { ...row, state: 'active' };
        },
        () => CHANGED,
        () => 'rule.activate',
      );
    },

    async approve(caller, id) {
      return await change(
        id,
        caller,
        (row) => {
          if (!can(caller, 'rules.activate', wholeCentre(row.domain))) throw new AppError('auth.forbidden');
          if (row.state !== 'draft' && row.state !== 'simulated') {
            throw new AppError('request.conflict', { detail: `the rule is ${row.state}` });
          }
          if (row.updated_by === caller.username) {
            throw new AppError('request.conflict', {
              detail: 'a rule is approved by somebody else than its author',
            });
          }
          return {
            ...row,
            state: 'approved',
            approved_by: caller.username,
            approved_at: new Date(clock.now()),
          };
        },
        () => CHANGED,
        () => 'rule.approve',
      );
    },

    async shadow(caller, id) {
      return await change(
        id,
        caller,
        (row) => {
          mayWrite(caller, row.domain);
          if (row.state === 'active' || row.state === 'retired') {
            throw new AppError('request.conflict', { detail: `the rule is ${row.state}` });
          }
          return { ...row, state: 'shadow' };
        },
        () => CHANGED,
        () => 'rule.shadow',
      );
    },
  };
}

/** Judged by the engine, whoever is told. */
function isRunning({ state }: q.RuleRow): boolean {
  return state === 'active' || state === 'shadow';
}

function* idsFrom(name: string): Generator<string> {
  const base = slug(name).slice(0, 60) || 'rule';
  yield base;
  for (let number = 2; number <= ID_ATTEMPTS; number += 1) yield `${base}-${number}`;
}

function entryOf(action: AuditAction, caller: Caller, row: q.RuleRow, before?: q.RuleRow): AuditEntry {
  return {
    by: caller,
    action,
    object: { type: 'rule', id: row.id, name: row.name },
    place: wholeCentre(row.domain),
    before: before && { ...snapshotOf(before), state: before.state },
    after: { ...snapshotOf(row), state: row.state },
  };
}

function snapshotOf(row: q.RuleRow) {
  const { id, kind, name, domain, severity, params, applies_to, options, version } = row;
  return { id, kind, name, domain, severity, params, appliesTo: applies_to, options, version };
}
