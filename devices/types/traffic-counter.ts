import type { DeviceType } from '../contract.ts';
import { decodeStandardBody } from '../decoders/standard-body.ts';
import { measure, numberProperty, round } from '../simulators/instrument.ts';
import { hash01, hashText } from '../simulators/noise.ts';

/**
 * Simulated properties: `lanes` (2), `laneCapacityVehH` (2 400, mostly motorcycles), `freeSpeedKmh` (50), `rushLoad`,
 * share of the capacity that the morning rush takes (0.8).
 */
const trafficCounter: DeviceType = {
  id: 'traffic-counter',
  vi: 'Thiết bị đếm xe',
  en: 'Traffic counter',
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
  simulate(ctx) {
    const traffic = ctx.world.traffic(ctx.timeMs, ctx.position, {
      lanes: numberProperty(ctx, 'lanes', 2),
      laneCapacityVehH: numberProperty(ctx, 'laneCapacityVehH', 2400),
      freeSpeedKmh: numberProperty(ctx, 'freeSpeedKmh', 50),
      rushLoad: numberProperty(ctx, 'rushLoad', 0.8),
    });
    // Vehicles are whole: what passes within one interval is a count around the expected one.
    const expected = (traffic.flowVehH * ctx.intervalS) / 3600;
    const passed = Math.floor(expected + 2 * hash01(ctx.seed, hashText(ctx.deviceId), ctx.timeMs));
    const values: Record<string, number> = {
      traffic_flow: round((passed * 3600) / ctx.intervalS, 0),
      occupancy: passed === 0 ? 0 : measure(ctx, 'occupancy', traffic.occupancyPct, 0.8),
      noise: measure(ctx, 'noise', 46 + 9 * Math.log10(1 + traffic.flowVehH / 20) + traffic.speedKmh / 12, 1),
    };
    // Nobody passed, so there is no speed to tell.
    if (passed > 0) values.traffic_speed = measure(ctx, 'traffic_speed', traffic.speedKmh, 1.5);
    return { ts: ctx.timeMs, values };
  },
};

export default trafficCounter;
