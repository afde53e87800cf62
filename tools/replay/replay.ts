import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { parse } from 'csv-parse';
import { z } from 'zod';
import { DeviceCreated, DeviceCredential } from '../../core/api/devices.ts';
import { slug } from '../../core/text.ts';
import type { Credential, CredentialBook } from './credentials.ts';
import type { ReplayMapping } from './mapping.ts';
import { createPublisher, type Publisher } from './publisher.ts';
import { type Row, type RowReading, readRow } from './rows.ts';

/** One call of the HTTP API; errors carry the code in brackets at the end of their message. */
export type ApiCall = (method: 'GET' | 'POST', path: string, body?: unknown) => Promise<unknown>;

export interface ReplayOptions {
  files: readonly string[];
  mapping: ReplayMapping;
  call: ApiCall;
  /** `mqtt://…` or `mqtts://…` of the device front. */
  mqttUrl: string;
  ca?: string;
  credentials: CredentialBook;
  /** Give a registered device whose credential is not in the book a new one; its old one ends. */
  renew?: boolean;
  /** Files read at once. */
  parallel?: number;
  onFile?(report: FileReport): void;
}

export interface FileReport {
  file: string;
  devices: string[];
  rows: number;
  /** Cells with a value, as sent. */
  values: number;
  /** Cells that say "not measured". */
  missing: number;
  /** Cells that are neither. */
  unreadable: number;
  firstUnreadable: string | null;
  messages: number;
  acked: number;
  reconnects: number;
  /** Values the centre has of these devices between the first and the last time of the file, asked afterwards. */
  stored: number;
}

/** Below every limit on a packet, whatever the batch size. */
const MAX_MESSAGE_BYTES = 128 * 1024;
/** Messages on their way at once, for each station. */
const WINDOW = 20;
const PARALLEL = 4;

/** Publishes tables of station data as the stations would have: registers them, sends, waits, and asks what arrived. */
export async function replay(options: ReplayOptions): Promise<FileReport[]> {
  const reports: FileReport[] = [];
  const queue = [...options.files.entries()];
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [index, file] = next;
      const report = await replayFile(file, options);
      reports[index] = report;
      options.onFile?.(report);
    }
  };
  await Promise.all(Array.from({ length: options.parallel ?? PARALLEL }, worker));
  return reports;
}

async function replayFile(file: string, options: ReplayOptions): Promise<FileReport> {
  const { mapping } = options;
  const stations = new Map<string, StationSender>();
  const report: FileReport = {
    file: basename(file),
    devices: [],
    rows: 0,
    values: 0,
    missing: 0,
    unreadable: 0,
    firstUnreadable: null,
    messages: 0,
    acked: 0,
    reconnects: 0,
    stored: 0,
  };
  try {
    const table = createReadStream(file).pipe(
      parse({ columns: checkHeading(mapping), delimiter: mapping.delimiter, bom: true }),
    );
    for await (const row of table as AsyncIterable<Row>) {
      report.rows++;
      const line = report.rows + 1;
      const name = row[mapping.station] ?? '';
      let sender = stations.get(name);
      if (!sender) {
        sender = await openStation(name, options);
        stations.set(name, sender);
        report.devices.push(sender.deviceId);
      }
      const result = readRow(row, mapping);
      report.values += result.values;
      report.missing += result.missing;
      report.unreadable += result.unreadable.length;
      const [first] = result.unreadable;
      if (first) report.firstUnreadable ??= `line ${line}, ${first.column}: ${JSON.stringify(first.text)}`;
      if (result.values > 0) await sender.add(result.reading);
    }
    for (const sender of stations.values()) {
      await sender.finish();
      report.messages += sender.messages;
      report.acked += sender.publisher.acked;
      report.reconnects += sender.publisher.reconnects;
      report.stored += await countStored(sender, options.call);
    }
    return report;
  } finally {
    for (const { publisher } of stations.values()) publisher.destroy();
  }
}

/** A column of the mapping that is not in the file means the wrong mapping; better no run than a silent half of one. */
function checkHeading(mapping: ReplayMapping) {
  return (heading: string[]): string[] => {
    const time = 'column' in mapping.time ? [mapping.time.column] : Object.values(mapping.time.parts);
    const wanted = [mapping.station, ...time, ...Object.keys(mapping.columns)];
    const absent = wanted.filter((column) => !heading.includes(column));
    if (absent.length > 0) throw new Error(`the table has no column ${absent.join(', ')}`);
    return heading;
  };
}

interface StationSender {
  deviceId: string;
  publisher: Publisher;
  messages: number;
  firstTs: string | undefined;
  lastTs: string | undefined;
  add(reading: RowReading): Promise<void>;
  finish(): Promise<void>;
}

