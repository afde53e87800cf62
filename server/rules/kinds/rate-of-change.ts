import { z } from 'zod';
import { formatClock, formatSpan, type Language } from '../../../core/format.ts';
import { isValidQuality } from '../../../core/quality.ts';
import { valuesEvery } from '../examples.ts';
import { defineKind, type KindState } from '../kind.ts';
import { isUpdateDue, type Told } from '../updates.ts';
import { both, QuantityName, quantityName, valueWithUnit } from '../words.ts';

const Params = z
  .strictObject({
    quantity: QuantityName,
    windowS: z.number().min(1).max(604_800).describe('seconds looked back, at most a week'),
    rise: z.number().positive().optional().describe('raised when the value rose by more than this'),
    fall: z.number().positive().optional().describe('raised when the value fell by more than this'),
    clear: z
      .number()
      .min(0)
      .optional()
      .describe('cleared when the change is less; absent = not over any more'),
  })
  .refine((p) => (p.rise === undefined) !== (p.fall === undefined), 'give either rise or fall')
  .refine((p) => p.clear === undefined || p.clear <= (p.rise ?? p.fall ?? 0), 'clear is not greater');
type Params = z.infer<typeof Params>;

interface Rule {
  quantity: string;
  /** 1 = rise, −1 = fall. */
  sign: 1 | -1;
  limit: number;
  clear: number | null;
  windowMs: number;
  timeZone: string;
}

type Sample = [timeMs: number, value: number];

interface State extends KindState {
  /** Samples of the window, the oldest first; at most {@link RING} and one. */
  ring: Sample[];
  peak: number | null;
  told: Told;
}

/**
 * Samples kept per window. Those that come closer together than a 128th of the window are compared but not kept, so
 * the oldest kept one is never further from the true oldest than that, however fast a device sends.
 */
const RING = 128;

