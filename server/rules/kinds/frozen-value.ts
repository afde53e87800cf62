import { z } from 'zod';
import { formatSpan } from '../../../core/format.ts';
import { isValidQuality } from '../../../core/quality.ts';
import { defineCondition } from '../condition.ts';
import { hourly } from '../examples.ts';
import { QuantityName, quantityName, SpanS, valueWithUnit } from '../words.ts';

const Params = z.strictObject({
  quantity: QuantityName,
  stillS: z.number().min(1).max(31_536_000).describe('seconds without a change'),
  tolerance: z.number().min(0).default(0).describe('a move of no more than this is no change'),
  minSamples: z.number().int().min(2).max(10_000).default(3).describe('samples that must say the same'),
  exceptAt: z.number().optional().describe('a value at which standing still is normal, such as 0 mm of rain'),
  offS: SpanS.optional().describe('seconds that it must move again before it is cleared'),
});
type Params = z.infer<typeof Params>;

interface Memory {
  from: number;
  value: number;
  samples: number;
}

/** A sensor that goes on sending but always the same: stuck, iced up, or a gateway that repeats itself. */
export default defineCondition<Params, Params, Memory, { value: number; stillS: number; samples: number }>({
  id: 'frozen-value',
  vi: 'Giá trị đứng yên',
  en: 'Frozen value',
  subject: 'device',
  input: 'values',
  params: Params,
  quantity: (params) => params.quantity,
  prepare: (params) => params,

  look(memory, item, rule) {
    if (item.kind !== 'value' || !isValidQuality(item.quality)) return null;
    const { timeMs, value } = item;
    const same = memory !== undefined && Math.abs(value - memory.value) <= rule.tolerance;
    const next = same ? { ...memory, samples: memory.samples + 1 } : { from: timeMs, value, samples: 1 };
    const stillS = (timeMs - next.from) / 1000;
    const normal = rule.exceptAt !== undefined && Math.abs(value - rule.exceptAt) <= rule.tolerance;
    return {
      memory: next,
      holds: !normal && stillS >= rule.stillS && next.samples >= rule.minSamples,
      amount: stillS,
      facts: { value, stillS, samples: next.samples },
      evidence: {
        quantity: rule.quantity,
        value,
        stillS,
        samples: next.samples,
        unchangedSince: new Date(next.from).toISOString(),
      },
    };
  },

  fact({ value, stillS, samples }, rule, language, holding) {
    const name = quantityName(rule.quantity, language);
    const amount = valueWithUnit(rule.quantity, value, language);
    if (!holding)
      return language === 'vi' ? `${name} thay đổi trở lại, ${amount}` : `${name} moves again, ${amount}`;
    const span = formatSpan(stillS, language);
    return language === 'vi'
      ? `${name} đứng yên ở ${amount} suốt ${span} (${samples} mẫu)`
      : `${name} stands still at ${amount} for ${span} (${samples} samples)`;
  },

  describe(params, language) {
    const name = quantityName(params.quantity, language);
    const span = formatSpan(params.stillS, language);
    const except =
      params.exceptAt === undefined ? '' : valueWithUnit(params.quantity, params.exceptAt, language);
    return language === 'vi'
      ? `${name} không thay đổi trong ${span}${except && `, trừ ở ${except}`}`
      : `${name} does not change for ${span}${except && `, except at ${except}`}`;
  },

  examples: [
    {
      name: 'three hours at one value raise, the next move clears',
      params: { quantity: 'temperature', stillS: 10_800, tolerance: 0.05, minSamples: 3 },
      items: hourly([24, 25.1, 25.1, 25.12, 25.1, 25.4]),
      expect: [
        null,
        null,
        null,
        null,
        {
          kind: 'raise',
          vi: 'Nhiệt độ đứng yên ở 25,1 °C suốt 3 giờ (4 mẫu) lúc 11:00',
          en: 'Temperature stands still at 25.1 °C for 3 hours (4 samples) at 11:00',
        },
        { kind: 'clear' },
      ],
    },
    {
      name: 'no rain is no fault',
      params: { quantity: 'rainfall', stillS: 3600, tolerance: 0, minSamples: 2, exceptAt: 0 },
      items: hourly([0, 0, 0, 2, 2]),
      expect: [null, null, null, null, { kind: 'raise' }],
    },
  ],
});
