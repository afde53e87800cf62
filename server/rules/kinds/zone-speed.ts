import { z } from 'zod';
import type { Bbox } from '../../../core/reading.ts';
import { type Fence, fenceVerdict } from '../../../gis/index.ts';
import { Delays, defineCondition } from '../condition.ts';
import { fixes } from '../examples.ts';
import { valueWithUnit } from '../words.ts';
import { hasOneZone, ONE_ZONE, ZoneShape, zoneName, zoneOf, zoneWords } from '../zone.ts';

const Params = z
  .strictObject({
    ...ZoneShape,
    aboveKmh: z.number().min(0).max(400).describe('raised when faster'),
    clearBelowKmh: z.number().min(0).max(400).optional().describe('cleared when slower; absent = not faster'),
    ...Delays,
  })
  .refine(hasOneZone, ONE_ZONE)
  .refine(
    (p) => p.clearBelowKmh === undefined || p.clearBelowKmh <= p.aboveKmh,
    'clearBelowKmh is not greater',
  );
type Params = z.infer<typeof Params>;

interface Rule extends Params {
  fence: Fence;
  box: Bbox;
  name: string | null;
}

/** Too fast in a zone: past a school, in a market street. Only fixes that are surely inside count. */
export default defineCondition<Params, Rule, null, { speedKmh: number; inside: boolean }>({
  id: 'zone-speed',
  vi: 'Quá tốc độ trong vùng',
  en: 'Speed in a zone',
  subject: 'unit',
  input: 'positions',
  params: Params,
  prepare: (params, tools) => ({ ...params, ...zoneOf(params, tools) }),
  box: (rule) => rule.box,

  look(_memory, item, rule) {
    if (item.kind !== 'position') return null;
    const { side } = fenceVerdict(rule.fence, [item.lon, item.lat], item.accuracyM);
    const speedKmh = item.speedKmh;
    const inside = side === 'inside';
    const judged = side === 'outside' || (inside && speedKmh !== null);
    const fast = inside && speedKmh !== null && speedKmh > rule.aboveKmh;
    return {
      memory: null,
      holds: judged ? fast : null,
      safe:
        side === 'outside' ||
        (rule.clearBelowKmh === undefined ? !fast : speedKmh !== null && speedKmh < rule.clearBelowKmh),
      amount: speedKmh,
      facts: { speedKmh: speedKmh ?? 0, inside },
      evidence: { speedKmh, limitKmh: rule.aboveKmh, accuracyM: item.accuracyM },
      idle: true,
    };
  },

  fact({ speedKmh, inside }, rule, language, holding) {
    const name = zoneName(rule.name, language);
    const speed = valueWithUnit('speed', speedKmh, language);
    if (holding) {
      const limit = valueWithUnit('speed', rule.aboveKmh, language);
      return language === 'vi' ? `Chạy ${speed} > ${limit} trong ${name}` : `${speed} > ${limit} in ${name}`;
    }
    if (!inside) return language === 'vi' ? `Ra khỏi ${name}` : `Left ${name}`;
    return language === 'vi' ? `Chạy ${speed} trong ${name}` : `${speed} in ${name}`;
  },

  describe(params, language, tools) {
    const limit = valueWithUnit('speed', params.aboveKmh, language);
    const name = zoneWords(params, tools, language);
    return language === 'vi' ? `Chạy quá ${limit} trong ${name}` : `Faster than ${limit} in ${name}`;
  },

  examples: [
    {
      name: 'fast outside is nothing, fast inside raises, slow clears',
      params: { circle: { centre: [105.15, 9.18], radiusM: 1000 }, aboveKmh: 40, clearBelowKmh: 35 },
      items: fixes([
        { at: [105.12, 9.18], speedKmh: 70 },
        { at: [105.15, 9.18], speedKmh: 52 },
        { at: [105.151, 9.18], speedKmh: 38 },
        { at: [105.152, 9.18], speedKmh: 30 },
      ]),
      expect: [
        null,
        {
          kind: 'raise',
          vi: 'Chạy 52 km/h > 40 km/h trong vùng đã vẽ lúc 07:01',
          en: '52 km/h > 40 km/h in the drawn zone at 07:01',
        },
        null,
        { kind: 'clear' },
      ],
    },
  ],
});
