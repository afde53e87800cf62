import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { DeviceCreate } from '../../core/api/devices.ts';
import { AppError } from '../../core/errors.ts';

const MAX_ROWS = 20_000;

/** One row of the table: what it says of a device, or why it cannot be used. Blank cells are undefined. */
export interface TableRow {
  line: number;
  id: string | null;
  device: z.output<typeof Row> | undefined;
  reason: string | null;
  properties: Record<string, string>;
}

const blank = (value: unknown) => (typeof value === 'string' && value.trim() === '' ? undefined : value);
/** `105,15` is how a Vietnamese spreadsheet writes it. */
const decimal = (min: number, max: number) =>
  z.preprocess(
    (value) =>
      typeof value === 'string' && value.trim() !== '' ? value.trim().replace(',', '.') : undefined,
    z.coerce.number().min(min).max(max).optional(),
  );
const text = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (typeof value === 'string' ? blank(value.trim()) : value), schema);

const Row = z
  .object({
    id: text(DeviceCreate.shape.id.unwrap()),
    name: text(DeviceCreate.shape.name),
    type: text(DeviceCreate.shape.type),
    site: text(DeviceCreate.shape.site),
    domain: text(DeviceCreate.shape.domain),
    owner_agency: text(DeviceCreate.shape.ownerAgency),
    agency_id: text(DeviceCreate.shape.agencyId),
    class: text(DeviceCreate.shape.class),
    lon: decimal(-180, 180),
    lat: decimal(-90, 90),
    expected_interval_s: z.preprocess(
      (value) => blank(value),
      z.coerce.number().int().min(1).max(31_536_000).optional(),
    ),
    enabled: z.preprocess(
      (value) => (typeof value === 'string' ? (blank(value.trim().toLowerCase()) ?? 'true') : value),
      z
        .enum(['true', 'false', '1', '0'])
        .default('true')
        .transform((word) => word === 'true' || word === '1'),
    ),
  })
  .refine((row) => (row.lon === undefined) === (row.lat === undefined), 'lon and lat belong together');

const COLUMNS = new Set(Object.keys(Row.shape));
const REQUIRED = ['id', 'name', 'type'];

/**
 * Reads a CSV table of devices: UTF-8, a heading, separated by comma, semicolon or tab. Columns: `id`, `name`,
 * `type`, and optionally `site`, `domain`, `owner_agency`, `agency_id`, `class`, `lon`, `lat`, `expected_interval_s`,
 * `enabled`; columns beginning with `prop_` become properties. Throws `request.invalid` when the table as a whole cannot be read.
 */
export function readDeviceTable(bytes: Uint8Array): TableRow[] {
  let content: string;
  try {
    content = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new AppError('request.invalid', { detail: 'the table is not UTF-8' });
  }
  let records: { record: string[]; info: { lines: number } }[];
  try {
    records = parse(content, {
      delimiter: delimiterOf(content),
      relax_column_count: true,
      trim: true,
      // A quoted cell may hold line ends: only the parser knows on which line a row is.
      info: true,
    }) as unknown as typeof records;
  } catch (error) {
    throw new AppError('request.invalid', {
      detail: `the table cannot be read: ${error instanceof Error ? error.message : ''}`,
    });
  }
  const [heading, ...rows] = records;
  const columns = (heading?.record ?? []).map((name) => name.toLowerCase());
  const unknown = columns.find((name) => !COLUMNS.has(name) && !name.startsWith('prop_'));
  if (unknown !== undefined)
    throw new AppError('request.invalid', {
      detail: `unknown column "${unknown}"; known: ${[...COLUMNS].join(', ')}, prop_…`,
    });
  const missing = REQUIRED.find((name) => !columns.includes(name));
  if (missing !== undefined)
    throw new AppError('request.invalid', { detail: `column "${missing}" is missing` });
  if (rows.length > MAX_ROWS) throw new AppError('request.invalid', { detail: `more than ${MAX_ROWS} rows` });

  const lineOfId = new Map<string, number>();
  return rows.flatMap(({ record: cells, info: { lines: line } }): TableRow[] => {
    if (cells.every((cell) => cell === '')) return [];
    const record = Object.fromEntries(columns.map((name, i) => [name, cells[i] ?? '']));
    const properties = Object.fromEntries(
      Object.entries(record)
        .filter(([name, value]) => name.startsWith('prop_') && value !== '')
        .map(([name, value]) => [name.slice('prop_'.length), value]),
    );
    const id = record.id || null;
    const refused = (reason: string) => [{ line, id, device: undefined, reason, properties }];
    if (cells.length !== columns.length)
      return refused(`has ${cells.length} cells, the heading has ${columns.length}`);
    const parsed = Row.safeParse(record);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const field = issue?.path.join('.') ?? '';
      return refused(`${field === '' ? '' : `${field}: `}${issue?.message ?? 'invalid'}`);
    }
    const first = lineOfId.get(parsed.data.id);
    if (first !== undefined) return refused(`the id is already in line ${first}`);
    lineOfId.set(parsed.data.id, line);
    return [{ line, id: parsed.data.id, device: parsed.data, reason: null, properties }];
  });
}

/** The separator that the heading has most of. */
function delimiterOf(content: string): string {
  const heading = content.slice(0, content.search(/[\r\n]|$/));
  const count = (separator: string) => heading.split(separator).length;
  return [',', ';', '\t'].sort((a, b) => count(b) - count(a))[0] ?? ',';
}
