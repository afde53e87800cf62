import { z } from 'zod';
import { formatClock, formatNumber, formatSpan, type Language } from '../../../core/format.ts';
import { arrival, exampleTime, tick } from '../examples.ts';
import { defineKind, type KindState } from '../kind.ts';
import { both, QuantityName, quantityName } from '../words.ts';

const SilenceS = z.number().min(10).max(31_536_000);

const Params = z
  .strictObject({
    quantity: QuantityName.optional().describe('absent = nothing at all from the device'),
    forS: SilenceS.optional().describe('seconds of silence'),
    learned: z
      .strictObject({
        factor: z.number().min(1.5).max(100).describe('so many of its usual intervals'),
        minS: SilenceS.describe('never less than this'),
        maxS: SilenceS.describe('never more; also until the interval is known'),
      })
      .refine((p) => p.minS <= p.maxS, 'minS is not greater than maxS')
      .optional()
      .describe('silence is measured by the interval at which the source usually sends'),
    source: z
      .enum(['periodic', 'event'])
      .optional()
      .describe('only devices that promise an interval, or only those that send when something happens'),
  })
  .refine((p) => (p.forS === undefined) !== (p.learned === undefined), 'give either forS or learned');
type Params = z.infer<typeof Params>;

interface Rule {
  quantity: string | null;
  /** Fixed, or null = by what was learned. */
  forMs: number | null;
  learned: { factor: number; minMs: number; maxMs: number } | null;
  timeZone: string;
}

interface State extends KindState {
  /** When something last came, or since when it was waited for; `t` also moves with ticks. */
  last: number;
  heard: boolean;
  /** The usual interval and from how many it was learned; absent = nothing yet. */
  gapMs?: number;
  gaps?: number;
}

/** So many intervals make a habit. */
const ENOUGH_GAPS = 5;
/** How fast an older habit is forgotten. */
const WEIGHT = 0.2;

/**
 * Nothing came for a time, whatever its quality and its own time stamp: silence is judged by the time of arrival on
 * our clock. The engine says when something arrives and when a deadline has passed; it never asks about devices
 * that are switched off.
 */
