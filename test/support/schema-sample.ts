/** A JSON Schema as the OpenAPI document has it, as far as a sample needs it. */
export interface JsonSchema {
  $ref?: string;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  const?: unknown;
  enum?: unknown[];
  type?: string | string[];
  format?: string;
  pattern?: string;
  minLength?: number;
  minimum?: number;
  exclusiveMinimum?: number;
  minItems?: number;
  items?: JsonSchema | boolean;
  prefixItems?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
}

const TEXTS = [
  'abc',
  'a1',
  '2026-11-22',
  '2026-11-22T00:00:00Z',
  '10.5,9.1,106.1,10.2',
  '105.1,9.2',
  '7',
  '1m',
  '#123456',
  'mailto:a@b.vn',
  'Ab-34567890123456',
];

/** A value that fits, every optional part filled in: what a test can then change at one place. */
export function sampleOf(schema: JsonSchema | boolean | undefined, document: unknown, depth = 0): unknown {
  if (schema === undefined || typeof schema === 'boolean' || depth > 12) return 'abc';
  if (schema.$ref !== undefined) return sampleOf(resolve(schema.$ref, document), document, depth + 1);
  const choice = schema.anyOf?.[0] ?? schema.oneOf?.[0] ?? schema.allOf?.[0];
  if (choice && !schema.properties) return sampleOf(choice, document, depth + 1);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  switch (type) {
    case 'string':
      return textOf(schema);
    case 'integer':
    case 'number':
      return Math.max(schema.minimum ?? 1, (schema.exclusiveMinimum ?? 0) + 1);
    case 'boolean':
      return true;
    case 'null':
      return null;
    case 'array':
      if (schema.prefixItems) return schema.prefixItems.map((item) => sampleOf(item, document, depth + 1));
      return Array.from({ length: Math.max(1, schema.minItems ?? 1) }, () =>
        sampleOf(schema.items, document, depth + 1),
      );
    default: {
      const own = Object.entries(schema.properties ?? {}).map(([name, part]) => [
        name,
        sampleOf(part, document, depth + 1),
      ]);
      const more =
        own.length === 0 && schema.additionalProperties
          ? [['abc', sampleOf(schema.additionalProperties, document, depth + 1)]]
          : [];
      return Object.fromEntries([...own, ...more]);
    }
  }
}

function textOf({ pattern, minLength = 0 }: JsonSchema): string {
  const fits = TEXTS.find(
    (text) => text.length >= minLength && (pattern === undefined || new RegExp(pattern, 'u').test(text)),
  );
  return fits ?? 'x'.repeat(Math.max(minLength, 1));
}

function resolve(reference: string, document: unknown): JsonSchema {
  let node: unknown = document;
  for (const part of reference.replace('#/', '').split('/')) node = (node as Record<string, unknown>)[part];
  return node as JsonSchema;
}

type Path = (string | number)[];

/** Where in a value the leaves that hold text are, and where its objects are. */
export function placesIn(value: unknown, at: Path = []): { texts: Path[]; objects: Path[] } {
  if (typeof value === 'string') return { texts: [at], objects: [] };
  if (typeof value !== 'object' || value === null) return { texts: [], objects: [] };
  const inner = Object.entries(value).map(([key, part]) =>
    placesIn(part, [...at, Array.isArray(value) ? Number(key) : key]),
  );
  return {
    texts: inner.flatMap(({ texts }) => texts),
    objects: [...(Array.isArray(value) ? [] : [at]), ...inner.flatMap(({ objects }) => objects)],
  };
}

/** A copy with another part at that place. */
export function withPart(
  value: unknown,
  [first, ...rest]: Path,
  change: (part: unknown) => unknown,
): unknown {
  if (first === undefined) return change(value);
  if (Array.isArray(value))
    return value.map((part, n) => (n === first ? withPart(part, rest, change) : part));
  return Object.fromEntries(
    Object.entries(value as object).map(([key, part]) => [
      key,
      key === first ? withPart(part, rest, change) : part,
    ]),
  );
}
