import { z } from 'zod';
import { Position } from '../../../core/api/common.ts';
import { formatDistance } from '../../../core/format.ts';
import { ASSUMED_ACCURACY_M, borderDistanceM, type FlatPolygon } from '../../../gis/index.ts';
import { Delays, defineCondition } from '../condition.ts';
import { fixes } from '../examples.ts';
import { flatLine } from '../line.ts';

const Params = z.strictObject({
  line: z.array(Position).min(2).max(2000).describe('the route, [lon, lat] after [lon, lat]'),
  widthM: z.number().min(10).max(50_000).describe('metres to either side that still belong to the route'),
  ...Delays,
});
type Params = z.infer<typeof Params>;

interface Rule extends Params {
  flat: FlatPolygon;
}

/** A vehicle leaves its route. A fix that its accuracy puts on both sides of the edge decides nothing. */
export default defineCondition<Params, Rule, null, { offM: number }>({
  id: 'corridor',
  vi: 'Đi lệch tuyến',
  en: 'Off the route',
  subject: 'unit',
  input: 'positions',
  params: Params,
  prepare: (params) => ({ ...params, flat: flatLine(params.line) }),

  look(_memory, item, rule) {
    if (item.kind !== 'position') return null;
    const offM = borderDistanceM(rule.flat, item.lon, item.lat);
    const accuracyM = item.accuracyM ?? ASSUMED_ACCURACY_M;
    const sure = Math.abs(offM - rule.widthM) >= accuracyM;
    return {
      memory: null,
      holds: sure ? offM > rule.widthM : null,
      amount: offM,
      facts: { offM },
      evidence: {
        offM: Math.round(offM),
        widthM: rule.widthM,
        accuracyM: item.accuracyM,
        speedKmh: item.speedKmh,
      },
      idle: true,
    };
  },

  fact({ offM }, rule, language, holding) {
    const off = formatDistance(offM, language);
    const width = formatDistance(rule.widthM, language);
    if (language === 'vi') return holding ? `Cách tuyến ${off} > ${width}` : `Trở lại tuyến, cách ${off}`;
    return holding ? `${off} off the route > ${width}` : `Back on the route, ${off} off`;
  },

  describe(params, language) {
    const width = formatDistance(params.widthM, language);
    return language === 'vi' ? `Cách tuyến đã vẽ quá ${width}` : `More than ${width} off the drawn route`;
  },

  examples: [
    {
      name: 'off the route for a minute',
      params: {
        line: [
          [105.1, 9.18],
          [105.2, 9.18],
        ],
        widthM: 200,
        forS: 60,
      },
      items: fixes([
        { at: [105.11, 9.18] },
        { at: [105.12, 9.184] },
        { at: [105.13, 9.1818], accuracyM: 30 },
        { at: [105.14, 9.184] },
        { at: [105.15, 9.18] },
      ]),
      expect: [
        null,
        null,
        null,
        {
          kind: 'raise',
          vi: 'Cách tuyến 442 m > 200 m trong 2 phút (từ 07:01 đến 07:03)',
          en: '442 m off the route > 200 m for 2 minutes (07:01 to 07:03)',
        },
        { kind: 'clear' },
      ],
    },
  ],
});
