import { z } from 'zod';
import { isValidQuality } from '../../../core/quality.ts';
import { Delays, defineCondition } from '../condition.ts';
import { from } from '../examples.ts';
import { hasOneLimit, isOver, type Limit, LimitShape, limitOf, limitWords, ONE_LIMIT } from '../limits.ts';
import { fresh, MaxAge, type Members, newestOf, withMember } from '../members.ts';
import { QuantityName } from '../words.ts';

const Params = z
  .strictObject({
    quantity: QuantityName,
    ...LimitShape,
    k: z.number().int().min(1).max(5000).describe('so many stations over the limit at once'),
    clearK: z
      .number()
      .int()
      .min(0)
      .max(4999)
      .optional()
      .describe('cleared at so many or fewer; absent = fewer than k'),
    maxAgeS: MaxAge,
    ...Delays,
  })
  .refine(hasOneLimit, ONE_LIMIT)
  .refine((p) => p.clearK === undefined || p.clearK < p.k, 'clearK is less than k');
type Params = z.infer<typeof Params>;

type Rule = Params & Limit;

interface Facts {
  over: number;
  of: number;
}

/** At least k stations over a limit at the same time: one broken sensor is not a polluted province. */
export default defineCondition<Params, Rule, Members<[value: number]>, Facts>({
  id: 'k-of-n',
  vi: 'k trong số các trạm',
  en: 'k of n stations',
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
    const over = known.filter(([, [, value]]) => isOver(rule, value));
    return {
      memory: Object.fromEntries(known),
      holds: over.length >= rule.k,
      safe: over.length <= (rule.clearK ?? rule.k - 1),
      amount: over.length,
      facts: { over: over.length, of: known.length },
      evidence: {
        quantity: rule.quantity,
        limit: rule.limit,
        over: over.length,
        stations: known.length,
        which: over.slice(0, 20).map(([id, [time, value]]) => [id, new Date(time).toISOString(), value]),
      },
      idle: true,
    };
  },

  fact({ over, of }, rule, language) {
    const words = limitWords(rule.quantity, rule, language);
    return language === 'vi' ? `${over}/${of} trạm có ${words}` : `${over} of ${of} stations with ${words}`;
  },

  describe(params, language) {
    const words = limitWords(params.quantity, limitOf(params), language);
    return language === 'vi'
      ? `Ít nhất ${params.k} trạm cùng có ${words}`
      : `At least ${params.k} stations at once with ${words}`;
  },

  examples: [
    {
      name: 'the second station raises, and one that falls silent counts no more',
      params: { quantity: 'pm25', above: 100, k: 2, maxAgeS: 3600 },
      items: [
        from('a', 0, 150),
        from('b', 1, 90),
        from('b', 10, 120),
        from('b', 20, 130),
        from('b', 62, 130),
      ],
      expect: [
        null,
        null,
        {
          kind: 'raise',
          vi: '2/2 trạm có PM2,5 > 100 µg/m³ lúc 07:10',
          en: '2 of 2 stations with PM2.5 > 100 µg/m³ at 07:10',
        },
        { kind: 'update' },
        { kind: 'clear' },
      ],
    },
  ],
});
