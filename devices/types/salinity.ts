import type { DeviceType } from '../contract.ts';
import { decodeStandardBody } from '../decoders/standard-body.ts';
import { housekeeping, measure, numberProperty } from '../simulators/instrument.ts';

/**
 * Conductivity at 25 °C in µS/cm of water with so many grams of salt per litre: a power law through brackish water
 * (4.1 ‰, 7 450 µS/cm) and sea water (35 ‰, 53 000 µS/cm).
 */
function conductivityOf(salinityPpt: number): number {
  return 2049 * salinityPpt ** 0.915;
}

/** Simulated properties: `seaKm`, kilometres upstream of the mouth (20); `zeroM` as for a water level gauge (0). */
const salinity: DeviceType = {
  id: 'salinity',
  vi: 'Trạm đo mặn',
  en: 'Salinity meter',
  icon: 'droplet-half-2',
  mobile: false,
  quantities: [
    'salinity',
    'conductivity',
    'water_temperature',
    'water_level',
    'ph',
    'dissolved_oxygen',
    'turbidity',
    'battery',
    'signal',
  ],
  expectedIntervalS: 300,
  decode: decodeStandardBody,
  samples: [
    {
      name: 'multi-parameter probe at a sluice',
      payload: {
        ts: '2026-11-22T08:10:00+07:00',
        values: { salinity: 4.1, conductivity: 7450, water_temperature: 28.9, ph: 7.6, battery: 3.61 },
      },
      expect: [
        {
          ts: '2026-11-22T08:10:00+07:00',
          values: {
            salinity: { v: 4.1 },
            conductivity: { v: 7450 },
            water_temperature: { v: 28.9 },
            ph: { v: 7.6 },
            battery: { v: 3.61 },
          },
        },
      ],
    },
    {
      name: 'per mille and millisiemens',
      payload: {
        ts: 1795309800000,
        values: { salinity: { v: 4.1, unit: '‰' }, conductivity: { v: 7.45, unit: 'mS/cm' } },
      },
      expect: [
        {
          ts: 1795309800000,
          values: { salinity: { v: 4.1, unit: '‰' }, conductivity: { v: 7.45, unit: 'mS/cm' } },
        },
      ],
    },
  ],
  simulate(ctx) {
    const reach = { seaKm: numberProperty(ctx, 'seaKm', 20), zeroM: numberProperty(ctx, 'zeroM', 0) };
    const water = ctx.world.water(ctx.timeMs, ctx.position, reach);
    return {
      ts: ctx.timeMs,
      values: {
        salinity: measure(ctx, 'salinity', water.salinityPpt, 0.05 + 0.01 * water.salinityPpt),
        conductivity: measure(ctx, 'conductivity', conductivityOf(water.salinityPpt), 20),
        water_temperature: measure(ctx, 'water_temperature', water.temperatureC, 0.06),
        water_level: measure(ctx, 'water_level', water.levelM, 0.01),
        ph: measure(ctx, 'ph', water.ph, 0.02),
        dissolved_oxygen: measure(ctx, 'dissolved_oxygen', water.dissolvedOxygenMgL, 0.1),
        turbidity: measure(ctx, 'turbidity', water.turbidityNtu, 4),
        ...housekeeping(ctx),
      },
    };
  },
};

export default salinity;
