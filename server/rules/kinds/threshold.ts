import { z } from 'zod';
import { formatClock, formatSpan, type Language } from '../../../core/format.ts';
import { isValidQuality } from '../../../core/quality.ts';
import { hourly } from '../examples.ts';
import { defineKind, type KindState } from '../kind.ts';
import { isUpdateDue, type Told } from '../updates.ts';
import { both, QuantityName, quantityName, SpanS, valueWithUnit } from '../words.ts';

const Params = z
  .strictObject({
    quantity: QuantityName,
    above: z.number().optional().describe('raised when strictly greater'),
    below: z.number().optional().describe('raised when strictly less'),
    clearBelow: z
      .number()
      .optional()
      .describe('with `above`: cleared when strictly less; absent = not above'),
    clearAbove: z.number().optional().describe('with `below`: cleared when strictly greater'),
    forS: SpanS.optional().describe('seconds that every valid sample must hold before it is raised'),
    offS: SpanS.optional().describe('seconds that every valid sample must be safe before it is cleared'),
  })
  .refine((p) => (p.above === undefined) !== (p.below === undefined), 'give either above or below')
  .refine(
    (p) => p.clearBelow === undefined || (p.above !== undefined && p.clearBelow <= p.above),
    'clearBelow goes with above and is not greater',
  )
  .refine(
    (p) => p.clearAbove === undefined || (p.below !== undefined && p.clearAbove >= p.below),
    'clearAbove goes with below and is not less',
  );
type Params = z.infer<typeof Params>;

interface Rule {
  quantity: string;
  /** 1 = above, −1 = below: everything is compared as value × sign. */
  sign: 1 | -1;
  limit: number;
  clear: number | null;
  forMs: number;
  offMs: number;
  timeZone: string;
}

interface State extends KindState {
  /** Time of the first sample of the stretch over the limit; null = not over. */
  since: number | null;
  /** First sample of the stretch that may end a standing alarm; absent = there is none. */
  safeSince?: number | null;
  /** Valid samples of the stretch. */
  samples: number;
  peak: number | null;
  /** The latest samples of the stretch, for the evidence. */
  recent: [timeMs: number, value: number][];
  told: Told;
}

const RECENT = 12;

/**
 * Over a limit for a time, with hysteresis, in event time only: the condition must hold for every valid sample from
 * t0 on; raised by the first sample at or after t0 + forS; cleared by the first sample on the safe side of `clear…`.
 */
