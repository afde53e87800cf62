import type { QuarantineItem } from '../../../core/api/devices.ts';
import type { World } from './world.ts';

const iso = (ms: number) => new Date(ms).toISOString();

export function makeQuarantine(nowMs: number): QuarantineItem[] {
  const item = (
    id: number,
    code: string,
    reason: string,
    payload: string | null,
    ago: number,
  ): QuarantineItem => ({
    id,
    receivedAt: iso(nowMs - ago),
    source: 'mqtt',
    deviceId: 'air-quality-05',
    topic: 'ioc/v1/main/air-quality-05/up',
    code,
    reason,
    payload,
    payloadBytes: payload?.length ?? 21_000_000,
    replayedAt: null,
    replayResult: null,
  });
  return [
    item(
      3,
      'time.future',
      'ts is ten years ahead of arrival',
      '{"ts":"2036-11-22T08:00:00+07:00","values":{"pm25":41.2}}',
      240_000,
    ),
    item(2, 'value.not_finite', 'pm25: 1e999 is not a finite number', '{"values":{"pm25":1e999}}', 900_000),
    item(1, 'payload.too_large', '21000000 bytes, at most 262144', null, 5_400_000),
  ];
}

export function makeSystem(nowMs: number, devices: number): World['system'] {
  return {
    startedAt: iso(nowMs - 5 * 3_600_000),
    devices: { total: devices, online: devices - 3 },
    cameras: { total: 8, online: 7 },
    ingest: {
      receivedTotal: 184_220,
      storedTotal: 184_102,
      duplicateTotal: 115,
      quarantinedTotal: 3,
      ratePerS: 11.4,
      delayP50Ms: 38,
      delayP99Ms: 210,
    },
    health: [
      {
        component: 'database',
        state: 'ok',
        message: { vi: 'Cơ sở dữ liệu', en: 'Database' },
        since: iso(nowMs - 18_000_000),
      },
      {
        component: 'mqtt',
        state: 'ok',
        message: { vi: 'Cổng MQTT', en: 'MQTT front' },
        since: iso(nowMs - 18_000_000),
      },
      {
        component: 'cameras',
        state: 'degraded',
        code: 'camera.unreachable',
        message: { vi: '1 camera không kết nối được', en: '1 camera cannot be reached' },
        since: iso(nowMs - 3_900_000),
      },
    ],
  };
}
