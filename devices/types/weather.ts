import { normalizeDeg } from '../../core/plane.ts';
import type { DeviceType } from '../contract.ts';
import { decodeStandardBody } from '../decoders/standard-body.ts';
import { housekeeping, measure, round } from '../simulators/instrument.ts';

/** Simulated without properties of its own. */
const weather: DeviceType = {
  id: 'weather',
  vi: 'Trạm khí tượng',
  en: 'Weather station',
  icon: 'cloud-rain',
  mobile: false,
  quantities: [
    'temperature',
    'dew_point',
    'humidity',
    'pressure',
    'rainfall',
    'rain_rate',
    'wind_speed',
    'wind_direction',
    'irradiance',
    'battery',
  ],
  expectedIntervalS: 300,
  decode: decodeStandardBody,
  samples: [
    {
      name: 'five minutes in a shower',
      payload: {
        ts: '2026-11-22T14:25:00+07:00',
        values: {
          temperature: 26.4,
          humidity: 94,
          pressure: 1008.2,
          rainfall: 3.2,
          rain_rate: 38.4,
          wind_speed: 6.1,
          wind_direction: 235,
          irradiance: 110,
        },
      },
      expect: [
        {
          ts: '2026-11-22T14:25:00+07:00',
          values: {
            temperature: { v: 26.4 },
            humidity: { v: 94 },
            pressure: { v: 1008.2 },
            rainfall: { v: 3.2 },
            rain_rate: { v: 38.4 },
            wind_speed: { v: 6.1 },
            wind_direction: { v: 235 },
            irradiance: { v: 110 },
          },
        },
      ],
    },
    {
      name: 'foreign units',
      payload: {
        ts: '2026-11-22T07:25:00Z',
        values: {
          temperature: { v: 79.5, unit: '°F' },
          wind_speed: { v: 11.9, unit: 'kn' },
          pressure: { v: 100.82, unit: 'kPa' },
        },
      },
      expect: [
        {
          ts: '2026-11-22T07:25:00Z',
          values: {
            temperature: { v: 79.5, unit: '°F' },
            wind_speed: { v: 11.9, unit: 'kn' },
            pressure: { v: 100.82, unit: 'kPa' },
          },
        },
      ],
    },
  ],
  simulate(ctx) {
    const weather = ctx.world.weather(ctx.timeMs, ctx.position);
    return {
      ts: ctx.timeMs,
      values: {
        temperature: measure(ctx, 'temperature', weather.temperatureC, 0.08),
        dew_point: measure(ctx, 'dew_point', weather.dewPointC, 0.1),
        humidity: measure(ctx, 'humidity', weather.humidityPct, 0.6),
        pressure: measure(ctx, 'pressure', weather.pressureHpa, 0.06),
        rainfall: round(ctx.world.rainfallMm(ctx.timeMs, ctx.position, ctx.intervalS * 1000), 1),
        rain_rate: round(weather.rainRateMmh, 1),
        wind_speed: measure(ctx, 'wind_speed', weather.windSpeedMs, 0.25),
        wind_direction: normalizeDeg(measure(ctx, 'wind_direction', weather.windDirectionDeg, 5)),
        // At night a pyranometer shows nothing.
        irradiance: weather.irradianceWm2 === 0 ? 0 : measure(ctx, 'irradiance', weather.irradianceWm2, 4),
        battery: housekeeping(ctx).battery,
      },
    };
  },
};

export default weather;