export default defineKind<Params, Rule, State>({
  id: 'threshold',
  vi: 'Vượt ngưỡng',
  en: 'Threshold',
  subject: 'device',
  input: 'values',
  params: Params,
  quantity: (params) => params.quantity,
  applies: () => true,
  prepare: (params, tools) => ({
    quantity: params.quantity,
    sign: params.above === undefined ? -1 : 1,
    limit: params.above ?? params.below ?? 0,
    clear: params.clearBelow ?? params.clearAbove ?? null,
    forMs: (params.forS ?? 0) * 1000,
    offMs: (params.offS ?? 0) * 1000,
    timeZone: tools.timeZone,
  }),

  evaluate(previous, item, rule) {
    if (item.kind !== 'value' || !isValidQuality(item.quality)) return null;
    const { timeMs: t, value } = item;
    if (previous && t <= previous.t) return null;
    const place = { timeMs: t, position: item.position, areaId: item.areaId };
    const over = value * rule.sign > rule.limit * rule.sign;

    if (previous?.raised) {
      const safe = rule.clear === null ? !over : value * rule.sign < rule.clear * rule.sign;
      const safeSince = safe ? (previous.safeSince ?? t) : null;
      if (safeSince !== null && t - safeSince >= rule.offMs) {
        return {
          state: idle(t),
          durable: true,
          signal: {
            ...place,
            kind: 'clear',
            evidence: { ...evidenceOf(previous, rule), value, clearedAt: new Date(t).toISOString() },
            explanation: both((language) => clearSentence(previous, t, value, rule, language)),
            peak: previous.peak,
          },
        };
      }
      // On its way out it is counted no further; what was true while it stood stays told.
      if (safeSince !== null) return { state: { ...previous, t, safeSince }, durable: true, signal: null };
      const state = held(previous, t, value, rule);
      if (!isUpdateDue(previous.told, t, state.peak)) return { state, durable: true, signal: null };
      state.told = [t, state.peak];
      return { state, durable: true, signal: { ...place, kind: 'update', ...told(state, value, rule) } };
    }

    if (!over) return { state: idle(t), durable: previous?.since != null, signal: null };
    const state = held(previous, t, value, rule);
    if (t - (state.since ?? t) < rule.forMs) return { state, durable: true, signal: null };
    state.raised = true;
    state.told = [t, state.peak];
    return { state, durable: true, signal: { ...place, kind: 'raise', ...told(state, value, rule) } };
  },

  explain: (params) =>
    both((language) => {
      const limit = valueWithUnit(params.quantity, params.above ?? params.below ?? 0, language);
      const name = quantityName(params.quantity, language);
      const clear = params.clearBelow ?? params.clearAbove;
      const hold = params.forS ? formatSpan(params.forS, language) : '';
      const sides = { vi: ['trên', 'dưới'], en: ['above', 'below'] }[language];
      const [over, safe] = params.above === undefined ? [...sides].reverse() : sides;
      const end = clear === undefined ? '' : valueWithUnit(params.quantity, clear, language);
      const off = params.offS ? formatSpan(params.offS, language) : '';
      if (language === 'vi') {
        const ends = off
          ? `, hết khi ${end ? `${safe} ${end}` : 'không còn vượt'} liên tục ${off}`
          : end && `, hết khi ${safe} ${end}`;
        return `${name} ${over} ${limit}${hold && ` liên tục ${hold}`}${ends}`;
      }
      const ends = off
        ? `, cleared when ${end ? `${safe} ${end}` : 'not over it'} for ${off}`
        : end && `, cleared ${safe} ${end}`;
      return `${name} ${over} ${limit}${hold && ` for ${hold}`}${ends}`;
    }),

  examples: [
    {
      name: 'three hours over the limit raise, the first value under the lower limit clears',
      params: { quantity: 'pm25', above: 150, clearBelow: 120, forS: 10_800 },
      items: hourly([149, 151, 170, 155, 163, 140, 121, 119]),
      expect: [
        null,
        null,
        null,
        null,
        {
          kind: 'raise',
          vi: 'PM2,5 = 163 µg/m³ > 150 trong 3 giờ (từ 08:00 đến 11:00)',
          en: 'PM2.5 = 163 µg/m³ > 150 for 3 hours (08:00 to 11:00)',
        },
        { kind: 'update' },
        { kind: 'update' },
        { kind: 'clear', vi: 'PM2,5 = 119 µg/m³ < 120 lúc 14:00, cao nhất 170 µg/m³' },
      ],
    },
    {
      name: 'one value at the limit begins the wait again',
      params: { quantity: 'pm25', above: 150, forS: 7200 },
      items: hourly([160, 160, 150, 160, 160, 160]),
      expect: [null, null, null, null, null, { kind: 'raise' }],
    },
    {
      name: 'a falling water level, without a hold',
      params: { quantity: 'water_level', below: 0.5 },
      items: hourly([0.5, 0.49, 0.5]),
      expect: [
        null,
        { kind: 'raise', vi: 'Mực nước = 0,49 m < 0,5 lúc 08:00', en: 'Water level = 0.49 m < 0.5 at 08:00' },
        { kind: 'clear' },
      ],
    },
    {
      name: 'with an off-delay it must stay safe before it ends',
      params: { quantity: 'pm25', above: 150, clearBelow: 120, offS: 7200 },
      items: hourly([160, 110, 130, 110, 110, 110, 110]),
      expect: [{ kind: 'raise' }, null, { kind: 'update' }, null, null, { kind: 'clear' }, null],
    },
    {
      name: 'values of a sensor under calibration count neither for nor against',
      params: { quantity: 'pm25', above: 150, forS: 3600 },
      items: [
        ...hourly([160]),
        ...hourly([10], { from: 8, quality: 3 }),
        ...hourly([500], { from: 9, quality: 4 }),
        ...hourly([160], { from: 10 }),
      ],
      expect: [null, null, null, { kind: 'raise' }],
    },
  ],
});

