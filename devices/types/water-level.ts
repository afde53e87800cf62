import type { DeviceType } from '../contract.ts';
import { decodeStandardBody } from '../decoders/standard-body.ts';
import { housekeeping, measure, numberProperty, round } from '../simulators/instrument.ts';

/**
 * Simulated properties: `seaKm`, kilometres upstream of the mouth (10); `zeroM`, mean sea level over the gauge's zero
 * (0); `sectionM2`, wetted section of a gauge that measures discharge too (0 = it does not).
 */
const waterLevel: DeviceType = {
  id: 'water-level',
  vi: 'Trạm đo mực nước',
  en: 'Water level gauge',
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
  simulate(ctx) {
    const reach = { seaKm: numberProperty(ctx, 'seaKm', 10), zeroM: numberProperty(ctx, 'zeroM', 0) };
    const water = ctx.world.water(ctx.timeMs, ctx.position, reach);
    const sectionM2 = numberProperty(ctx, 'sectionM2', 0);
    const through: Record<string, number> = {};
    // Upstream with the flood, which a discharge, never negative, does not tell.
    if (sectionM2 > 0) through.discharge = round(Math.abs(water.currentMs) * sectionM2, 1);
    return {
      ts: ctx.timeMs,
      values: {
        water_level: measure(ctx, 'water_level', water.levelM, 0.008),
        ...through,
        rainfall: round(ctx.world.rainfallMm(ctx.timeMs, ctx.position, ctx.intervalS * 1000), 1),
        water_temperature: measure(ctx, 'water_temperature', water.temperatureC, 0.06),
        ...housekeeping(ctx),
      },
    };
  },
};

export default waterLevel;
