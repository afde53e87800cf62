import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventMap } from '../../core/events.ts';
import type { Caller } from '../../core/permissions.ts';
import { DATABASE_ADAPTERS } from '../../test/support/adapters.ts';
import { createTestRegistry, START, type TestRegistry } from '../../test/support/registry.ts';
import { IN_EAST, IN_WEST } from '../../test/support/sample-areas.ts';
import type { OpenDatabase } from '../db/index.ts';
import type { CameraService } from './cameras.ts';

describe.each(DATABASE_ADAPTERS)('cameras on $name', ({ available, open }) => {
  describe.skipIf(!available)('', () => {
    let database: OpenDatabase;
    let registry: TestRegistry;
    let cameras: CameraService;
    let person: TestRegistry['person'];
    beforeAll(async () => {
      database = await open();
      registry = await createTestRegistry(database);
      ({ cameras, person } = registry);
      registry.people.bus.on('test', 'camera.changed', (camera) => changes.push(camera));
    });
    afterAll(async () => {
      registry?.close();
      await database?.close();
    });
    const changes: EventMap['camera.changed'][] = [];
    const integrator = () => person('integrator');
    const rtsp = (url: string, more: object = {}) => ({ kind: 'rtsp' as const, url, ...more });

    it('keep their password sealed and never show it', async () => {
      const made = await cameras.create(
        {
          name: 'Cầu Cảng',
          position: IN_WEST,
          headingDeg: 90,
          fovDeg: 60,
          rangeM: 200,
          source: rtsp('rtsp://admin:hunter2@10.1.2.3/live'),
        },
        integrator(),
      );
      expect(made).toMatchObject({
        id: 'cau-cang',
        areaId: '99001',
        state: 'unknown',
        source: { kind: 'rtsp', address: 'rtsp://10.1.2.3/live', hasCredential: true },
      });
      expect(await cameras.credentialOf('cau-cang')).toEqual({ username: 'admin', password: 'hunter2' });
      const everything = JSON.stringify([
        made,
        changes,
        [...cameras.directory.all()],
        await cameras.list(integrator(), { limit: 10 }, ''),
      ]);
      expect(everything).not.toContain('hunter2');
      const dump = await database.query<{ text: string }>({
        text: 'select row_to_json(c)::text as text from cameras c',
        values: [],
      });
      expect(JSON.stringify(dump)).not.toContain('hunter2');
    });

    it('lose the password when they are pointed at another place, and keep it otherwise', async () => {
      await cameras.update(
        'cau-cang',
        { source: rtsp('rtsp://10.1.2.3/other'), name: 'Cầu Cảng 1' },
        integrator(),
      );
      expect(await cameras.credentialOf('cau-cang')).toEqual({ username: 'admin', password: 'hunter2' });
      const moved = await cameras.update('cau-cang', { source: rtsp('rtsp://10.6.6.6/live') }, integrator());
      expect(moved.source.hasCredential).toBe(false);
      expect(await cameras.credentialOf('cau-cang')).toBeUndefined();
      await cameras.update(
        'cau-cang',
        { source: rtsp('rtsp://10.6.6.6/live', { username: 'a', password: 'b' }) },
        integrator(),
      );
      expect(await cameras.credentialOf('cau-cang')).toEqual({ username: 'a', password: 'b' });
    });

    it('take the media plane’s verdicts, in order, and say when the last frame was', async () => {
      changes.length = 0;
      const frame = START - 5000;
      cameras.recordHealth('cau-cang', {
        state: 'online',
        reason: null,
        sinceMs: START - 9000,
        lastFrameAtMs: frame,
      });
      cameras.recordHealth('cau-cang', {
        state: 'offline',
        reason: 'timeout',
        sinceMs: START,
        lastFrameAtMs: frame - 60_000,
      });
      cameras.recordHealth('no-such-camera', {
        state: 'online',
        reason: null,
        sinceMs: START,
        lastFrameAtMs: null,
      });
      await cameras.settled();
      expect(changes.map((camera) => camera.state)).toEqual(['online', 'offline']);
      expect(await cameras.get(person('viewer'), 'cau-cang')).toMatchObject({
        state: 'offline',
        stateReason: 'timeout',
        stateSince: new Date(START).toISOString(),
        lastFrameAt: new Date(frame).toISOString(),
      });
      expect(await cameras.counts(person('viewer'))).toEqual({ total: 1, online: 0 });
      const off = await cameras.update('cau-cang', { enabled: false }, integrator());
      expect(off.state).toBe('disabled');
      cameras.recordHealth('cau-cang', {
        state: 'online',
        reason: null,
        sinceMs: START,
        lastFrameAtMs: null,
      });
      await cameras.settled();
      expect((await cameras.update('cau-cang', { enabled: true }, integrator())).state).toBe('unknown');
    });

    it('are found by what they see, the nearest first, within scope', async () => {
      await cameras.create({
        id: 'dome',
        name: 'Vòm',
        position: [110.5005, 10.5],
        source: { kind: 'test-pattern', scene: 'road' },
      });
      await cameras.create({
        id: 'back',
        name: 'Quay lưng',
        position: IN_WEST,
        headingDeg: 270,
        fovDeg: 60,
        source: { kind: 'file', path: 'a.mp4' },
      });
      await cameras.create({
        id: 'east',
        name: 'Đông',
        position: IN_EAST,
        source: { kind: 'test-pattern', scene: 'road' },
      });
      const seeing = async (caller: Caller) =>
        (await cameras.list(caller, { limit: 10, sees: [110.501, 10.5] }, '')).items.map(
          (camera) => camera.id,
        );
      expect(await seeing(person('viewer'))).toEqual(['dome', 'cau-cang']);
      expect(await seeing(person('viewer', ['99002']))).toEqual([]);
      expect(
        (await cameras.list(person('viewer', ['99002']), { limit: 10 }, '')).items.map((camera) => camera.id),
      ).toEqual(['east']);
      await expect(cameras.get(person('viewer', ['99002']), 'dome')).rejects.toThrow('request.not_found');
      await expect(cameras.update('dome', { name: 'X' }, person('integrator', ['99002']))).rejects.toThrow(
        'request.not_found',
      );
      await expect(cameras.get(integrator(), 'dome', 'cameras.play')).rejects.toThrow('request.not_found');
    });
  });
});
