import { z } from 'zod';
import { isValidQuality } from '../../../core/quality.ts';
import { Delays, defineCondition } from '../condition.ts';
import { hourly } from '../examples.ts';
import { QuantityName, quantityName, valueWithUnit } from '../words.ts';

const Params = z
  .strictObject({
    quantity: QuantityName,
    low: z.number().describe('lower end; the ends themselves are in the band'),
    high: z.number().describe('upper end'),
    alarm: z.enum(['outside', 'inside']).default('outside').describe('where the value is wrong'),
    deadband: z.number().min(0).default(0).describe('how far beyond the edge it must be to end'),
    ...Delays,
  })
  .refine((p) => p.low < p.high, 'low is less than high')
  .refine(
    (p) => p.alarm === 'inside' || 2 * p.deadband < p.high - p.low,
    'the deadband leaves no room in the band',
  );
type Params = z.infer<typeof Params>;

/** A value that belongs between two limits (pH, pressure), or that must not stay there. */
export default defineCondition<Params, Params, null, { value: number }>({
  id: 'band',
  vi: 'Khoảng giá trị',
  en: 'Band',
  subject: 'device',
  input: 'values',
  params: Params,
  quantity: (params) => params.quantity,
  prepare: (params) => params,

  look(_memory, item, rule) {
    if (item.kind !== 'value' || !isValidQuality(item.quality)) return null;
    const { value } = item;
    const beyond = exact(Math.max(rule.low - value, value - rule.high));
    const depth = exact(Math.min(value - rule.low, rule.high - value));
    const holds = rule.alarm === 'outside' ? beyond > 0 : depth >= 0;
    return {
      memory: null,
      holds,
      safe: !holds && (rule.alarm === 'outside' ? depth >= rule.deadband : beyond >= rule.deadband),
      amount: rule.alarm === 'outside' ? beyond : depth,
      facts: { value },
      evidence: { quantity: rule.quantity, value, low: rule.low, high: rule.high, alarm: rule.alarm },
      idle: true,
    };
  },

  fact({ value }, rule, language, holding) {
    const name = quantityName(rule.quantity, language);
    const outside = (rule.alarm === 'outside') === holding;
    const words = { vi: outside ? 'ngoài' : 'trong', en: outside ? 'outside' : 'within' }[language];
    return `${name} = ${valueWithUnit(rule.quantity, value, language)} ${words} ${band(rule, language)}`;
  },

  describe(params, language) {
    const words =
      params.alarm === 'outside'
        ? { vi: 'ngoài khoảng', en: 'outside' }
        : { vi: 'trong khoảng', en: 'within' };
    return `${quantityName(params.quantity, language)} ${words[language]} ${band(params, language)}`;
  },

  examples: [
    {
      name: 'acid and alkaline water raise, and it must come back past the deadband',
      params: { quantity: 'ph', low: 6, high: 8.5, alarm: 'outside', deadband: 0.2 },
      items: hourly([7, 6, 5.9, 6.1, 6.2, 8.6, 8.4, 8.3]),
      expect: [
        null,
        null,
        { kind: 'raise', vi: 'pH = 5,9 ngoài 6–8,5 lúc 09:00', en: 'pH = 5.9 outside 6–8.5 at 09:00' },
        null,
        { kind: 'clear', vi: 'pH = 6,2 trong 6–8,5 lúc 11:00' },
        { kind: 'raise' },
        null,
        { kind: 'clear' },
      ],
    },
    {
      name: 'a pump that stays in its resonance',
      params: {
        quantity: 'pressure',
        low: 1000,
        high: 1010,
        alarm: 'inside',
        deadband: 0,
        forS: 3600,
        offS: 3600,
      },
      items: hourly([1005, 1005, 1015, 1005, 1015, 1015]),
      expect: [null, { kind: 'raise' }, null, { kind: 'update' }, null, { kind: 'clear' }],
    },
  ],
});

/** Without the last binary digits: 8.5 − 8.3 is 0.2 to everybody who writes rules. */
function exact(difference: number): number {
  return Math.round(difference * 1e9) / 1e9;
}

function band(p: { quantity: string; low: number; high: number }, language: 'vi' | 'en'): string {
  return `${valueWithUnit(p.quantity, p.low, language, false)}–${valueWithUnit(p.quantity, p.high, language)}`;
}
