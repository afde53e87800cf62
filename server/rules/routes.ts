import { z } from 'zod';
import { PageQuery, page, Timestamp } from '../../core/api/common.ts';
import { RULE_STATES, Rule, RuleCreate, RuleKind, RulePatch } from '../../core/api/rules.ts';
import { type Route, route } from '../http/index.ts';
import type { RuleService } from './service.ts';

const Id = z.object({ id: z.string().min(1).max(64) });
const tag = 'rules';

export function ruleRoutes(service: RuleService): Route[] {
  return [
    route({
      method: 'get',
      path: '/rule-kinds',
      summary: 'Kinds of rules, each with the schema of its parameters',
      tag,
      access: 'rules.read',
      response: page(RuleKind),
      handler: async () => ({ items: service.kinds(), nextCursor: null }),
    }),
    route({
      method: 'get',
      path: '/rules',
      summary: 'Rules by their ids',
      tag,
      access: 'rules.read',
      query: z.object({
        ...PageQuery.shape,
        state: z.enum(RULE_STATES).optional(),
        kind: z.string().max(64).optional(),
        domain: z.string().max(64).optional(),
      }),
      response: page(Rule),
      handler: ({ query }) => service.list(query),
    }),
    route({
      method: 'post',
      path: '/rules',
      audit: 'rule.create',
      summary: 'Make a rule; it is a draft until it is activated',
      tag,
      access: 'rules.write',
      body: RuleCreate,
      status: 201,
      response: Rule,
      handler: ({ caller, body }) => service.create(caller, body),
    }),
    route({
      method: 'get',
      path: '/rules/:id',
      summary: 'One rule',
      tag,
      access: 'rules.read',
      params: Id,
      response: Rule,
      handler: ({ params }) => service.get(params.id),
    }),
    route({
      method: 'get',
      path: '/rules/:id/versions',
      summary: 'Every version of a rule, the latest first',
      tag,
      access: 'rules.read',
      params: Id,
      response: z.object({
        items: z.array(
          z.object({
            version: z.number().int(),
            snapshot: z.record(z.string(), z.unknown()),
            createdAt: Timestamp,
            createdBy: z.string().nullable(),
          }),
        ),
      }),
      handler: async ({ params }) => ({ items: await service.versions(params.id) }),
    }),
    route({
      method: 'patch',
      path: '/rules/:id',
      audit: ['rule.change', 'rule.retire'],
      summary: 'Change a rule (a new version, which begins anew) or retire it',
      tag,
      access: 'rules.write',
      params: Id,
      body: RulePatch,
      response: Rule,
      handler: ({ caller, params, body }) => service.patch(caller, params.id, body),
    }),
    route({
      method: 'post',
      path: '/rules/:id/activate',
      audit: 'rule.activate',
      summary: 'Put a rule into force',
      tag,
      access: 'rules.write',
      params: Id,
      response: Rule,
      handler: ({ caller, params }) => service.activate(caller, params.id),
    }),
  ];
}
