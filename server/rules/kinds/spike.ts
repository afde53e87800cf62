import { z } from 'zod';
import { isValidQuality } from '../../../core/quality.ts';
import { Delays, defineCondition } from '../condition.ts';
import { hourly } from '../examples.ts';
import { QuantityName, quantityName, valueWithUnit } from '../words.ts';

const Params = z.strictObject({
  quantity: QuantityName,
  jump: z.number().positive().describe('further than this from the middle of the samples before'),
  samples: z.number().int().min(3).max(99).default(5).describe('valid samples before it that are looked at'),
  ...Delays,
});
type Params = z.infer<typeof Params>;

/**
 * A value that does not fit those before it: a hit sensor, a broken wire, a digit too many. It is compared with the
 * median of the last samples, which one wild value cannot move; a real new level becomes the median by itself.
 */
export default defineCondition<Params, Params, number[], { value: number; median: number }>({
  id: 'spike',
  vi: 'Giá trị vọt',
  en: 'Spike',
  subject: 'device',
  input: 'values',
  params: Params,
  quantity: (params) => params.quantity,
  prepare: (params) => params,

  look(memory, item, rule) {
    if (item.kind !== 'value' || !isValidQuality(item.quality)) return null;
    const before = memory ?? [];
    const { value } = item;
    const next = [...before, value].slice(-rule.samples);
    if (before.length < rule.samples) {
      return { memory: next, holds: null, amount: null, facts: { value, median: value }, evidence: {} };
    }
    const median = medianOf(before);
    const off = Math.abs(value - median);
    return {
      memory: next,
      holds: off > rule.jump,
      amount: off,
      facts: { value, median },
      evidence: { quantity: rule.quantity, value, median, jump: rule.jump, before },
    };
  },

  fact({ value, median }, rule, language, holding) {
    const name = quantityName(rule.quantity, language);
    const fact = `${name} = ${valueWithUnit(rule.quantity, value, language)}`;
    const middle = valueWithUnit(rule.quantity, median, language);
    if (language === 'vi')
      return holding ? `${fact}, lệch khỏi trung vị ${middle}` : `${fact}, gần trung vị ${middle}`;
    return holding ? `${fact}, off the median ${middle}` : `${fact}, close to the median ${middle}`;
  },

  describe(params, language) {
    const name = quantityName(params.quantity, language);
    const jump = valueWithUnit(params.quantity, params.jump, language);
    return language === 'vi'
      ? `${name} lệch hơn ${jump} so với trung vị ${params.samples} mẫu trước`
      : `${name} more than ${jump} off the median of the ${params.samples} samples before`;
  },

  examples: [
    {
      name: 'one wild value among quiet ones',
      params: { quantity: 'water_level', jump: 1, samples: 3 },
      items: hourly([1.2, 1.3, 1.2, 9, 1.3, 3, 3, 3]),
      expect: [
        null,
        null,
        null,
        {
          kind: 'raise',
          vi: 'Mực nước = 9 m, lệch khỏi trung vị 1,2 m lúc 10:00',
          en: 'Water level = 9 m, off the median 1.2 m at 10:00',
        },
        { kind: 'clear' },
        { kind: 'raise' },
        { kind: 'clear' },
        null,
      ],
    },
  ],
});

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}
