import type { Alert, AlertEvent } from '../../core/api/alerts.ts';
import type { AlertRow, EventRow, NewEventRow } from './sql.ts';

const iso = (time: Date | null) => time?.toISOString() ?? null;

export function alertDto(row: AlertRow): Alert {
  return {
    id: row.id,
    seq: row.last_seq,
    ruleId: row.rule_id,
    ruleVersion: row.rule_version,
    kind: row.kind,
    title: row.title,
    domain: row.domain,
    severity: row.severity,
    state: row.state,
    active: row.active,
    hold:
      row.hold === null
        ? null
        : {
            kind: row.hold,
            until: iso(row.hold_until),
            by: row.hold_by ?? 'system',
            reason: row.hold_reason ?? '',
          },
    subject: { type: row.subject_type, id: row.subject_id, name: row.subject_name },
    position: row.lon === null || row.lat === null ? null : [row.lon, row.lat],
    areaId: row.area_id,
    areaName: row.area_name,
    agencyId: row.agency_id,
    class: row.class,
    parties: row.parties,
    raisedAt: row.raised_at.toISOString(),
    clearedAt: iso(row.cleared_at),
    acknowledgedAt: iso(row.acknowledged_at),
    acknowledgedBy: row.acknowledged_by,
    closedAt: iso(row.closed_at),
    explanation: row.explanation,
    evidence: row.evidence,
    occurrences: row.occurrences,
    peak: row.peak,
    snapshot:
      row.camera_id === null || row.camera_name === null || row.taken_at === null
        ? null
        : {
            cameraId: row.camera_id,
            cameraName: row.camera_name,
            takenAt: row.taken_at.toISOString(),
            url: `/api/v1/alerts/${row.id}/snapshot`,
            distanceM: Math.round(row.distance_m ?? 0),
          },
    dispatches: row.dispatches,
  };
}

export function eventDto(row: EventRow | NewEventRow): AlertEvent {
  return {
    seq: row.seq,
    alertId: row.alert_id,
    at: typeof row.at === 'string' ? row.at : row.at.toISOString(),
    kind: row.kind as AlertEvent['kind'],
    actor: row.actor,
    fromState: row.from_state,
    toState: row.to_state,
    text: row.text,
    data: row.data,
  };
}