export default defineKind<Params, Rule, State>({
  id: 'missing-data',
  vi: 'Mất dữ liệu',
  en: 'Missing data',
  subject: 'device',
  input: 'arrivals',
  params: Params,
  quantity: (params) => params.quantity ?? null,
  applies: (device, params) =>
    params.source === undefined || (device.expectedIntervalS !== null) === (params.source === 'periodic'),
  prepare: (params, tools) => ({
    quantity: params.quantity ?? null,
    forMs: params.forS === undefined ? null : params.forS * 1000,
    learned: params.learned
      ? {
          factor: params.learned.factor,
          minMs: params.learned.minS * 1000,
          maxMs: params.learned.maxS * 1000,
        }
      : null,
    timeZone: tools.timeZone,
  }),

  evaluate(previous, item, rule) {
    if (item.kind === 'arrival') {
      const t = Math.max(item.timeMs, previous?.t ?? 0);
      const state: State = { t, raised: false, last: t, heard: item.heard, ...habitOf(previous, t, rule) };
      if (!previous?.raised) {
        // A habit is worth keeping when it is new or has moved; the rest says no more than the last arrival.
        const before = previous?.gapMs ?? 0;
        const moved = state.gapMs !== undefined && Math.abs(state.gapMs - before) > state.gapMs / 5;
        return { state, durable: moved || state.gaps === ENOUGH_GAPS, signal: null };
      }
      const silentS = (t - previous.last) / 1000;
      return {
        state,
        durable: true,
        signal: {
          kind: 'clear',
          timeMs: t,
          position: item.position,
          areaId: item.areaId,
          evidence: { lastArrival: new Date(previous.last).toISOString(), silentS, quantity: rule.quantity },
          explanation: both((language) => {
            const at = formatClock(t, rule.timeZone);
            const span = formatSpan(silentS, language);
            return language === 'vi'
              ? `${subject(rule, 'vi')} đã gửi lại lúc ${at} sau ${span} im lặng`
              : `${subject(rule, 'en')} came again at ${at} after ${span} of silence`;
          }),
          peak: silentS,
        },
      };
    }
    if (item.kind !== 'tick' || !previous || previous.raised) return null;
    const t = item.timeMs;
    const limitMs = limitOf(previous, rule);
    if (t - previous.last < limitMs) return null;
    const silentS = (t - previous.last) / 1000;
    return {
      state: { ...previous, t, raised: true },
      durable: true,
      signal: {
        kind: 'raise',
        timeMs: t,
        position: item.position,
        areaId: item.areaId,
        evidence: {
          lastArrival: previous.heard ? new Date(previous.last).toISOString() : null,
          silentS,
          limitS: limitMs / 1000,
          ...(rule.learned
            ? { usualIntervalS: previous.gapMs === undefined ? null : previous.gapMs / 1000 }
            : {}),
          quantity: rule.quantity,
        },
        explanation: both((language) => silentSentence(previous, t, rule, language)),
        peak: silentS,
      },
    };
  },

  deadlineMs: (state, rule) => (state.raised ? null : state.last + limitOf(state, rule)),

  explain: (params) =>
    both((language) => {
      const what = params.quantity === undefined ? '' : quantityName(params.quantity, language);
      const kinds = {
        vi: { periodic: ' (nguồn định kỳ)', event: ' (nguồn theo sự kiện)' },
        en: { periodic: ' (periodic sources)', event: ' (event sources)' },
      }[language];
      const source = params.source === undefined ? '' : kinds[params.source];
      const { learned } = params;
      if (learned) {
        const [least, most] = [formatSpan(learned.minS, language), formatSpan(learned.maxS, language)];
        const factor = formatNumber(learned.factor, 1, language);
        return language === 'vi'
          ? `Không nhận được ${what || 'dữ liệu nào'} trong ${factor} lần chu kỳ thường lệ (${least} đến ${most})${source}`
          : `No ${what || 'data'} for ${factor} times the usual interval (${least} to ${most})${source}`;
      }
      const span = formatSpan(params.forS ?? 0, language);
      if (language === 'vi') return `Không nhận được ${what || 'dữ liệu nào'} trong ${span}${source}`;
      return `No ${what || 'data'} for ${span}${source}`;
    }),

  examples: [
    {
      name: 'ten silent minutes raise, the next message clears',
      params: { forS: 600 },
      items: [
        arrival(exampleTime(7, 0)),
        tick(exampleTime(7, 9)),
        tick(exampleTime(7, 10)),
        tick(exampleTime(7, 20)),
        arrival(exampleTime(7, 30)),
        tick(exampleTime(7, 39)),
      ],
      expect: [
        null,
        null,
        {
          kind: 'raise',
          vi: 'Thiết bị không có dữ liệu trong 10 phút (lần cuối lúc 07:00)',
          en: 'Device: no data for 10 minutes (last at 07:00)',
        },
        null,
        { kind: 'clear', vi: 'Thiết bị đã gửi lại lúc 07:30 sau 30 phút im lặng' },
        null,
      ],
    },
    {
      name: 'a source that sends every minute is missed after three, one that is not known yet after an hour',
      params: { learned: { factor: 3, minS: 60, maxS: 3600 } },
      items: [
        arrival(exampleTime(7, 0)),
        tick(exampleTime(7, 4)),
        ...[5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20].map((minute) =>
          arrival(exampleTime(7, minute)),
        ),
        tick(exampleTime(7, 23)),
        tick(exampleTime(7, 24)),
      ],
      expect: [null, null, ...Array.from({ length: 16 }, () => null), null, { kind: 'raise' }],
    },
  ],
});

/** The interval that a source keeps, as a moving mean of those seen; a silence that raised an alarm is none of them. */
function habitOf(previous: State | undefined, t: number, rule: Rule): Pick<State, 'gapMs' | 'gaps'> {
  if (!rule.learned || !previous) return {};
  const { gapMs, gaps = 0, last, heard, raised } = previous;
  const known = gapMs === undefined ? {} : { gapMs, gaps };
  if (!heard || raised) return known;
  const gap = t - last;
  if (gap <= 0) return known;
  return {
    gapMs: gapMs === undefined ? gap : gapMs + WEIGHT * (gap - gapMs),
    gaps: Math.min(gaps + 1, ENOUGH_GAPS + 1),
  };
}

function limitOf(state: State, rule: Rule): number {
  if (rule.forMs !== null) return rule.forMs;
  const { factor, minMs, maxMs } = rule.learned ?? { factor: 1, minMs: 0, maxMs: 0 };
  if (state.gapMs === undefined || (state.gaps ?? 0) < ENOUGH_GAPS) return maxMs;
  return Math.min(maxMs, Math.max(minMs, factor * state.gapMs));
}

function silentSentence({ last, heard }: State, t: number, rule: Rule, language: Language): string {
  const span = formatSpan((t - last) / 1000, language);
  const at = formatClock(last, rule.timeZone, t);
  const who = subject(rule, language);
  if (language === 'vi') {
    return heard
      ? `${who} không có dữ liệu trong ${span} (lần cuối lúc ${at})`
      : `${who} chưa có dữ liệu nào (chờ ${span}, từ ${at})`;
  }
  return heard
    ? `${who}: no data for ${span} (last at ${at})`
    : `${who}: no data yet (waited ${span}, since ${at})`;
}

function subject(rule: Rule, language: Language): string {
  if (rule.quantity !== null) return quantityName(rule.quantity, language);
  return language === 'vi' ? 'Thiết bị' : 'Device';
}
