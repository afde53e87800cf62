import { z } from 'zod';
import { formatNumber } from '../../../core/format.ts';
import { isValidQuality } from '../../../core/quality.ts';
import { Delays, defineCondition } from '../condition.ts';
import { hourly } from '../examples.ts';
import { QuantityName, quantityName, valueWithUnit } from '../words.ts';

const HOUR_MS = 3_600_000;
const WEEK_H = 168;

const Params = z
  .strictObject({
    quantity: QuantityName,
    morePercent: z
      .number()
      .positive()
      .max(100_000)
      .optional()
      .describe('raised when so much more than a week ago'),
    lessPercent: z.number().positive().max(100).optional().describe('raised when so much less'),
    atLeast: z.number().min(0).default(0).describe('a difference smaller than this never counts'),
    ...Delays,
  })
  .refine(
    (p) => (p.morePercent === undefined) !== (p.lessPercent === undefined),
    'give either morePercent or lessPercent',
  );
type Params = z.infer<typeof Params>;

/** Means of whole hours, the oldest first: number of the hour since 1970, sum, count. */
type Hours = [hour: number, sum: number, count: number][];

/** A value against the mean of the same hour a week before: what is normal on Monday at eight is known from last Monday. */
export default defineCondition<Params, Params, Hours, { value: number; before: number }>({
  id: 'last-week',
  vi: 'So với cùng giờ tuần trước',
  en: 'Against the same hour last week',
  subject: 'device',
  input: 'values',
  params: Params,
  quantity: (params) => params.quantity,
  prepare: (params) => params,

  look(memory, item, rule) {
    if (item.kind !== 'value' || !isValidQuality(item.quality)) return null;
    const hour = Math.floor(item.timeMs / HOUR_MS);
    const hours: Hours = (memory ?? []).filter(([of]) => of >= hour - WEEK_H);
    const last = hours.at(-1);
    if (last && last[0] === hour) hours[hours.length - 1] = [hour, last[1] + item.value, last[2] + 1];
    else hours.push([hour, item.value, 1]);
    const then = hours[0]?.[0] === hour - WEEK_H ? hours[0] : undefined;
    if (!then)
      return {
        memory: hours,
        holds: null,
        amount: null,
        facts: { value: item.value, before: 0 },
        evidence: {},
      };
    const before = then[1] / then[2];
    const change = rule.morePercent === undefined ? before - item.value : item.value - before;
    const limit = (Math.abs(before) * (rule.morePercent ?? rule.lessPercent ?? 0)) / 100;
    return {
      memory: hours,
      holds: change > limit && change >= rule.atLeast,
      amount: change,
      facts: { value: item.value, before },
      evidence: { quantity: rule.quantity, value: item.value, weekBefore: before, samplesThen: then[2] },
    };
  },

  fact({ value, before }, rule, language) {
    const fact = `${quantityName(rule.quantity, language)} = ${valueWithUnit(rule.quantity, value, language)}`;
    const then = valueWithUnit(rule.quantity, before, language);
    return language === 'vi'
      ? `${fact}, cùng giờ tuần trước ${then},`
      : `${fact}, same hour last week ${then},`;
  },

  describe(params, language) {
    const name = quantityName(params.quantity, language);
    const percent = formatNumber(params.morePercent ?? params.lessPercent ?? 0, 1, language);
    const more = params.morePercent !== undefined;
    return language === 'vi'
      ? `${name} ${more ? 'cao' : 'thấp'} hơn ${percent} % so với cùng giờ tuần trước`
      : `${name} ${percent} % ${more ? 'more' : 'less'} than at the same hour last week`;
  },

  examples: [
    {
      name: 'twice the traffic of last week',
      params: { quantity: 'traffic_flow', morePercent: 50, atLeast: 100 },
      items: [...hourly([400, 420]), ...hourly([600, 700], { from: 7 + WEEK_H })],
      expect: [
        null,
        null,
        null,
        {
          kind: 'raise',
          vi: 'Lưu lượng xe = 700 xe/h, cùng giờ tuần trước 420 xe/h, lúc 08:00',
          en: 'Traffic flow = 700 xe/h, same hour last week 420 xe/h, at 08:00',
        },
      ],
    },
    {
      name: 'without a value a week ago nothing is said',
      params: { quantity: 'traffic_flow', lessPercent: 50, atLeast: 0 },
      items: hourly([400, 1]),
      expect: [null, null],
    },
  ],
});
