import { z } from 'zod';
import { formatSpan } from '../../../core/format.ts';
import { isValidQuality } from '../../../core/quality.ts';
import { Delays, defineCondition } from '../condition.ts';
import { exampleTime, tick, valuesEvery } from '../examples.ts';
import { hasOneLimit, isOver, type Limit, LimitShape, limitOf, limitWords, ONE_LIMIT } from '../limits.ts';
import { QuantityName } from '../words.ts';

const MOST = 500;

const Params = z
  .strictObject({
    quantity: QuantityName,
    ...LimitShape,
    count: z.number().int().min(1).max(MOST).describe('so many samples over the limit'),
    windowS: z.number().min(1).max(604_800).describe('seconds looked back'),
    ...Delays,
  })
  .refine(hasOneLimit, ONE_LIMIT);
type Params = z.infer<typeof Params>;

type Rule = Params & Limit & { windowMs: number };

/** How often something happened within a window: door openings, pump starts, passages. Older ones drop out by the clock. */
export default defineCondition<Params, Rule, number[], { count: number }>({
  id: 'count-in-window',
  vi: 'Số lần trong khoảng thời gian',
  en: 'Count in a window',
  subject: 'device',
  input: 'values',
  params: Params,
  quantity: (params) => params.quantity,
  prepare: (params) => ({ ...params, ...limitOf(params), windowMs: params.windowS * 1000 }),

  look(memory, item, rule) {
    if (item.kind === 'position' || (item.kind === 'value' && !isValidQuality(item.quality))) return null;
    const from = item.timeMs - rule.windowMs;
    const times = (memory ?? []).filter((time) => time > from);
    if (item.kind === 'value' && isOver(rule, item.value)) times.push(item.timeMs);
    return {
      // More than is asked for need not be remembered: the latest ones decide when it ends.
      memory: times.slice(-rule.count),
      holds: times.length >= rule.count,
      amount: times.length,
      facts: { count: times.length },
      evidence: { quantity: rule.quantity, count: times.length, limit: rule.limit, windowS: rule.windowS },
      idle: times.length === 0 && (memory ?? []).length === 0,
    };
  },

  // The alarm ends when the oldest of those it needs drops out, whether or not anything comes.
  deadlineMs: (memory, rule, raised) =>
    raised && memory[0] !== undefined ? memory[0] + rule.windowMs : null,

  fact({ count }, rule, language) {
    const words = limitWords(rule.quantity, rule, language);
    const span = formatSpan(rule.windowS, language);
    return language === 'vi'
      ? `${count} lần ${words} trong ${span}`
      : `${count} times ${words} within ${span}`;
  },

  describe(params, language) {
    const words = limitWords(params.quantity, limitOf(params), language);
    const span = formatSpan(params.windowS, language);
    return language === 'vi'
      ? `Ít nhất ${params.count} lần ${words} trong ${span}`
      : `At least ${params.count} times ${words} within ${span}`;
  },

  examples: [
    {
      name: 'two of half an hour and one before it are not three',
      params: { quantity: 'occupancy', above: 90, count: 3, windowS: 1800 },
      items: [...valuesEvery(10, [95, 50, 95, 95, 50]), tick(exampleTime(7, 45)), tick(exampleTime(7, 55))],
      expect: [null, null, null, null, null, null, null],
    },
    {
      name: 'three in a row, then silence',
      params: { quantity: 'occupancy', above: 90, count: 3, windowS: 1800 },
      items: [...valuesEvery(10, [95, 95, 95]), tick(exampleTime(7, 29)), tick(exampleTime(7, 30))],
      expect: [
        null,
        null,
        {
          kind: 'raise',
          vi: '3 lần Độ chiếm dụng > 90 % trong 30 phút lúc 07:20',
          en: '3 times Occupancy > 90 % within 30 minutes at 07:20',
        },
        null,
        { kind: 'clear' },
      ],
    },
  ],
});