function idle(t: number): State {
  return { t, raised: false, since: null, samples: 0, peak: null, recent: [], told: [0, null] };
}

/** The state after one more sample of the stretch over the limit. */
function held(previous: State | undefined, t: number, value: number, rule: Rule): State {
  const before = previous && previous.since !== null ? previous : undefined;
  const peak = before?.peak ?? value;
  return {
    t,
    raised: before?.raised ?? false,
    since: before?.since ?? t,
    samples: (before?.samples ?? 0) + 1,
    peak: value * rule.sign > peak * rule.sign ? value : peak,
    recent: [...(before?.recent ?? []), [t, value] as [number, number]].slice(-RECENT),
    told: before?.told ?? [0, null],
  };
}

function evidenceOf(state: State, rule: Rule): Record<string, unknown> {
  return {
    quantity: rule.quantity,
    comparison: rule.sign === 1 ? '>' : '<',
    limit: rule.limit,
    since: new Date(state.since ?? state.t).toISOString(),
    samples: state.samples,
    recent: state.recent.map(([timeMs, value]) => [new Date(timeMs).toISOString(), value]),
  };
}

function told(state: State, value: number, rule: Rule) {
  return {
    evidence: { ...evidenceOf(state, rule), value },
    explanation: both((language) => holdSentence(state, value, rule, language)),
    peak: state.peak,
  };
}

function holdSentence(state: State, value: number, rule: Rule, language: Language): string {
  const since = state.since ?? state.t;
  const sign = rule.sign === 1 ? '>' : '<';
  // Between the two limits the alarm stands though the value is back over the line: say so.
  const held = value * rule.sign > rule.limit * rule.sign;
  const fact = `${quantityName(rule.quantity, language)} = ${valueWithUnit(rule.quantity, value, language)}`;
  const over = held ? ` ${sign} ${valueWithUnit(rule.quantity, rule.limit, language, false)}` : '';
  const from = formatClock(since, rule.timeZone, state.t);
  const to = formatClock(state.t, rule.timeZone);
  if (since === state.t) return `${fact}${over} ${language === 'vi' ? 'lúc' : 'at'} ${to}`;
  const span = formatSpan((state.t - since) / 1000, language);
  return language === 'vi'
    ? `${fact}${over} trong ${span} (từ ${from} đến ${to})`
    : `${fact}${over} for ${span} (${from} to ${to})`;
}

function clearSentence(before: State, t: number, value: number, rule: Rule, language: Language): string {
  const fact = `${quantityName(rule.quantity, language)} = ${valueWithUnit(rule.quantity, value, language)}`;
  const limit = valueWithUnit(rule.quantity, rule.clear ?? rule.limit, language, false);
  const sign = rule.sign === 1 ? (rule.clear === null ? '≤' : '<') : rule.clear === null ? '≥' : '>';
  const peak = valueWithUnit(rule.quantity, before.peak ?? value, language);
  const at = formatClock(t, rule.timeZone);
  if (language === 'vi') {
    return `${fact} ${sign} ${limit} lúc ${at}, ${rule.sign === 1 ? 'cao nhất' : 'thấp nhất'} ${peak}`;
  }
  return `${fact} ${sign} ${limit} at ${at}, ${rule.sign === 1 ? 'highest' : 'lowest'} ${peak}`;
}
