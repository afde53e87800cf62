import { z } from 'zod';
import { isValidQuality } from '../../../core/quality.ts';
import { Delays, defineCondition } from '../condition.ts';
import { hourly } from '../examples.ts';
import { hasOneLimit, isOver, type Limit, LimitShape, limitOf, limitWords, ONE_LIMIT } from '../limits.ts';
import { QuantityName, quantityName } from '../words.ts';

const Params = z
  .strictObject({
    quantity: QuantityName,
    ...LimitShape,
    n: z.number().int().min(1).max(200).describe('so many samples over the limit'),
    m: z.number().int().min(1).max(200).describe('of so many latest valid samples'),
    clearN: z
      .number()
      .int()
      .min(0)
      .max(199)
      .optional()
      .describe('cleared at so many or fewer; absent = fewer than n'),
    ...Delays,
  })
  .refine(hasOneLimit, ONE_LIMIT)
  .refine((p) => p.n <= p.m, 'n is at most m')
  .refine((p) => p.clearN === undefined || p.clearN < p.n, 'clearN is less than n');
type Params = z.infer<typeof Params>;

type Rule = Params & Limit;

/** n of the last m valid samples over a limit: one odd value neither raises nor ends it. */
export default defineCondition<Params, Rule, string, { count: number; of: number }>({
  id: 'n-of-m',
  vi: 'n trong m mẫu',
  en: 'n of m samples',
  subject: 'device',
  input: 'values',
  params: Params,
  quantity: (params) => params.quantity,
  prepare: (params) => ({ ...params, ...limitOf(params) }),

  look(memory, item, rule) {
    if (item.kind !== 'value' || !isValidQuality(item.quality)) return null;
    // One letter per sample, the oldest first: small in the database and easy to read there.
    const letters = ((memory ?? '') + (isOver(rule, item.value) ? 'x' : '.')).slice(-rule.m);
    const count = [...letters].filter((letter) => letter === 'x').length;
    return {
      memory: letters,
      holds: count >= rule.n,
      safe: count <= (rule.clearN ?? rule.n - 1),
      amount: count,
      facts: { count, of: letters.length },
      evidence: {
        quantity: rule.quantity,
        value: item.value,
        limit: rule.limit,
        over: count,
        samples: letters.length,
      },
      idle: count === 0 && !(memory ?? '').includes('x'),
    };
  },

  fact({ count, of }, rule, language) {
    const words = limitWords(rule.quantity, rule, language);
    return language === 'vi' ? `${count}/${of} mẫu có ${words}` : `${count} of ${of} samples with ${words}`;
  },

  describe(params, language) {
    const words = limitWords(params.quantity, limitOf(params), language);
    return language === 'vi'
      ? `${params.n} trong ${params.m} mẫu gần nhất có ${words}`
      : `${params.n} of the last ${params.m} samples of ${quantityName(params.quantity, 'en')} with ${words}`;
  },

  examples: [
    {
      name: 'three of the last five over the limit',
      params: { quantity: 'noise', above: 70, n: 3, m: 5, clearN: 1 },
      items: hourly([75, 60, 75, 60, 75, 60, 60, 60]),
      expect: [
        null,
        null,
        null,
        null,
        {
          kind: 'raise',
          vi: '3/5 mẫu có Tiếng ồn > 70 dBA lúc 11:00',
          en: '3 of 5 samples with Noise > 70 dBA at 11:00',
        },
        null,
        null,
        { kind: 'clear' },
      ],
    },
  ],
});
