import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Alert } from '../../core/api/alerts.ts';
import { manualClock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Bus, HealthItem } from '../../core/ports.ts';
import { DATABASE_ADAPTERS } from '../../test/support/adapters.ts';
import { about, HERE, seedAlertWorld, signalAt, T0 } from '../../test/support/alert-signals.ts';
import { testLogger } from '../../test/support/logger.ts';
import { callerWith, emptyAlerts, seedCamera } from '../../test/support/seed.ts';
import { testTrail } from '../../test/support/trail.ts';
import { createMemoryBus } from '../bus/index.ts';
import type { OpenDatabase } from '../db/index.ts';
import { type AlertSignal, applySignals } from './apply.ts';
import { type AlertService, createAlertService } from './service.ts';
import { createSnapshots, type SnapshotSource } from './snapshots.ts';

const operator = callerWith('operator');

describe.each(DATABASE_ADAPTERS)('pictures of alerts on the $name', (adapter) => {
  let database: OpenDatabase;
  let bus: Bus;
  let service: AlertService;
  let mediaDir: string;
  const clock = manualClock(T0);
  const health: HealthItem[] = [];

  beforeEach(async (context) => {
    if (!adapter.available) return context.skip();
    await emptyAlerts(database);
    bus = createMemoryBus(testLogger());
    service = createAlertService({ database, bus, clock, audit: testTrail(database, clock) });
  });
  const apply = async (...signals: AlertSignal[]) => {
    service.announce(await database.transaction((tx) => applySignals(tx, signals)));
  };
  const only = async (): Promise<Alert> => {
    const { items } = await service.list(operator, { limit: 10 });
    expect(items).toHaveLength(1);
    return items[0] as Alert;
  };

  beforeAll(async () => {
    if (!adapter.available) return;
    mediaDir = mkdtempSync(join(tmpdir(), 'haidang-media-'));
    database = await adapter.open();
    await seedAlertWorld(database);
    // West of the place and looking east at it; nearer but looking away; nearest of all but switched off.
    await seedCamera(database, {
      id: 'sees',
      at: [105.145, 9.18],
      headingDeg: 90,
      fovDeg: 60,
      rangeM: 1000,
      areaId: 'commune-b',
    });
    await seedCamera(database, {
      id: 'away',
      at: [105.1495, 9.18],
      headingDeg: 270,
      fovDeg: 60,
      rangeM: 1000,
    });
    await seedCamera(database, {
      id: 'off',
      at: HERE,
      headingDeg: 0,
      fovDeg: 360,
      rangeM: 1000,
      enabled: false,
    });
    await seedCamera(database, {
      id: 'far',
      at: [105.3, 9.18],
      headingDeg: 270,
      fovDeg: 60,
      rangeM: 1000,
    });
  });
  afterAll(async () => {
    await database?.close();
    if (mediaDir) rmSync(mediaDir, { recursive: true, force: true });
  });

  const withSource = (source: SnapshotSource['snapshot'], settings = {}) =>
    createSnapshots({
      database,
      bus,
      clock,
      logger: testLogger(),
      health: { set: (item) => void health.push({ ...item, sinceMs: 0 }), items: () => health },
      alerts: service,
      source: { snapshot: source },
      mediaDir,
      settings,
    });

  it('from the camera that sees the place, with its hash, and says so', async () => {
    const jpeg = Buffer.from('a picture');
    const asked: string[] = [];
    const snapshots = withSource(async (cameraId) => {
      asked.push(cameraId);
      return { jpeg, takenAtMs: T0 + 500 };
    });
    snapshots.start();
    await apply(about('st-1', signalAt(0, 'raise')));
    await snapshots.idle();
    await snapshots.stop();
    expect(asked).toEqual(['sees']);
    const detail = await service.detail(operator, (await only()).id);
    expect(detail.snapshot).toMatchObject({ cameraId: 'sees', cameraName: 'Camera sees' });
    expect(detail.snapshot?.distanceM).toBeGreaterThan(540);
    expect(detail.snapshot?.distanceM).toBeLessThan(560);
    expect(detail.events.map((event) => event.kind)).toEqual(['raised', 'snapshot']);
    expect(detail.state).toBe('unacknowledged');
    const [row] = await database.query<{ file: string; sha256: string; bytes: number }>({
      text: 'select file, sha256, bytes from alert_snapshots',
      values: [],
    });
    expect(row?.file).toMatch(/^alerts\/2026\/11\/[0-9a-f-]{36}\.jpg$/);
    expect(readFileSync(join(mediaDir, row?.file ?? ''))).toEqual(jpeg);
    expect(row?.sha256).toBe(createHash('sha256').update(jpeg).digest('hex'));
  });

  it('from the next camera when the first is silent, and records when none answers', async () => {
    const asked: string[] = [];
    const broken = withSource(async (cameraId) => {
      asked.push(cameraId);
      throw new AppError('camera.unreachable');
    });
    broken.start();
    await apply(about('st-1', signalAt(0, 'raise')));
    await broken.idle();
    await broken.stop();
    expect(asked).toEqual(['sees', 'away']);
    const detail = await service.detail(operator, (await only()).id);
    expect(detail.snapshot).toBeNull();
    expect(detail.events.at(-1)?.text).toContain('Camera sees (camera.unreachable)');
  });

  it('not of alerts about the past', async () => {
    const asked: string[] = [];
    const snapshots = withSource(async (cameraId) => {
      asked.push(cameraId);
      return { jpeg: Buffer.from('x'), takenAtMs: T0 };
    });
    snapshots.start();
    await apply(about('st-1', signalAt(-11, 'raise')), about('st-2', signalAt(-9, 'raise')));
    await snapshots.idle();
    await snapshots.stop();
    expect(asked).toHaveLength(1);
  });

  it('only for so many alerts at once; the rest goes without and is counted', async () => {
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const snapshots = withSource(
      async () => {
        await gate;
        return { jpeg: Buffer.from('x'), takenAtMs: T0 };
      },
      { concurrency: 1, queueMax: 3 },
    );
    snapshots.start();
    health.length = 0;
    await apply(...Array.from({ length: 10 }, (_, index) => about(`ghost-${index}`, signalAt(0, 'raise'))));
    expect(health.map((item) => item.state)).toEqual(['degraded']);
    release();
    await snapshots.idle();
    await snapshots.stop();
    const [row] = await database.query<{ count: number }>({
      text: 'select count(*) as count from alert_snapshots',
      values: [],
    });
    expect(row?.count).toBe(4);
    expect(health.at(-1)?.state).toBe('ok');
  });
});
