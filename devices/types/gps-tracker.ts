import type { DecodedReading } from '../../core/reading.ts';
import type { DeviceType } from '../contract.ts';
import { decodeStandardBody } from '../decoders/standard-body.ts';

/** A fix carries its speed beside the position; as a value too it has a series, and a speed limit is an ordinary rule. */
function decode(payload: unknown): DecodedReading[] {
  const readings = decodeStandardBody(payload);
  for (const reading of readings) {
    if (reading.speedKmh !== undefined) reading.values.speed ??= { v: reading.speedKmh };
  }
  return readings;
}

const gpsTracker: DeviceType = {
  id: 'gps-tracker',
  vi: 'Thiết bị định vị',
  en: 'GPS tracker',
  domain: null,
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
};

export default gpsTracker;
