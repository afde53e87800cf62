import type { z } from 'zod';
import { scopeOfAlert } from '../../core/alert-mask.ts';
import type { Alert } from '../../core/api/alerts.ts';
import type {
  Dispatch,
  DispatchCreate,
  DispatchPatch,
  DispatchState,
  Recommendations,
} from '../../core/api/dispatch.ts';
import type { Clock } from '../../core/clock.ts';
import { checkDispatchTransition, unitStatusDuring } from '../../core/dispatch-state.ts';
import { AppError } from '../../core/errors.ts';
import type { EventMap } from '../../core/events.ts';
import { actorOf, type Caller, can, scopeOf, WHOLE_SCOPE } from '../../core/permissions.ts';
import type { AuditTrail, Bus, Database, Tx } from '../../core/ports.ts';
import type { ProvinceProfile } from '../../core/profile.ts';
import type { Bilingual } from '../../core/text.ts';
import type { AlertChange, Alerts } from '../alerts/index.ts';
import { violatedConstraint } from '../db/index.ts';
import { decodeCursor, pageOf } from '../http/index.ts';
import { dispatchDto, scopeOfDispatch, unitDto } from './dto.ts';
import { type DispatchSettings, fitReason, recommend } from './recommend.ts';
import * as q from './sql.ts';

interface DispatchFilter {
  alertId?: number;
  active?: boolean;
  limit: number;
  cursor?: string;
}

export interface DispatchService {
  recommendations(caller: Caller, alertId: number): Promise<z.infer<typeof Recommendations>>;
  create(caller: Caller, body: z.infer<typeof DispatchCreate>): Promise<Dispatch>;
  move(caller: Caller, id: number, body: z.infer<typeof DispatchPatch>): Promise<Dispatch>;
  list(caller: Caller, filter: DispatchFilter): Promise<{ items: Dispatch[]; nextCursor: string | null }>;
}

const SAID: Readonly<Record<DispatchState, Bilingual>> = {
  assigned: { vi: 'được điều động', en: 'was dispatched' },
  accepted: { vi: 'đã nhận lệnh', en: 'accepted' },
  en_route: { vi: 'đang đến', en: 'is on the way' },
  on_scene: { vi: 'đã đến nơi', en: 'is on scene' },
  done: { vi: 'đã hoàn thành', en: 'is done' },
  refused: { vi: 'từ chối', en: 'refused' },
  cancelled: { vi: 'được rút về', en: 'was called off' },
};

/** An id that no alert has. */
const NO_ALERT = 0;

/** What one transaction changed, to be announced after its commit. */
interface Moved {
  row: q.DispatchRow;
  unit: q.UnitRow;
  changes: AlertChange[];
}

