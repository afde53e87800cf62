import { z } from 'zod';
import { Problem } from '../../core/api/common.ts';
import type { Route } from './route.ts';

type Json = Record<string, unknown>;

/** The OpenAPI 3.1 document of a route table; OpenAPI 3.1 schemas are JSON Schema 2020-12, which zod writes itself. */
export function openApi(routes: readonly Route[], info: { title: string; version: string }): Json {
  const components: Record<string, unknown> = {};
  const schema = (type: z.ZodType, io: 'input' | 'output'): Json => {
    const json = z.toJSONSchema(type, { io, unrepresentable: 'any', target: 'draft-2020-12' }) as Json;
    return hoist(json, components);
  };
  const problem = { 'application/problem+json': { schema: schema(Problem, 'output') } };
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = route.path.replace(/:([A-Za-z]+)/g, '{$1}');
    const parameters = [
      ...parametersOf(route.params, 'path', schema),
      ...parametersOf(route.query, 'query', schema),
      ...(route.params
        ? []
        : [...route.path.matchAll(/:([A-Za-z]+)/g)].map((match) => pathParameter(match[1] ?? ''))),
    ];
    const success = String(route.status ?? (route.response ? 200 : 204));
    const operation: Json = {
      operationId: `${route.method}${path.replace(/[{}]/g, '').replace(/[^A-Za-z0-9]+(.)?/g, (_, c: string = '') => c.toUpperCase())}`,
      summary: route.summary,
      tags: [route.tag],
      'x-access': route.access,
      ...(route.audit === undefined ? {} : { 'x-audit': [route.audit].flat() }),
      ...(route.stepUp ? { 'x-step-up': true } : {}),
      security: security(route.access),
      ...(parameters.length > 0 ? { parameters } : {}),
      ...(route.body
        ? {
            requestBody: {
              required: true,
              content: { 'application/json': { schema: schema(route.body, 'input') } },
            },
          }
        : {}),
      responses: {
        [success]: {
          description: 'success',
          ...(route.response
            ? { content: { 'application/json': { schema: schema(route.response, 'output') } } }
            : {}),
        },
        default: { description: 'what went wrong, with a code', content: problem },
      },
    };
    paths[path] = { ...paths[path], [route.method]: operation };
  }
  return {
    openapi: '3.1.0',
    info,
    servers: [{ url: '/api/v1' }],
    paths,
    components: {
      schemas: components,
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        device: { type: 'http', scheme: 'basic' },
      },
    },
  };
}

function security(access: Route['access']): Json[] {
  if (access === 'public') return [];
  return access === 'device' ? [{ device: [] }] : [{ bearer: [] }];
}

const pathParameter = (name: string): Json => ({
  name,
  in: 'path',
  required: true,
  schema: { type: 'string' },
});

function parametersOf(
  type: z.ZodType | undefined,
  place: 'path' | 'query',
  schema: (type: z.ZodType, io: 'input' | 'output') => Json,
): Json[] {
  if (!type) return [];
  const json = schema(type, 'input');
  const required = new Set(Array.isArray(json.required) ? json.required : []);
  return Object.entries((json.properties ?? {}) as Record<string, Json>).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.has(name),
    schema: property,
    ...(typeof property.description === 'string' ? { description: property.description } : {}),
  }));
}

/** Moves `$defs` (schemas with an id) to the document's components and rewrites the references. */
function hoist(json: Json, components: Record<string, unknown>): Json {
  const { $defs, $schema: _schema, ...rest } = json;
  const rewrite = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(rewrite);
    if (typeof node !== 'object' || node === null) return node;
    return Object.fromEntries(
      Object.entries(node).map(([key, value]) =>
        key === '$ref' && typeof value === 'string'
          ? [key, value.replace('#/$defs/', '#/components/schemas/')]
          : [key, rewrite(value)],
      ),
    );
  };
  for (const [name, definition] of Object.entries(($defs ?? {}) as Json))
    components[name] = rewrite(definition);
  const { id, ...body } = rest as Json & { id?: string };
  const rewritten = rewrite(body) as Json;
  if (typeof id !== 'string') return rewritten;
  components[id] = rewritten;
  return { $ref: `#/components/schemas/${id}` };
}
