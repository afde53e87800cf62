import type { DeviceType } from '../contract.ts';
import { decodeFlatJson } from '../decoders/flat-json.ts';
import { housekeeping, round } from '../simulators/instrument.ts';
import { gauss, hashText, smooth } from '../simulators/noise.ts';

/** Simulated as a soil probe in a field. */
const genericJson: DeviceType = {
  id: 'generic-json',
  vi: 'Thiết bị JSON bất kỳ',
  en: 'Any JSON device',
  icon: 'braces',
  mobile: false,
  quantities: 'any',
  expectedIntervalS: 300,
  decode: decodeFlatJson,
  samples: [
    {
      name: 'a bare object with groups, flags and descriptions',
      payload: {
        ts: '2026-11-22T08:00:00+07:00',
        model: 'SM-3',
        soil: { moisture: 31.5, temp: { v: 27.9, unit: '°C' } },
        doorOpen: true,
        battery: 3.6,
        seq: 12,
      },
      expect: [
        {
          ts: '2026-11-22T08:00:00+07:00',
          values: {
            soil_moisture: { v: 31.5 },
            soil_temp: { v: 27.9, unit: '°C' },
            door_open: { v: 1 },
            battery: { v: 3.6 },
          },
          seq: 12,
        },
      ],
    },
    {
      name: 'the standard body with quantities of its own',
      payload: { ts: 1795309200000, values: { 'PM2.5': 18, tank: { level: 0.8 } } },
      expect: [{ ts: 1795309200000, values: { pm2_5: { v: 18 }, tank_level: { v: 0.8 } } }],
    },
    {
      name: 'latitude and longitude beside the values of a boat',
      payload: { timestamp: 1795309200000, lat: 8.62, lng: 104.72, speed: 14, heading: 200, fuel: 61 },
      expect: [
        {
          ts: 1795309200000,
          position: [104.72, 8.62],
          speedKmh: 14,
          headingDeg: 200,
          values: { fuel: { v: 61 } },
        },
      ],
    },
  ],
  simulate(ctx) {
    const weather = ctx.world.weather(ctx.timeMs, ctx.position);
    const channel = hashText(ctx.deviceId);
    const dry = 0.5 + 0.5 * smooth(ctx.timeMs / (40 * 3_600_000), ctx.seed, channel);
    const jitter = 0.2 * gauss(ctx.seed, channel, ctx.timeMs);
    return {
      ts: ctx.timeMs,
      values: {
        soil_moisture: round(Math.min(60, 44 - 16 * dry + 0.4 * weather.rainRateMmh + jitter), 1),
        soil_temperature: round(27.5 + 0.35 * (weather.temperatureC - 27) + jitter / 2, 1),
        battery: housekeeping(ctx).battery,
      },
    };
  },
};

export default genericJson;