async function openStation(name: string, options: ReplayOptions): Promise<StationSender> {
  const { mapping } = options;
  const station = Object.hasOwn(mapping.stations, name) ? mapping.stations[name] : undefined;
  if (!station) throw new Error(`the mapping has no station called ${JSON.stringify(name)}`);
  const deviceId = station.id ?? slug(name);
  const credential = await register(deviceId, station.name ?? name, station.position, options);
  const publisher = createPublisher({ url: options.mqttUrl, ...credential, window: WINDOW, ca: options.ca });
  const topic = `ioc/v1/${mapping.device.site}/${deviceId}/up`;
  let batch: string[] = [];
  let bytes = 0;
  const flush = async () => {
    if (batch.length === 0) return;
    await publisher.ready();
    const message = `{"readings":[${batch.join(',')}]}`;
    batch = [];
    bytes = 0;
    sender.messages++;
    // A refused credential shows in `finish`; everything else is retried in there.
    publisher.publish(topic, message).catch(() => undefined);
  };
  const sender: StationSender = {
    deviceId,
    publisher,
    messages: 0,
    firstTs: undefined,
    lastTs: undefined,
    async add(reading) {
      const text = JSON.stringify(reading);
      if (batch.length >= mapping.batch || bytes + text.length > MAX_MESSAGE_BYTES) await flush();
      batch.push(text);
      bytes += text.length + 1;
      const time = Date.parse(reading.ts);
      if (sender.firstTs === undefined || time < Date.parse(sender.firstTs)) sender.firstTs = reading.ts;
      if (sender.lastTs === undefined || time > Date.parse(sender.lastTs)) sender.lastTs = reading.ts;
    },
    async finish() {
      await flush();
      await publisher.end();
    },
  };
  return sender;
}

/** The device's credential: from the book, from its registration, or, if that is wanted, a new one. */
async function register(
  deviceId: string,
  name: string,
  position: [number, number],
  { call, credentials, mapping, renew }: ReplayOptions,
): Promise<Credential> {
  const exists = await call('GET', `/devices/${deviceId}`).then(
    () => true,
    (error: unknown) => {
      if (String(error).includes('(request.not_found)')) return false;
      throw error;
    },
  );
  if (!exists) {
    const made = DeviceCreated.parse(
      await call('POST', '/devices', { ...mapping.device, id: deviceId, name, position }),
    );
    credentials.set(deviceId, made.credential);
    return made.credential;
  }
  const known = credentials.get(deviceId);
  if (known) return known;
  if (!renew) {
    throw new Error(`device ${deviceId} is registered and its credential is not known here; allow a new one`);
  }
  const renewed = DeviceCredential.parse(await call('POST', `/devices/${deviceId}/credential`));
  credentials.set(deviceId, renewed);
  return renewed;
}

const CountPage = z.object({
  items: z.array(z.object({ count: z.number() })),
  nextCursor: z.string().nullable(),
});

/** Asks the centre, by days, how many values it has in the time of the file. */
async function countStored(sender: StationSender, call: ApiCall): Promise<number> {
  if (sender.firstTs === undefined || sender.lastTs === undefined) return 0;
  const range = {
    from: new Date(sender.firstTs).toISOString(),
    // Exclusive.
    to: new Date(Date.parse(sender.lastTs) + 1).toISOString(),
    bucket: '1d',
    limit: '1000',
  };
  let count = 0;
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams(cursor === null ? range : { ...range, cursor });
    const page = CountPage.parse(await call('GET', `/devices/${sender.deviceId}/observations?${query}`));
    count += page.items.reduce((sum, item) => sum + item.count, 0);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return count;
}

/** The reports as a table for people. */
export function formatReports(reports: readonly FileReport[]): string {
  const lines = reports.map((r) =>
    [r.file, r.rows, r.values, r.missing, r.unreadable, `${r.acked}/${r.messages}`, r.stored].map(String),
  );
  const sum = (pick: (report: FileReport) => number) =>
    reports.reduce((total, report) => total + pick(report), 0);
  lines.push([
    'total',
    String(sum((r) => r.rows)),
    String(sum((r) => r.values)),
    String(sum((r) => r.missing)),
    String(sum((r) => r.unreadable)),
    `${sum((r) => r.acked)}/${sum((r) => r.messages)}`,
    String(sum((r) => r.stored)),
  ]);
  const table = [['file', 'rows', 'values', 'missing', 'unreadable', 'acked', 'stored'], ...lines];
  const widths = (table[0] ?? []).map((_, i) => Math.max(...table.map((line) => (line[i] ?? '').length)));
  return table
    .map((line) =>
      line
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
        .join('  '),
    )
    .join('\n');
}
