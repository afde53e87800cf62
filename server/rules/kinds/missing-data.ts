import { z } from 'zod';
import { formatClock, formatSpan, type Language } from '../../../core/format.ts';
import { arrival, exampleTime, tick } from '../examples.ts';
import { defineKind, type KindState } from '../kind.ts';
import { both, QuantityName, quantityName } from '../words.ts';

const Params = z.strictObject({
  quantity: QuantityName.optional().describe('absent = nothing at all from the device'),
  forS: z.number().min(10).max(31_536_000).describe('seconds of silence'),
});
type Params = z.infer<typeof Params>;

interface Rule {
  quantity: string | null;
  forMs: number;
  timeZone: string;
}

interface State extends KindState {
  /** When something last came, or since when it was waited for; `t` also moves with ticks. */
  last: number;
  heard: boolean;
}

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
  applies: () => true,
  prepare: (params, tools) => ({
    quantity: params.quantity ?? null,
    forMs: params.forS * 1000,
    timeZone: tools.timeZone,
  }),

  evaluate(previous, item, rule) {
    if (item.kind === 'arrival') {
      const t = Math.max(item.timeMs, previous?.t ?? 0);
      const state: State = { t, raised: false, last: t, heard: item.heard };
      if (!previous?.raised) return { state, durable: false, signal: null };
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
    if (t - previous.last < rule.forMs) return null;
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
          limitS: rule.forMs / 1000,
          quantity: rule.quantity,
        },
        explanation: both((language) => silentSentence(previous, t, rule, language)),
        peak: silentS,
      },
    };
  },

  deadlineMs: (state, rule) => (state.raised ? null : state.last + rule.forMs),

  explain: (params) =>
    both((language) => {
      const what = params.quantity === undefined ? '' : quantityName(params.quantity, language);
      const span = formatSpan(params.forS, language);
      if (language === 'vi') return `Không nhận được ${what || 'dữ liệu nào'} trong ${span}`;
      return `No ${what || 'data'} for ${span}`;
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
  ],
});

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
