import type { Dispatch, Unit } from '../../core/api/dispatch.ts';
import type { ResourceScope } from '../../core/permissions.ts';
import type { DispatchRow, UnitRow } from './sql.ts';

export function unitDto(row: UnitRow): Unit {
  return {
    id: row.id,
    name: row.name,
    callSign: row.call_sign,
    kind: row.kind,
    agency: row.agency,
    agencyId: row.agency_id,
    class: row.class,
    crew: row.crew,
    trackerDeviceId: row.tracker_device_id,
    status: row.status,
    statusSince: row.status_since.toISOString(),
    statusReason: row.status_reason,
    position: row.lon === null || row.lat === null ? null : [row.lon, row.lat],
    positionAt: row.time?.toISOString() ?? null,
    speedKmh: row.speed_kmh,
    headingDeg: row.heading_deg,
    accuracyM: row.accuracy_m,
    areaId: row.area_id,
    dispatchId: row.dispatch_id,
    alertId: row.alert_id,
  };
}

/** Where a dispatch stands in the scope model: where its alert does, under the stricter class of alert and unit. */
export function scopeOfDispatch(row: DispatchRow): ResourceScope {
  return {
    areaId: row.area_id,
    domain: row.domain,
    agencyId: row.agency_id,
    class: row.class,
    parties: row.parties,
  };
}

export function dispatchDto(row: DispatchRow): Dispatch {
  return {
    id: row.id,
    alertId: row.alert_id,
    unitId: row.unit_id,
    unitName: row.unit_name,
    state: row.state,
    reason: row.reason,
    distanceM: row.distance_m,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    history: row.history.map((step) => ({ ...step, at: new Date(step.at).toISOString() })),
  };
}
