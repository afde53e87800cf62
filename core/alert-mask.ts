/**
 * What of an alert is for whom. It tells of other things: the camera that took its picture, the units sent to it. Whoever may see the alert
 * may not always see those, and is then told as little of them as if they were not there. A camera must be theirs to
 * see; a unit that comes is named to everybody the alert concerns, unless its class is above theirs.
 */
import type { Alert, AlertEvent } from './api/alerts.ts';
import { type Caller, can, type DataClass, isAtMost, type ResourceScope } from './permissions.ts';

/** Where the things stand that an alert or its history mention, by their ids; what is missing is shown to nobody. */
export interface Mentions {
  cameras: Readonly<Record<string, ResourceScope>>;
  units: Readonly<Record<string, DataClass>>;
}

/** Where an alert stands in the scope model. */
export function scopeOfAlert(
  alert: Pick<Alert, 'areaId' | 'domain' | 'agencyId' | 'class' | 'parties'>,
): ResourceScope {
  const { areaId, domain, agencyId, parties } = alert;
  return { areaId, domain, agencyId, class: alert.class, parties };
}

export function alertFor(caller: Caller, alert: Alert, mentions: Mentions): Alert {
  const snapshot =
    alert.snapshot && maySeeCamera(caller, alert.snapshot.cameraId, mentions) ? alert.snapshot : null;
  const dispatches = alert.dispatches.filter(({ unitId }) => maySeeUnit(caller, unitId, mentions));
  return snapshot === alert.snapshot && dispatches.length === alert.dispatches.length
    ? alert
    : { ...alert, snapshot, dispatches };
}

export function eventFor(caller: Caller, event: AlertEvent, mentions: Mentions): AlertEvent {
  const isOpen =
    camerasIn(event).every((id) => maySeeCamera(caller, id, mentions)) &&
    unitsIn(event).every((id) => maySeeUnit(caller, id, mentions));
  return isOpen ? event : { ...event, actor: 'system', text: null, data: {} };
}

/** Ids of the cameras that a line of the history tells of. */
export function camerasIn({ kind, data }: AlertEvent): string[] {
  if (kind !== 'snapshot') return [];
  const failures: unknown[] = Array.isArray(data.failures) ? data.failures : [];
  return texts([data.cameraId, ...failures.map((failure) => (failure as { cameraId?: unknown }).cameraId)]);
}

/** Ids of the units that a line of the history tells of. */
export function unitsIn({ kind, data }: AlertEvent): string[] {
  return kind === 'dispatched' ? texts([data.unitId]) : [];
}

const texts = (values: unknown[]) => values.filter((value) => typeof value === 'string');

function maySeeCamera(caller: Caller, id: string, { cameras }: Mentions): boolean {
  const scope = cameras[id];
  return scope !== undefined && can(caller, 'cameras.read', scope);
}

function maySeeUnit(caller: Caller, id: string, { units }: Mentions): boolean {
  const unitClass = units[id];
  return (
    unitClass !== undefined &&
    caller.grants.some((grant) => grant.permissions.has('units.read') && isAtMost(unitClass, grant.maxClass))
  );
}
