import { z } from 'zod';
import { AUDIT_ACTIONS, AUDIT_OBJECTS, type AuditAction, type AuditObject } from '../audit-actions.ts';
import { PageQuery, Slug, Timestamp } from './common.ts';

const ACTIONS = Object.keys(AUDIT_ACTIONS) as [AuditAction, ...AuditAction[]];
const OBJECTS = Object.keys(AUDIT_OBJECTS) as [AuditObject, ...AuditObject[]];

/** One line of the audit trail. `before` and `after` hold only what differs, without secrets. */
export const AuditItem = z
  .object({
    chain: z.string().describe('`centre`, or the id of an agency'),
    seq: z.number().int(),
    at: Timestamp,
    action: z.string().describe('one of the codes of docs/audit.md'),
    actor: z.object({ id: z.string(), name: z.string() }),
    onBehalfOf: z.object({ id: z.string(), name: z.string() }).nullable(),
    sessionId: z.string().nullable(),
    ip: z.string().nullable(),
    object: z.object({ type: z.string(), id: z.string(), name: z.string().nullable() }).nullable(),
    areaId: z.string().nullable(),
    areaName: z.string().nullable(),
    domain: z.string().nullable(),
    agencyId: z.string().nullable().describe('whose the object is'),
    class: z.string().nullable(),
    before: z.unknown().describe('JSON; null = nothing kept'),
    after: z.unknown().describe('JSON; null = nothing kept'),
    reason: z.string().nullable(),
    requestId: z.string().nullable(),
    hash: z.string().describe('SHA-256, hexadecimal'),
  })
  .meta({ id: 'AuditItem' });
export type AuditItem = z.infer<typeof AuditItem>;

const actions = z
  .string()
  .max(1000)
  .transform((text, ctx) => {
    const found = text.split(',').filter((word) => word !== '');
    const known: readonly string[] = ACTIONS;
    const unknown = found.find((word) => !known.includes(word));
    if (unknown !== undefined) {
      ctx.addIssue({ code: 'custom', message: `${unknown.slice(0, 40)} is no action of the audit trail` });
      return z.NEVER;
    }
    return found as AuditAction[];
  });

const filter = {
  actor: z.string().min(1).max(200).optional().describe('id or user name, also of who lent the powers'),
  objectType: z.enum(OBJECTS).optional(),
  objectId: z.string().min(1).max(200).optional(),
  area: z.string().max(64).optional().describe('with everything below it'),
  domain: z.string().max(64).optional(),
  chain: Slug.optional(),
  requestId: z.string().max(64).optional(),
  from: Timestamp.optional(),
  to: Timestamp.optional().describe('exclusive'),
};

export const AuditQuery = z.object({
  ...PageQuery.shape,
  ...filter,
  action: actions.optional().describe('codes, separated by commas'),
});

export const MyActivityQuery = z.object({
  ...PageQuery.shape,
  from: filter.from,
  to: filter.to,
});

export const AuditExportRequest = z.strictObject({
  ...filter,
  action: z.array(z.enum(ACTIONS)).max(ACTIONS.length).optional(),
  format: z.enum(['jsonl', 'csv']).default('jsonl'),
  reason: z.string().trim().min(1).max(500).optional().describe('what it is for'),
});

const BadRow = z.object({
  seq: z.number().int(),
  kind: z.enum(['edited', 'missing', 'inserted', 'moved', 'cut', 'rewritten', 'closing']),
  other: z.number().int().nullable(),
  anchoredAt: Timestamp.nullable(),
});

export const AuditVerification = z
  .object({
    ok: z.boolean(),
    chains: z.array(
      z.object({
        chain: z.string(),
        rows: z.number().int(),
        from: z.number().int(),
        head: z.object({ seq: z.number().int(), hash: z.string() }).nullable(),
        anchoredTo: z.number().int(),
        firstBad: BadRow.nullable(),
      }),
    ),
    anchors: z.object({
      lines: z.number().int(),
      lastAt: Timestamp.nullable(),
      missing: z.boolean().describe('there are rows and not one anchor'),
      problems: z.array(
        z.object({
          file: z.string(),
          line: z.number().int(),
          kind: z.enum(['unreadable', 'signature', 'link']),
        }),
      ),
      losses: z.array(
        z.object({
          chain: z.string(),
          from: z.number().int(),
          to: z.number().int(),
          at: Timestamp,
          by: z.string(),
          reason: z.string(),
        }),
      ),
    }),
    checkedAt: Timestamp,
    tookMs: z.number(),
  })
  .meta({ id: 'AuditVerification' });
export type AuditVerification = z.infer<typeof AuditVerification>;

/** What a search can be narrowed by, and how often each occurs in it. */
export const AuditFacets = z
  .object({
    rows: z.number().int().describe('rows that were counted, the latest first'),
    isCut: z.boolean().describe('there are more; the counts are of the latest'),
    actions: z.array(z.object({ id: z.string(), count: z.number().int() })),
    objects: z.array(z.object({ id: z.string(), count: z.number().int() })),
    chains: z.array(z.object({ id: z.string(), count: z.number().int() })),
    actors: z.array(z.object({ id: z.string(), count: z.number().int() })).describe('user names, at most 30'),
  })
  .meta({ id: 'AuditFacets' });
export type AuditFacets = z.infer<typeof AuditFacets>;

const { limit: _limit, cursor: _cursor, ...asked } = AuditQuery.shape;
export const AuditFacetsQuery = z.object(asked);

/** How the trail is kept and when it was last found whole. */
export const AuditStatus = z
  .object({
    anchors: z.object({
      state: z.enum(['ok', 'degraded', 'down']),
      message: z.object({ vi: z.string(), en: z.string() }).nullable(),
      lastAt: Timestamp.nullable(),
      keyId: z.string(),
      target: z.string().nullable().describe('the second place; null = none is set'),
    }),
    verified: z
      .object({
        at: Timestamp,
        ok: z.boolean(),
        rows: z.number().int(),
        bad: z.array(z.object({ chain: z.string(), seq: z.number().int(), kind: z.string() })),
      })
      .nullable()
      .describe('the last verification since the start; one is made by itself every day'),
    keepMonths: z.number().int(),
    guard: z
      .enum(['owner', 'superuser', 'member', 'embedded'])
      .describe(
        'owner: the trail belongs to a role that the product is no member of; superuser, member: the role of the product could still change it; embedded: one session for everything, the anchors alone prove',
      ),
  })
  .meta({ id: 'AuditStatus' });
export type AuditStatus = z.infer<typeof AuditStatus>;
