import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../support/app.ts';
import { postgresBin } from '../support/postgres.ts';

interface Operation {
  operationId: string;
  summary: string;
  tags: string[];
  parameters?: { name: string; in: string; required: boolean; schema: unknown }[];
  responses: Record<string, unknown>;
  security: unknown[];
}

describe.skipIf(!postgresBin())('the OpenAPI document', () => {
  let app: TestApp;
  // biome-ignore lint/suspicious/noExplicitAny: a JSON document
  let document: any;
  let operations: [string, Operation][];
  beforeAll(async () => {
    app = await startTestApp();
    document = (await app.call('GET', '/openapi.json')).body;
    operations = Object.entries(document.paths as Record<string, Record<string, Operation>>).flatMap(
      ([path, methods]) => Object.values(methods).map((operation): [string, Operation] => [path, operation]),
    );
  });
  afterAll(async () => {
    await app?.close();
  });

  it('is of version 3.1 and describes every operation once, in words', () => {
    expect(document).toMatchObject({
      openapi: '3.1.0',
      info: { title: 'Hải Đăng' },
      servers: [{ url: '/api/v1' }],
    });
    const ids = operations.map(([, operation]) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [path, operation] of operations) {
      expect([
        path,
        operation.summary.length > 0,
        operation.tags.length,
        Array.isArray(operation.security),
      ]).toEqual([path, true, 1, true]);
      expect(Object.keys(operation.responses)).toContain('default');
    }
  });

  it('declares exactly the parameters that are in each path', () => {
    for (const [path, { parameters = [] }] of operations) {
      const inPath = [...path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1]).sort();
      const declared = parameters
        .filter((parameter) => parameter.in === 'path')
        .map((parameter) => parameter.name);
      expect([path, declared.sort()]).toEqual([path, inPath]);
      expect(new Set(parameters.map(({ name, in: place }) => `${place} ${name}`)).size).toBe(
        parameters.length,
      );
    }
  });

  it('has no reference that leads nowhere', () => {
    const missing: string[] = [];
    const walk = (node: unknown): void => {
      if (typeof node !== 'object' || node === null) return;
      if ('$ref' in node && typeof node.$ref === 'string') {
        const name = /^#\/components\/schemas\/(.+)$/.exec(node.$ref)?.[1];
        if (name === undefined || !Object.hasOwn(document.components.schemas, name)) missing.push(node.$ref);
      }
      for (const child of Object.values(node)) walk(child);
    };
    walk(document);
    expect(missing).toEqual([]);
  });
});
