import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import type { LatestEvent, UnitPositionEvent } from '../core/events.ts';
import type {
  AreaLocator,
  Bus,
  DeviceDirectory,
  Health,
  Intake,
  IntakeMessage,
  IntakeReceipt,
  Logger,
  RuleEngine,
  SeriesDirectory,
} from '../core/ports.ts';

import type { DeviceTypes } from '../devices/index.ts';
import { createBacklog } from './backlog.ts';
import { ByteBudget } from './budget.ts';
import { createLight } from './health-light.ts';
import { Arrivals } from './pipeline/arrivals.ts';
import { createPipeline } from './pipeline/pipeline.ts';
import { SeriesMemory, type StoredSeries } from './pipeline/series-memory.ts';
import { SourceQuota } from './quota.ts';
import { createReconciliation } from './reconciliation.ts';
import { intakeSamples, type Sample } from './samples.ts';
import type { IngestSettings } from './settings.ts';
import { carriesMark } from './state-secret.ts';
import { type IngestStats, StatsRecorder } from './stats.ts';
import type { IngestDatabase } from './writer/connection.ts';
import { entryOf, type QuarantineRow, receiptOf, refusalEntry, tallyOf } from './writer/entry.ts';
import { failureKind, messageOf } from './writer/failures.ts';
import { showOutage } from './writer/outage.ts';
import { createPartitions } from './writer/partitions.ts';
import { storedSeries } from './writer/sql.ts';
import type { Stored } from './writer/store.ts';
import { createWriter } from './writer/writer.ts';

export interface IntakeOptions {
  database: IngestDatabase;
  devices: DeviceDirectory;
  deviceTypes: DeviceTypes;
  series: SeriesDirectory;
  areas: AreaLocator;
  rules: RuleEngine;
  bus: Bus;
  clock: Clock;
  logger: Logger;
  health: Health;
  settings: IngestSettings;
  /** Told when messages wait beyond the budget, and when they no longer do. */
  onFull(full: boolean): void;
  /** Told of messages that were refused for the mark of a state secret; nothing of their content is told. */
  marked?(message: { deviceId: string; source: IntakeMessage['source']; bytes: number }): void;
  /** Told that a device is beyond its allowance and for how long it should not be read from. */
  onQuota(deviceId: string, waitMs: number): void;
}

/** Everything behind the fronts: pipeline, writer, announcements. */
export interface IntakeCore {
  intake: Intake;
  /** For the device front: takes the message whatever happens; `settle` comes after the commit. */
  accept(message: IntakeMessage, settle: (receipt: IntakeReceipt) => void): void;
  /** Rows about what a front turned away unread. */
  noteRefused(rows: QuarantineRow[]): void;
  readonly full: boolean;
  start(): Promise<void>;
  /** Resolves when nothing waits any more. */
  drained(): Promise<void>;
  stop(): void;
  stats(): IngestStats;
  /** Compares what came in with what became of it, now; answers with what does not add up. */
  reconcile(): readonly string[];
  /** Figures for the metrics. */
  samples(): Iterable<Sample>;
}

/** What a message costs besides its payload while it waits. */
const MESSAGE_BYTES = 500;
const SUBMIT_TIMEOUT_MS = 15_000;
const RETRY_MS = 500;
const MARKED = { id: 0, code: 'payload.state_secret', reason: 'marked as a state secret' } as const;
const RULE_FAULT_QUIET_MS = 600_000;
const QUOTA_QUIET_MS = 60_000;

