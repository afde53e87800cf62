import { normalizeDeg } from '../../core/plane.ts';
import type { DeviceType } from '../contract.ts';
import { decodeStandardBody } from '../decoders/standard-body.ts';
import { measure, numberProperty } from '../simulators/instrument.ts';

/** Simulated property: `urban`, 0 fields … 1 the middle of a town (0.5). */
const airQuality: DeviceType = {
  id: 'air-quality',
  vi: 'Trạm quan trắc không khí',
  en: 'Air quality station',
  icon: 'cloud-fog',
  mobile: false,
  quantities: [
    'pm25',
    'pm10',
    'so2',
    'no2',
    'co',
    'o3',
    'temperature',
    'humidity',
    'pressure',
    'wind_speed',
    'wind_direction',
  ],
  expectedIntervalS: 60,
  decode: decodeStandardBody,
  samples: [
    {
      name: 'one minute of all pollutants',
      payload: {
        ts: '2026-11-22T08:00:00+07:00',
        values: {
          pm25: 41.2,
          pm10: 66,
          so2: 9.1,
          no2: 24.5,
          co: 610,
          o3: 58.3,
          temperature: 31,
          humidity: 68,
        },
        seq: 1042,
      },
      expect: [
        {
          ts: '2026-11-22T08:00:00+07:00',
          values: {
            pm25: { v: 41.2 },
            pm10: { v: 66 },
            so2: { v: 9.1 },
            no2: { v: 24.5 },
            co: { v: 610 },
            o3: { v: 58.3 },
            temperature: { v: 31 },
            humidity: { v: 68 },
          },
          seq: 1042,
        },
      ],
    },
    {
      name: 'units and analyser states as a data logger sends them',
      payload: {
        ts: 1795309200000,
        values: {
          pm25: { v: 38, unit: 'µg/m³', status: '00' },
          co: { v: 0.7, unit: 'mg/m3', status: '00' },
          o3: { v: 400, unit: 'ug/m3', status: '01' },
          so2: { v: 0, status: 2 },
        },
      },
      expect: [
        {
          ts: 1795309200000,
          values: {
            pm25: { v: 38, unit: 'µg/m³', status: '00' },
            co: { v: 0.7, unit: 'mg/m3', status: '00' },
            o3: { v: 400, unit: 'ug/m3', status: '01' },
            so2: { v: 0, status: '02' },
          },
        },
      ],
    },
    {
      name: 'two minutes kept during an outage, sent as a batch',
      payload: {
        readings: [
          { ts: '2026-11-22T08:01:00+07:00', values: { pm25: 41.9 }, seq: 1043 },
          { ts: '2026-11-22T08:02:00+07:00', values: { pm25: null, pm10: 70 }, seq: 1044 },
        ],
      },
      expect: [
        { ts: '2026-11-22T08:01:00+07:00', values: { pm25: { v: 41.9 } }, seq: 1043 },
        { ts: '2026-11-22T08:02:00+07:00', values: { pm25: { v: null }, pm10: { v: 70 } }, seq: 1044 },
      ],
    },
  ],
  simulate(ctx) {
    const air = ctx.world.air(ctx.timeMs, ctx.position, { urban: numberProperty(ctx, 'urban', 0.5) });
    const weather = ctx.world.weather(ctx.timeMs, ctx.position);
    return {
      ts: ctx.timeMs,
      values: {
        pm25: measure(ctx, 'pm25', air.pm25, 0.03 * air.pm25 + 0.4),
        pm10: measure(ctx, 'pm10', air.pm10, 0.03 * air.pm10 + 0.6),
        so2: measure(ctx, 'so2', air.so2, 0.4),
        no2: measure(ctx, 'no2', air.no2, 0.6),
        co: measure(ctx, 'co', air.co, 12),
        o3: measure(ctx, 'o3', air.o3, 1.2),
        temperature: measure(ctx, 'temperature', weather.temperatureC, 0.1),
        humidity: measure(ctx, 'humidity', weather.humidityPct, 0.6),
        pressure: measure(ctx, 'pressure', weather.pressureHpa, 0.1),
        wind_speed: measure(ctx, 'wind_speed', weather.windSpeedMs, 0.3),
        wind_direction: normalizeDeg(measure(ctx, 'wind_direction', weather.windDirectionDeg, 5)),
      },
    };
  },
};

export default airQuality;
