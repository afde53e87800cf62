import type { DeviceType } from '../contract.ts';
import { decodeStandardBody } from '../decoders/standard-body.ts';

const trafficCounter: DeviceType = {
  id: 'traffic-counter',
  vi: 'Thiết bị đếm xe',
  en: 'Traffic counter',
  domain: 'traffic',
  icon: 'car',
  mobile: false,
  quantities: ['traffic_flow', 'traffic_speed', 'occupancy', 'noise', 'battery', 'signal'],
  expectedIntervalS: 60,
  decode: decodeStandardBody,
  samples: [
    {
      name: 'one minute of a loop at rush hour',
      payload: {
        ts: '2026-11-22T07:30:00+07:00',
        values: { traffic_flow: 1480, traffic_speed: 23, occupancy: 41 },
        seq: 7,
      },
      expect: [
        {
          ts: '2026-11-22T07:30:00+07:00',
          values: { traffic_flow: { v: 1480 }, traffic_speed: { v: 23 }, occupancy: { v: 41 } },
          seq: 7,
        },
      ],
    },
    {
      name: 'an empty road has no speed',
      payload: {
        ts: '2026-11-22T03:10:00+07:00',
        values: { traffic_flow: 0, occupancy: { v: 0, unit: '1' } },
      },
      expect: [
        {
          ts: '2026-11-22T03:10:00+07:00',
          values: { traffic_flow: { v: 0 }, occupancy: { v: 0, unit: '1' } },
        },
      ],
    },
  ],
};

export default trafficCounter;
