import { z } from 'zod';
import { Schedule } from '../calendar.ts';
import { Severity, Slug, Timestamp } from './common.ts';

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