/** How much a value changed within a window: against the oldest valid sample that is not older than the window. */
export default defineKind<Params, Rule, State>({
  id: 'rate-of-change',
  vi: 'Thay đổi nhanh',
  en: 'Rate of change',
  subject: 'device',
  input: 'values',
  params: Params,
  quantity: (params) => params.quantity,
  applies: () => true,
  prepare: (params, tools) => ({
    quantity: params.quantity,
    sign: params.rise === undefined ? -1 : 1,
    limit: params.rise ?? params.fall ?? 0,
    clear: params.clear ?? null,
    windowMs: params.windowS * 1000,
    timeZone: tools.timeZone,
  }),

  evaluate(previous, item, rule) {
    if (item.kind !== 'value' || !isValidQuality(item.quality)) return null;
    const { timeMs: t, value } = item;
    if (previous && t <= previous.t) return null;
    const ring = (previous?.ring ?? []).filter(([timeMs]) => timeMs >= t - rule.windowMs);
    const oldest: Sample = ring[0] ?? [t, value];
    const newest = ring.at(-1);
    if (!newest || t - newest[0] >= rule.windowMs / RING) ring.push([t, value]);

    const change = difference(value, oldest[1]) * rule.sign;
    const over = change > rule.limit;
    const wasRaised = previous?.raised ?? false;
    const raised = wasRaised ? (rule.clear === null ? over : change >= rule.clear) : over;
    const peak = raised ? Math.max(wasRaised ? (previous?.peak ?? change) : change, change) : null;
    const told: Told = previous?.told ?? [0, null];
    const kind = raised !== wasRaised ? (raised ? 'raise' : 'clear') : 'update';
    const due = raised !== wasRaised || (raised && isUpdateDue(told, t, peak));
    return {
      // The ring is what the next item is compared with, so every step of it is kept.
      state: { t, raised, ring, peak, told: due ? [t, peak] : told },
      durable: true,
      signal: due
        ? {
            kind,
            timeMs: t,
            position: item.position,
            areaId: item.areaId,
            evidence: {
              quantity: rule.quantity,
              value,
              from: oldest[1],
              fromTime: new Date(oldest[0]).toISOString(),
              change: change * rule.sign,
              limit: rule.limit * rule.sign,
              windowS: rule.windowMs / 1000,
            },
            explanation: both((language) => sentence(kind === 'clear', oldest, [t, value], rule, language)),
            peak: raised ? peak : (previous?.peak ?? null),
          }
        : null,
    };
  },

  explain: (params) =>
    both((language) => {
      const name = quantityName(params.quantity, language);
      const limit = valueWithUnit(params.quantity, params.rise ?? params.fall ?? 0, language);
      const span = formatSpan(params.windowS, language);
      const clear = params.clear === undefined ? '' : valueWithUnit(params.quantity, params.clear, language);
      if (language === 'vi') {
        const verb = params.rise === undefined ? 'giảm' : 'tăng';
        return `${name} ${verb} hơn ${limit} trong ${span}${clear && `, hết khi dưới ${clear}`}`;
      }
      const verb = params.rise === undefined ? 'falls' : 'rises';
      return `${name} ${verb} by more than ${limit} within ${span}${clear && `, cleared under ${clear}`}`;
    }),

  examples: [
    {
      name: 'a river that rises more than 30 cm within an hour',
      params: { quantity: 'water_level', windowS: 3600, rise: 0.3, clear: 0.1 },
      items: valuesEvery(20, [1, 1.1, 1.2, 1.31, 1.5, 1.5, 1.5, 1.5, 1.5]),
      expect: [
        null,
        null,
        null,
        {
          kind: 'raise',
          vi: 'Mực nước tăng 0,31 m > 0,3 m trong 1 giờ (từ 1 m lúc 07:00 đến 1,31 m lúc 08:00)',
          en: 'Water level rose by 0.31 m > 0.3 m within 1 hour (from 1 m at 07:00 to 1.31 m at 08:00)',
        },
        { kind: 'update' },
        { kind: 'update' },
        { kind: 'update' },
        { kind: 'clear' },
        null,
      ],
    },
    {
      name: 'a fall is not a rise',
      params: { quantity: 'pressure', windowS: 10_800, fall: 3 },
      items: valuesEvery(60, [1016, 1015, 1014, 1012.5]),
      expect: [null, null, null, { kind: 'raise' }],
    },
    {
      name: 'samples older than the window are forgotten',
      params: { quantity: 'water_level', windowS: 3600, rise: 0.3 },
      items: valuesEvery(61, [1, 2, 3]),
      expect: [null, null, null],
    },
  ],
});

/** Without the last binary digits: 1.5 − 1.2 is 0.3 to everybody who writes rules. */
function difference(to: number, from: number): number {
  return Math.round((to - from) * 1e9) / 1e9;
}

function sentence(ended: boolean, from: Sample, to: Sample, rule: Rule, language: Language): string {
  const change = difference(to[1], from[1]) * rule.sign;
  const amount = valueWithUnit(rule.quantity, change, language);
  const limit = valueWithUnit(rule.quantity, rule.limit, language);
  const start = valueWithUnit(rule.quantity, from[1], language);
  const end = valueWithUnit(rule.quantity, to[1], language);
  const span = formatSpan((to[0] - from[0]) / 1000, language);
  const startAt = formatClock(from[0], rule.timeZone, to[0]);
  const endAt = formatClock(to[0], rule.timeZone);
  const name = quantityName(rule.quantity, language);
  const compared = change > rule.limit ? ` > ${limit}` : '';
  if (language === 'vi') {
    const verb = rule.sign === 1 ? 'tăng' : 'giảm';
    return ended
      ? `${name} chỉ còn ${verb} ${amount} trong ${span} (${end} lúc ${endAt})`
      : `${name} ${verb} ${amount}${compared} trong ${span} (từ ${start} lúc ${startAt} đến ${end} lúc ${endAt})`;
  }
  const verb = rule.sign === 1 ? 'rose' : 'fell';
  return ended
    ? `${name} ${verb} by only ${amount} within ${span} (${end} at ${endAt})`
    : `${name} ${verb} by ${amount}${compared} within ${span} (from ${start} at ${startAt} to ${end} at ${endAt})`;
}