/** Units sent to alerts. Every step is a line in the dispatch's and in the alert's history. */
export function createDispatchService(deps: {
  database: Database;
  bus: Bus;
  clock: Clock;
  audit: Pick<AuditTrail, 'record'>;
  alerts: Pick<Alerts, 'append' | 'announce' | 'lockInScope' | 'inScope'>;
  profile: Pick<ProvinceProfile, 'dispatch'>;
  settings: DispatchSettings;
}): DispatchService {
  const { database, bus, clock, audit, alerts, profile, settings } = deps;

  /** Writes one step: both histories, the unit's status; answers with everything as it is then. */
  const record = async (
    tx: Tx,
    caller: Caller,
    step: {
      id: number;
      alertId: number;
      unitId: string;
      state: DispatchState;
      actor: string;
      note?: string | undefined;
    },
    from: DispatchState | null,
  ): Promise<Moved> => {
    const nowMs = clock.now();
    const note = step.note?.trim() || null;
    const { actor } = step;
    await tx.query(q.insertDispatchEvent({ dispatchId: step.id, state: step.state, actor, note, nowMs }));
    await tx.query(q.setUnitStatus(step.unitId, unitStatusDuring(step.state), null, nowMs));
    const [row] = await tx.query<q.DispatchRow>(q.dispatchById(step.id));
    const [unit] = await tx.query<q.UnitRow>(q.unitInScope(step.unitId, WHOLE_SCOPE));
    if (!row || !unit) throw new AppError('internal', { detail: 'a dispatch without its unit' });
    const said = SAID[step.state];
    const explanation = {
      vi: `${unit.call_sign} ${said.vi}${note === null ? '' : `: ${note}`}`,
      en: `${unit.call_sign} ${said.en}${note === null ? '' : `: ${note}`}`,
    };
    const changes = await alerts.append(tx, {
      alertId: step.alertId,
      kind: 'dispatched',
      actor,
      text: explanation.vi,
      data: {
        dispatchId: step.id,
        unitId: unit.id,
        unitName: unit.name,
        state: step.state,
        distanceM: row.distance_m,
        explanation,
      },
    });
    await audit.record(tx, {
      by: caller,
      action: from === null ? 'dispatch.create' : 'dispatch.step',
      object: { type: 'dispatch', id: String(row.id), name: row.unit_name },
      place: scopeOfDispatch(row),
      before: from === null ? null : { state: from },
      after:
        from === null
          ? { alertId: row.alert_id, unitId: row.unit_id, reason: row.reason, distanceM: row.distance_m }
          : { state: row.state },
      reason: note,
    });
    return { row, unit, changes };
  };

  const announce = ({ row, unit, changes }: Moved): Dispatch => {
    const dispatch = dispatchDto(row);
    alerts.announce(changes);
    bus.emit('unit.changed', unitDto(unit));
    const event: EventMap['dispatch.changed'] = {
      ...dispatch,
      ...scopeOfDispatch(row),
    };
    bus.emit('dispatch.changed', event);
    return dispatch;
  };

  /** The unit, free and held until the transaction ends. */
  const takeUnit = async (tx: Tx, caller: Caller, unitId: string): Promise<q.UnitRow> => {
    await tx.query(q.lockUnit(unitId));
    const [unit] = await tx.query<q.UnitRow>(q.unitInScope(unitId, scopeOf(caller, 'dispatch.operate')));
    if (!unit) throw new AppError('request.not_found', { detail: `there is no unit ${unitId}` });
    if (unit.dispatch_id !== null) {
      throw new AppError('dispatch.unit_busy', {
        detail: `${unit.call_sign} is on dispatch ${unit.dispatch_id}`,
        data: { dispatchId: unit.dispatch_id, alertId: unit.alert_id },
      });
    }
    if (unit.status === 'out_of_service') {
      throw new AppError('request.conflict', { detail: `${unit.call_sign} is out of service` });
    }
    return unit;
  };

  const distanceTo = async (tx: Tx, unit: q.UnitRow, alert: Alert): Promise<number | null> => {
    if (!alert.position) return null;
    const [row] = await tx.query<{ distance_m: number }>(q.distanceOfUnit(unit.id, alert.position));
    return row?.distance_m ?? null;
  };

  return {
    async recommendations(caller, alertId) {
      const alert = await alerts.inScope(caller, alertId);
      return await recommend({ database, clock, profile, settings, caller, alert });
    },

    async create(caller, body) {
      let moved: Moved;
      try {
        moved = await database.transaction(async (tx) => {
          const alert = await alerts.lockInScope(tx, body.alertId, scopeOf(caller, 'dispatch.operate'));
          if (!alert)
            throw new AppError('request.not_found', { detail: `there is no alert ${body.alertId}` });
          if (alert.state === 'closed') {
            throw new AppError('request.conflict', { detail: 'the alert is closed' });
          }
          const unit = await takeUnit(tx, caller, body.unitId);
          const actor = actorOf(caller, 'dispatch.operate', scopeOfAlert(alert));
          const distanceM = await distanceTo(tx, unit, alert);
          const [made] = await tx.query<{ id: number }>(
            q.insertDispatch({
              alertId: alert.id,
              unitId: unit.id,
              reason: fitReason(unit.kind, distanceM, profile).vi,
              distanceM,
              actor,
              nowMs: clock.now(),
            }),
          );
          const step = { id: made?.id ?? 0, alertId: alert.id, unitId: unit.id, actor, note: body.note };
          return await record(tx, caller, { ...step, state: 'assigned' }, null);
        });
      } catch (error) {
        // The last wall, should anybody ever write dispatches without asking for the unit first.
        if (violatedConstraint(error) !== 'dispatches_one_per_unit') throw error;
        throw new AppError('dispatch.unit_busy', { cause: error });
      }
      return announce(moved);
    },

    async move(caller, id, body) {
      const moved = await database.transaction(async (tx) => {
        const [known] = await tx.query<{ alert_id: number }>(q.alertOfDispatch(id));
        // What is not there and what is not theirs take the same way, question by question.
        const alertId = known?.alert_id ?? NO_ALERT;
        const alert = await alerts.lockInScope(tx, alertId, scopeOf(caller, 'dispatch.operate'));
        // All steps of an alert's dispatches take its lock, so what is read now stays true.
        const [row] = await tx.query<q.DispatchRow>(q.dispatchById(id));
        // A unit of a stricter class makes the dispatch as guarded as itself.
        const scope = row && scopeOfDispatch(row);
        if (!alert || !scope || !can(caller, 'dispatch.operate', scope))
          throw new AppError('request.not_found');
        checkDispatchTransition(row.state, body.state);
        await tx.query(q.setDispatchState(id, body.state, clock.now()));
        const actor = actorOf(caller, 'dispatch.operate', scope);
        const step = {
          id,
          alertId: alert.id,
          unitId: row.unit_id,
          state: body.state,
          actor,
          note: body.note,
        };
        return await record(tx, caller, step, row.state);
      });
      return announce(moved);
    },

    async list(caller, filter) {
      const before = decodeCursor(filter.cursor, ['number']) as [number] | undefined;
      const rows = await database
        .as(caller, 'units.read')
        .query<q.DispatchRow>(
          q.listDispatches(
            scopeOf(caller, 'units.read'),
            { alertId: filter.alertId ?? null, active: filter.active ?? null },
            before?.[0] ?? null,
            filter.limit + 1,
          ),
        );
      return pageOf(rows, filter.limit, dispatchDto, (row) => [row.id]);
    },
  };
}
