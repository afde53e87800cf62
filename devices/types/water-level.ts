import type { DeviceType } from '../contract.ts';
import { decodeStandardBody } from '../decoders/standard-body.ts';

const waterLevel: DeviceType = {
  id: 'water-level',
  vi: 'Trạm đo mực nước',
  en: 'Water level gauge',
  domain: 'environment',
  icon: 'ripple',
  mobile: false,
  quantities: ['water_level', 'discharge', 'rainfall', 'water_temperature', 'battery', 'signal'],
  expectedIntervalS: 300,
  decode: decodeStandardBody,
  samples: [
    {
      name: 'radar gauge on a bridge',
      payload: {
        ts: '2026-11-22T08:05:00+07:00',
        values: { water_level: 1.37, battery: 12.8, signal: -87 },
        seq: 288,
      },
      expect: [
        {
          ts: '2026-11-22T08:05:00+07:00',
          values: { water_level: { v: 1.37 }, battery: { v: 12.8 }, signal: { v: -87 } },
          seq: 288,
        },
      ],
    },
    {
      name: 'level in centimetres, without a clock of its own',
      payload: { values: { water_level: { v: 137, unit: 'cm' }, discharge: { v: 820, unit: 'l/s' } } },
      expect: [{ values: { water_level: { v: 137, unit: 'cm' }, discharge: { v: 820, unit: 'l/s' } } }],
    },
  ],
};

export default waterLevel;
