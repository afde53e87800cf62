import type { DecodedReading } from '../../core/reading.ts';
import type { DeviceType } from '../contract.ts';
import { decodeStandardBody } from '../decoders/standard-body.ts';
import { gpsFix } from '../simulators/gps.ts';
import { measure } from '../simulators/instrument.ts';

/** A fix carries its speed beside the position; as a value too it has a series, and a speed limit is an ordinary rule. */
function decode(payload: unknown): DecodedReading[] {
  const readings = decodeStandardBody(payload);
  for (const reading of readings) {
    if (reading.speedKmh !== undefined) reading.values.speed ??= { v: reading.speedKmh };
  }
  return readings;
}

/** Simulated along the motion that the context brings; without one it stands where it is registered. */
const gpsTracker: DeviceType = {
  id: 'gps-tracker',
  vi: 'Thiết bị định vị',
  en: 'GPS tracker',
  icon: 'current-location',
  mobile: true,
  quantities: ['speed', 'battery', 'signal'],
  expectedIntervalS: 5,
  decode,
  samples: [
    {
      name: 'a car on its way',
      payload: {
        ts: '2026-11-22T08:00:05+07:00',
        position: [105.1524, 9.1771],
        speed: 42.5,
        heading: 118,
        accuracy: 4,
        values: { battery: 13.9 },
        seq: 90211,
      },
      expect: [
        {
          ts: '2026-11-22T08:00:05+07:00',
          position: [105.1524, 9.1771],
          speedKmh: 42.5,
          headingDeg: 118,
          accuracyM: 4,
          values: { battery: { v: 13.9 }, speed: { v: 42.5 } },
          seq: 90211,
        },
      ],
    },
    {
      name: 'standing: speed and heading not known',
      payload: { ts: 1795309205000, position: [105.1524, 9.1771], speed: -1, heading: null, accuracy: 12 },
      expect: [{ ts: 1795309205000, position: [105.1524, 9.1771], accuracyM: 12, values: {} }],
    },
    {
      name: 'fixes kept in a tunnel, sent as a batch',
      payload: {
        readings: [
          { ts: 1795309210000, position: [105.153, 9.1765], speed: 40, heading: 360 },
          { ts: 1795309215000, position: [105.1536, 9.1759], speed: 0 },
        ],
      },
      expect: [
        {
          ts: 1795309210000,
          position: [105.153, 9.1765],
          speedKmh: 40,
          headingDeg: 0,
          values: { speed: { v: 40 } },
        },
        { ts: 1795309215000, position: [105.1536, 9.1759], speedKmh: 0, values: { speed: { v: 0 } } },
      ],
    },
  ],
  simulate(ctx) {
    const motion = ctx.motion ?? { position: ctx.position, speedKmh: 0, headingDeg: 0 };
    const fix = gpsFix(ctx.seed, ctx.deviceId, ctx.timeMs, motion);
    return {
      ts: ctx.timeMs,
      position: fix.position,
      speed: fix.speedKmh,
      ...(fix.headingDeg === undefined ? {} : { heading: fix.headingDeg }),
      accuracy: fix.accuracyM,
      values: {
        battery: measure(ctx, 'battery', motion.speedKmh > 0 ? 13.9 : 12.7, 0.03),
        signal: measure(ctx, 'signal', -78, 3),
      },
    };
  },
};

export default gpsTracker;
