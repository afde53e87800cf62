import { z } from 'zod';
import { formatNumber } from '../../../core/format.ts';
import { isValidQuality } from '../../../core/quality.ts';
import { Delays, defineCondition } from '../condition.ts';
import { from } from '../examples.ts';
import { hasOneLimit, isOver, type Limit, LimitShape, limitOf, ONE_LIMIT } from '../limits.ts';
import { fresh, MaxAge, type Members, newestOf, withMember } from '../members.ts';
import { QuantityName, quantityName, valueWithUnit } from '../words.ts';

const Params = z
  .strictObject({
    quantity: QuantityName,
    statistic: z.enum(['mean', 'percentile', 'min', 'max']),
    percentile: z
      .number()
      .min(0)
      .max(100)
      .optional()
      .describe('with `percentile`: 90 = nine stations of ten are at most there'),
    ...LimitShape,
    minStations: z.number().int().min(1).max(5000).default(2).describe('fewer say nothing'),
    maxAgeS: MaxAge,
    ...Delays,
  })
  .refine(hasOneLimit, ONE_LIMIT)
  .refine(
    (p) => (p.statistic === 'percentile') === (p.percentile !== undefined),
    'percentile goes with statistic percentile',
  );
type Params = z.infer<typeof Params>;

type Rule = Params & Limit;

interface Facts {
  value: number;
  stations: number;
}

/** The mean, the extreme or a percentile over the newest values of all stations of the rule. */
export default defineCondition<Params, Rule, Members<[value: number]>, Facts>({
  id: 'area-statistic',
  vi: 'Thống kê theo vùng',
  en: 'Statistic of an area',
  subject: 'group',
  input: 'values',
  params: Params,
  quantity: (params) => params.quantity,
  many: true,
  prepare: (params) => ({ ...params, ...limitOf(params) }),

  look(memory, item, rule) {
    if (item.kind !== 'value' || !isValidQuality(item.quality)) return null;
    const members = withMember(memory, item.deviceId, [item.timeMs, item.value]);
    if (!members) return null;
    const known = fresh(members, newestOf(members, item.timeMs), rule.maxAgeS);
    const value = statisticOf(
      known.map(([, [, of]]) => of),
      rule,
    );
    const enough = known.length >= rule.minStations;
    return {
      memory: Object.fromEntries(known),
      holds: enough ? isOver(rule, value) : null,
      amount: value * rule.sign,
      facts: { value, stations: known.length },
      evidence: {
        quantity: rule.quantity,
        statistic: rule.statistic,
        value,
        limit: rule.limit,
        stations: known.length,
      },
      idle: true,
    };
  },

  fact({ value, stations }, rule, language, holding) {
    const fact = `${statisticName(rule, language)} = ${valueWithUnit(rule.quantity, value, language)}`;
    const sign = rule.sign === 1 ? '>' : '<';
    const limit = holding ? ` ${sign} ${valueWithUnit(rule.quantity, rule.limit, language, false)}` : '';
    return language === 'vi'
      ? `${fact}${limit} (${stations} trạm)`
      : `${fact}${limit} (${stations} stations)`;
  },

  describe(params, language) {
    const { sign, limit } = limitOf(params);
    const words = { vi: sign === 1 ? 'trên' : 'dưới', en: sign === 1 ? 'above' : 'below' }[language];
    return `${statisticName(params, language)} ${words} ${valueWithUnit(params.quantity, limit, language)}`;
  },

  examples: [
    {
      name: 'the mean of three stations',
      params: { quantity: 'pm25', statistic: 'mean', above: 100, minStations: 3, maxAgeS: 3600 },
      items: [from('a', 0, 150), from('b', 1, 150), from('c', 2, 60), from('c', 3, 0)],
      expect: [
        null,
        null,
        {
          kind: 'raise',
          vi: 'PM2,5 trung bình các trạm = 120 µg/m³ > 100 (3 trạm) lúc 07:02',
          en: 'PM2.5, mean of the stations = 120 µg/m³ > 100 (3 stations) at 07:02',
        },
        { kind: 'clear' },
      ],
    },
    {
      name: 'the median is the 50th percentile',
      params: {
        quantity: 'salinity',
        statistic: 'percentile',
        percentile: 50,
        below: 2,
        minStations: 2,
        maxAgeS: 3600,
      },
      items: [from('a', 0, 1), from('b', 1, 4), from('c', 2, 1.5)],
      expect: [null, null, { kind: 'raise' }],
    },
  ],
});

function statisticOf(values: readonly number[], rule: Params): number {
  if (rule.statistic === 'mean') return values.reduce((sum, value) => sum + value, 0) / values.length;
  const sorted = [...values].sort((a, b) => a - b);
  const share = { min: 0, max: 100, percentile: rule.percentile ?? 50 }[rule.statistic] / 100;
  // Linear between the two nearest ranks.
  const rank = share * (sorted.length - 1);
  const low = sorted[Math.floor(rank)] ?? 0;
  const high = sorted[Math.ceil(rank)] ?? low;
  return low + (high - low) * (rank - Math.floor(rank));
}

function statisticName(params: Params, language: 'vi' | 'en'): string {
  const name = quantityName(params.quantity, language);
  const percent = formatNumber(params.percentile ?? 50, 1, language);
  const words = {
    vi: {
      mean: 'trung bình các trạm',
      min: 'thấp nhất các trạm',
      max: 'cao nhất các trạm',
      percentile: `phân vị ${percent} các trạm`,
    },
    en: {
      mean: 'mean of the stations',
      min: 'lowest of the stations',
      max: 'highest of the stations',
      percentile: `percentile ${percent} of the stations`,
    },
  }[language][params.statistic];
  return language === 'vi' ? `${name} ${words}` : `${name}, ${words}`;
}
