import type { DeviceType } from '../contract.ts';
import { decodeStandardBody } from '../decoders/standard-body.ts';

const airQuality: DeviceType = {
  id: 'air-quality',
  vi: 'Trạm quan trắc không khí',
  en: 'Air quality station',
  domain: 'environment',
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
};

export default airQuality;
