import type { DeviceType } from '../contract.ts';
import { decodeStandardBody } from '../decoders/standard-body.ts';

const salinity: DeviceType = {
  id: 'salinity',
  vi: 'Trạm đo mặn',
  en: 'Salinity meter',
  domain: 'environment',
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
};

export default salinity;
