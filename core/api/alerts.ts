import { z } from 'zod';
import {
  BboxQuery,
  Bilingual,
  Class,
  PageQuery,
  Position,
  SEVERITIES,
  Severity,
  Timestamp,
} from './common.ts';

/** ISA-18.2 / IEC 62682, as far as this product goes today; `closed` is the end of one occurrence. */
export const ALERT_STATES = ['unacknowledged', 'acknowledged', 'returned_unacknowledged', 'closed'] as const;
export const AlertState = z.enum(ALERT_STATES);
export type AlertState = z.infer<typeof AlertState>;

/** Ways in which an alarm is kept out of the lists: by an operator for a time, by design, for maintenance. */
const ALERT_HOLDS = ['shelved', 'suppressed', 'out_of_service'] as const;
export type AlertHold = (typeof ALERT_HOLDS)[number];

export const Alert = z
  .object({
    id: z.number().int(),
    /** Sequence of the last event of this alert; clients resume the live stream from it. */
    seq: z.number().int(),
    ruleId: z.string().nullable(),
    ruleVersion: z.number().int().nullable(),
    kind: z.string(),
    title: z.string(),
    domain: z.string(),
    severity: Severity,
    state: AlertState,
    active: z.boolean().describe('the condition still holds'),
    hold: z
      .object({ kind: z.enum(ALERT_HOLDS), until: Timestamp.nullable(), by: z.string(), reason: z.string() })
      .nullish()
      .describe('kept out of the lists until then, and why'),
    subject: z.object({
      type: z.enum(['device', 'unit', 'camera', 'group']),
      id: z.string(),
      name: z.string(),
    }),
    position: Position.nullable(),
    areaId: z.string().nullable(),
    areaName: z.string().nullable(),
    agencyId: z.string().nullable().describe('the agency of its subject'),
    class: Class,
    parties: z.array(z.string()).describe('agencies it was forwarded to, and not recalled from'),
    raisedAt: Timestamp,
    clearedAt: Timestamp.nullable(),
    acknowledgedAt: Timestamp.nullable(),
    acknowledgedBy: z.string().nullable(),
    closedAt: Timestamp.nullable(),
    explanation: Bilingual,
    evidence: z.record(z.string(), z.unknown()),
    occurrences: z.number().int(),
    peak: z.number().nullable(),
    snapshot: z
      .object({
        cameraId: z.string(),
        cameraName: z.string(),
        takenAt: Timestamp,
        url: z.string(),
        distanceM: z.number(),
      })
      .nullable(),
    dispatches: z.array(z.object({ id: z.number().int(), unitId: z.string(), state: z.string() })),
  })
  .meta({ id: 'Alert' });
export type Alert = z.infer<typeof Alert>;

export const ALERT_EVENT_KINDS = [
  'raised',
  'updated',
  'cleared',
  'acknowledged',
  'commented',
  'resolved',
  'snapshot',
  'dispatched',
  'forwarded',
  'recalled',
  'shelved',
  'unshelved',
  'suppressed',
  'released',
  'taken_out',
  'put_back',
] as const;

export const AlertEvent = z
  .object({
    seq: z.number().int(),
    alertId: z.number().int(),
    at: Timestamp,
    kind: z.enum(ALERT_EVENT_KINDS),
    actor: z.string().describe('user name, or `system`'),
    fromState: AlertState.nullable(),
    toState: AlertState,
    text: z.string().nullable(),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'AlertEvent' });
export type AlertEvent = z.infer<typeof AlertEvent>;

export const AlertDetail = z.object({ ...Alert.shape, events: z.array(AlertEvent) });
export type AlertDetail = z.infer<typeof AlertDetail>;

export const AlertQuery = z.object({
  ...PageQuery.shape,
  state: z.string().optional().describe('comma-separated; `open` = everything but closed'),
  severity: z.string().optional().describe('comma-separated'),
  domain: z.string().optional(),
  area: z.string().optional().describe('with its subtree'),
  rule: z.string().optional(),
  subject: z.string().optional().describe('id of the device, unit or camera'),
  bbox: BboxQuery.optional(),
  held: z.enum(['only', 'no', 'any']).optional().describe('shelved, suppressed, out of service'),
  since: Timestamp.optional().describe('raised at or after'),
});

export const AlertAction = z.strictObject({
  text: z.string().max(2000).optional(),
  /** What the operator saw; the act is refused with 409 when the alert has moved on. */
  expectedState: AlertState.optional(),
});
export const AlertShelve = z.strictObject({
  reason: z.string().trim().min(1).max(2000),
  minutes: z
    .number()
    .int()
    .min(1)
    .max(1440)
    .describe('at most 60 for critical, 240 for major, 720 for minor alarms'),
});
export const AlertComment = z.strictObject({ text: z.string().min(1).max(2000) });
/** Counts by hour and severity for the console's timeline. */
export const AlertHistogram = z.object({
  from: Timestamp,
  bucketS: z.number().int(),
  buckets: z.array(
    z.object({
      time: Timestamp,
      critical: z.number().int(),
      major: z.number().int(),
      minor: z.number().int(),
      info: z.number().int(),
    }),
  ),
});

const OpenCounts = z.object({
  unacknowledged: z.number().int(),
  acknowledged: z.number().int(),
  returned_unacknowledged: z.number().int(),
});

/** How many alerts are open, by severity and by what still has to be done with them. */
export const AlertCounts = z
  .object(
    Object.fromEntries(SEVERITIES.map((severity) => [severity, OpenCounts])) as Record<
      Severity,
      typeof OpenCounts
    >,
  )
  .meta({ id: 'AlertCounts' });
export type AlertCounts = z.infer<typeof AlertCounts>;

/** How the alarms of the centre behave (ISA-18.2 / IEC 62682), over what the caller may see. */
export const AlertFigures = z
  .object({
    from: Timestamp,
    to: Timestamp,
    total: z.number().int(),
    truncated: z.boolean().describe('more alarms than were looked at: the figures are of the latest of them'),
    per10MinMean: z.number(),
    per10MinMost: z.number().int(),
    floodShare: z
      .number()
      .describe('share of the time in flood: from more than 10 alarms in 10 minutes until fewer than 5'),
    floods: z.array(z.object({ from: Timestamp, to: Timestamp })),
    stale: z.number().int().describe('open for more than a day'),
    held: z.number().int(),
    severities: z.record(z.enum(SEVERITIES), z.number().int()),
    medianAcknowledgeS: z.number().nullable(),
    worst: z
      .array(
        z.object({
          ruleId: z.string().nullable(),
          title: z.string(),
          subjectId: z.string(),
          subjectName: z.string(),
          count: z.number().int(),
          share: z.number(),
          chatterIndex: z.number(),
        }),
      )
      .describe('the ten alarms that come most often'),
    chattering: z.number().int().describe('alarms with a chattering index of 0.05 a second and more'),
    hours: z.array(z.object({ time: Timestamp, count: z.number().int() })),
  })
  .meta({ id: 'AlertFigures' });
export type AlertFigures = z.infer<typeof AlertFigures>;