export function createIntakeCore(options: IntakeOptions): IntakeCore {
  const { database, devices, clock, logger, health, bus, settings } = options;
  const stats = new StatsRecorder(clock);
  const budget = new ByteBudget(settings.maxInFlightBytes, options.onFull);
  const light = (component: string, vi: string, en: string, quietMs?: number) =>
    createLight({ component, ok: { vi, en }, health, logger, clock, quietMs });
  const partitions = createPartitions({
    database,
    clock,
    light: light('ingest.partitions', 'Phân vùng sẵn sàng', 'Partitions are ready'),
  });
  const ruleLight = light('ingest.rules', 'Quy tắc hoạt động', 'Rules are working', RULE_FAULT_QUIET_MS);
  const writerLight = light('ingest.writer', 'Đang ghi số liệu', 'Readings are being stored');
  const writer = createWriter({
    database,
    rules: options.rules,
    partitions,
    clock,
    logger,
    light: writerLight,
    ruleLight,
    maxBatchRows: settings.maxBatchRows,
    maxBatchBytes: settings.maxBatchBytes,
    committed(entries, stored) {
      announce(stored, devices, bus);
      for (const entry of entries) {
        const tally = tallyOf(entry);
        if (entry.message !== null) stats.tally(tally);
        entry.settle(receiptOf(entry, tally));
      }
    },
  });

  const quota = new SourceQuota({
    clock,
    light: light(
      'ingest.quota',
      'Không thiết bị nào gửi quá nhiều',
      'No device sends too much',
      QUOTA_QUIET_MS,
    ),
    readingsPerS: settings.maxReadingsPerDeviceS,
  });
  const series = new SeriesMemory();
  const resolveSeries = async (deviceId: string, quantity: string, unit: string): Promise<number> => {
    for (let waited = false; ; waited = true) {
      try {
        const id = await options.series.resolve(deviceId, quantity, unit);
        if (waited) writerLight.clear();
        return id;
      } catch (error) {
        // The message is not acknowledged, so it may wait as long as the database is away.
        if (failureKind(error, false) !== 'wait') throw error;
        // Perhaps nothing but new series came: then no batch is there that would show the outage.
        showOutage(writerLight, error);
        await new Promise<void>((resolve) => clock.after(RETRY_MS, resolve));
      }
    }
  };

  const pipeline = createPipeline(
    {
      devices,
      deviceTypes: options.deviceTypes,
      series,
      resolveSeries,
      areas: options.areas,
      rules: options.rules,
      places: new Map(),
      arrivals: new Arrivals(),
      clock,
      ruleFault(deviceId, error) {
        const reason = messageOf(error);
        logger.error({ deviceId, err: reason }, 'rule evaluation failed');
        ruleLight.fault('degraded', 'internal', {
          vi: `Lỗi khi xét quy tắc: ${reason}. Số liệu vẫn được lưu, cảnh báo có thể thiếu`,
          en: `Rule evaluation failed: ${reason}. Readings are stored, alerts may be missing`,
        });
      },
      settings,
      write(job) {
        const entry = entryOf(job);
        budget.take(entry.bytes);
        const waitMs = quota.take(job.message.deviceId, job.parts);
        if (waitMs > 0) options.onQuota(job.message.deviceId, waitMs);
        const { settle } = entry;
        entry.settle = (receipt) => {
          budget.give(entry.bytes);
          settle(receipt);
        };
        writer.enqueue(entry);
      },
    },
    logger,
  );

  const backlog = createBacklog<{ message: IntakeMessage; settle(receipt: IntakeReceipt): void }>(
    clock,
    ({ message, settle }) => pipeline.accept(message, settle),
  );
  const reconciliation = createReconciliation({
    clock,
    logger,
    light: light(
      'ingest.reconciliation',
      'Số liệu nhận và lưu khớp nhau',
      'What was received and stored adds up',
    ),
    books: () => ({
      ...stats.books(),
      waiting: backlog.length + pipeline.waiting + writer.waitingMessages,
      rowsInDatabase: writer.stats().rowsTotal,
    }),
  });
  let stopped = true;
  const accept = (message: IntakeMessage, settle: (receipt: IntakeReceipt) => void) => {
    const bytes = message.payload.length + MESSAGE_BYTES;
    const arrivedMs = clock.monotonic();
    stats.received();
    // Before anything could be written down, also as refused: the message ends here, and its sender need not repeat it.
    if (carriesMark(message.payload)) {
      const refused: IntakeReceipt = { stored: 0, duplicates: 0, quarantined: [MARKED] };
      stats.settled(refused, 0);
      stats.tally({ parts: 1, stored: 0, duplicates: 0, refused: 1 });
      options.marked?.({
        deviceId: message.deviceId,
        source: message.source,
        bytes: message.payload.length,
      });
      settle(refused);
      return;
    }
    budget.take(bytes);
    backlog.push({
      message,
      settle(receipt) {
        budget.give(bytes);
        stats.settled(receipt, clock.monotonic() - arrivedMs);
        settle(receipt);
      },
    });
  };

  return {
    intake: {
      async submit(message) {
        if (stopped) throw new AppError('db.unavailable', { detail: 'ingest is not running' });
        // A caller that can be told "later" is told so; only device connections are simply held.
        if (writer.blockedBy !== undefined) throw new AppError(writer.blockedBy);
        if (quota.waitMs(message.deviceId) > 0)
          throw new AppError('request.too_many', { detail: 'this device sends too much' });
        if (budget.full)
          throw new AppError('request.too_many', { detail: 'too much is waiting to be stored' });
        return await new Promise<IntakeReceipt>((resolve, reject) => {
          const late = () => reject(new AppError('db.unavailable', { detail: 'not committed in time' }));
          const cancel = clock.after(SUBMIT_TIMEOUT_MS, late);
          accept(message, (receipt) => {
            cancel();
            resolve(receipt);
          });
        });
      },
    },
    accept,
    noteRefused: (rows) => writer.enqueue(refusalEntry(rows)),
    get full() {
      return budget.full;
    },
    async start() {
      for (const known of await database.query<StoredSeries>(storedSeries)) series.add(known);
      await partitions.start();
      reconciliation.start();
      stopped = false;
    },
    async drained() {
      // What waits for its turn or for its series is not in the writer yet.
      while (backlog.length > 0 || pipeline.waiting > 0 || writer.waitingEntries > 0) {
        await writer.drained();
        if (backlog.length > 0 || pipeline.waiting > 0)
          await new Promise<void>((resolve) => clock.after(20, resolve));
      }
    },
    stop() {
      stopped = true;
      partitions.stop();
      reconciliation.stop();
    },
    stats: () => stats.snapshot(),
    reconcile: reconciliation.check,
    samples: () =>
      intakeSamples({
        stats: stats.snapshot(),
        writer: writer.stats(),
        stageMicros: pipeline.stageMicros(),
        waitingBytes: budget.used,
        waitingMessages: backlog.length + pipeline.waiting + writer.waitingMessages,
        balanced: reconciliation.balanced,
      }),
  };
}

