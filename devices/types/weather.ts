import type { DeviceType } from '../contract.ts';
import { decodeStandardBody } from '../decoders/standard-body.ts';

const weather: DeviceType = {
  id: 'weather',
  vi: 'Trạm khí tượng',
  en: 'Weather station',
  domain: 'environment',
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
};

export default weather;
