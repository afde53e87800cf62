import { z } from 'zod';
import { Schedule } from '../calendar.ts';
import { Bilingual, Position, Severity, Slug, Timestamp } from './common.ts';

export const AppliesTo = z
  .strictObject({
    devices: z.array(z.string()).max(10_000).optional(),
    types: z.array(z.string()).max(200).optional(),
    areas: z.array(z.string()).max(5000).optional().describe('each with its subtree'),
  })
  .describe('all given conditions must hold; empty = everything the kind can look at');
export type AppliesTo = z.infer<typeof AppliesTo>;

/** What every rule may have besides the parameters of its kind. */
export const RuleOptions = z.strictObject({
  schedule: Schedule.optional().describe('when it applies; absent = always'),
  latenessS: z
    .number()
    .min(0)
    .max(3600)
    .optional()
    .describe('seconds that items wait for older ones; within it their order of arrival does not matter'),
});
export type RuleOptions = z.infer<typeof RuleOptions>;

/** `simulated` = it was looked at over history; `shadow` = it runs and tells nobody; `active` = in force. */
export const RULE_STATES = ['draft', 'simulated', 'approved', 'shadow', 'active', 'retired'] as const;

export const RuleCreate = z.strictObject({
  id: Slug.optional(),
  kind: z.string().min(1).max(64).describe('one of GET /rule-kinds'),
  name: z.string().min(1).max(200),
  domain: z.string().min(1).max(64),
  severity: Severity,
  params: z.record(z.string(), z.unknown()),
  appliesTo: AppliesTo.default({}),
  options: RuleOptions.default({}),
});
export type RuleCreate = z.infer<typeof RuleCreate>;
export const RulePatch = RuleCreate.omit({ id: true, kind: true })
  .partial()
  // Without the default of a new rule: what a change leaves out stays as it is.
  .extend({
    appliesTo: AppliesTo.optional(),
    options: RuleOptions.optional(),
    state: z.enum(['retired']).optional(),
  });

export const Rule = z
  .object({
    id: z.string(),
    kind: z.string(),
    name: z.string(),
    domain: z.string(),
    severity: Severity,
    params: z.record(z.string(), z.unknown()),
    appliesTo: AppliesTo,
    options: RuleOptions,
    state: z.enum(RULE_STATES),
    version: z.number().int(),
    explanation: z.object({ vi: z.string(), en: z.string() }),
    updatedAt: Timestamp,
    updatedBy: z.string().nullable(),
    approvedAt: Timestamp.nullable(),
    approvedBy: z.string().nullable(),
  })
  .meta({ id: 'Rule' });
export type Rule = z.infer<typeof Rule>;

export const RuleKind = z
  .object({
    id: z.string(),
    vi: z.string(),
    en: z.string(),
    subject: z.enum(['device', 'unit', 'group']),
    params: z.record(z.string(), z.unknown()).describe('JSON Schema of params'),
  })
  .meta({ id: 'RuleKind' });

/** A rule that is being written: put into words and checked, not stored. */
export const RuleDraft = RuleCreate.pick({ kind: true, params: true, appliesTo: true, options: true });

export const RuleExplanation = z.object({
  explanation: Bilingual,
  devices: z.number().int().describe('how many devices it would look at'),
});

export const BacktestRequest = z.strictObject({
  from: Timestamp,
  to: Timestamp,
  area: z.string().max(64).optional().describe('only devices in this area and below'),
  change: RuleCreate.pick({ params: true, appliesTo: true, options: true })
    .partial()
    .extend({ appliesTo: AppliesTo.optional(), options: RuleOptions.optional() })
    .optional()
    .describe('a proposal in the place of what is stored; the answer then tells the difference'),
});

const WouldBe = z.object({
  subjectType: z.enum(['device', 'unit', 'group']),
  subjectId: z.string(),
  subjectName: z.string(),
  raisedAt: Timestamp,
  clearedAt: Timestamp.nullable(),
  peak: z.number().nullable(),
  position: Position.nullable(),
  explanation: Bilingual,
});

const Figures = z.object({
  count: z.number().int(),
  open: z.number().int().describe('still standing at the end'),
  timeInAlarmS: z.number(),
  chatterIndex: z
    .number()
    .describe('alarms per second between alarms of one subject; 0.05 and more chatters'),
  floodMinutes: z.number(),
});

export const Backtest = z
  .object({
    ...Figures.shape,
    from: Timestamp,
    to: Timestamp,
    devices: z.number().int(),
    items: z.number().int().describe('stored values or fixes that were judged'),
    tookMs: z.number(),
    explanation: Bilingual,
    alarms: z.array(WouldBe).describe('in the order of their times, at most 5000'),
    /** Per day of the centre's zone, for a timeline. */
    days: z.array(z.object({ day: z.string(), count: z.number().int() })),
    inForce: z
      .object({
        ...Figures.shape,
        same: z.number().int(),
        added: z.array(WouldBe).describe('raised only by the proposal, at most 500'),
        removed: z.array(WouldBe).describe('raised only by the rule as it is, at most 500'),
      })
      .nullable()
      .describe('against the stored rule; null without a proposal'),
  })
  .meta({ id: 'Backtest' });
export type Backtest = z.infer<typeof Backtest>;

export const ShadowAlarm = WouldBe.omit({ position: true }).extend({ version: z.number().int() });

export const RuleSimulation = z.object({
  version: z.number().int(),
  ranAt: Timestamp,
  ranBy: z.string(),
  from: Timestamp,
  to: Timestamp,
  summary: Figures.extend({ devices: z.number().int(), items: z.number().int() }),
});