/** Only what is committed is announced, and only what moved the latest state. */
function announce(stored: Stored, devices: DeviceDirectory, bus: Bus): void {
  const latest: LatestEvent[] = [];
  for (const { row, unit } of stored.latest) {
    if (row.kind !== 'value') continue;
    const { deviceId, quantity, timeMs, value, quality, areaId, position } = row;
    const device = devices.byId(deviceId);
    // A device that went meanwhile is nobody's: only who sees everything hears of its last values.
    const whose = {
      domain: device?.domain ?? null,
      agencyId: device?.agencyId ?? null,
      class: device?.class ?? 'restricted',
    };
    latest.push({ deviceId, quantity, unit, timeMs, value, quality, areaId, ...whose, position });
  }
  if (latest.length > 0) bus.emit('latest.changed', latest);
  const moved: UnitPositionEvent[] = [];
  for (const fix of stored.moved) {
    if (fix.unitId === null) continue;
    const { unitId, timeMs, lon, lat, speedKmh, headingDeg, accuracyM, areaId } = fix;
    const carrier = devices.byId(fix.deviceId)?.unit;
    const whose = { agencyId: carrier?.agencyId ?? null, class: carrier?.class ?? 'restricted' };
    moved.push({ unitId, timeMs, lon, lat, speedKmh, headingDeg, accuracyM, areaId, ...whose });
  }
  if (moved.length > 0) bus.emit('unit.moved', moved);
  for (const { event, data } of stored.announcements) bus.emit(event, data);
}
