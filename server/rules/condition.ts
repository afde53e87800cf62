/**
 * What every kind with a condition has in common: the hold before it raises, the delay before it clears, how often it
 * tells about itself, and the frame of its sentences. The kind itself only says what one item means.
 */
import type { z } from 'zod';
import { formatClock, formatSpan, type Language } from '../../core/format.ts';
import type { DeviceRecord, Signal } from '../../core/ports.ts';
import type { Bbox, Evaluable, LonLat } from '../../core/reading.ts';
import {
  defineKind,
  type KindExample,
  type KindItem,
  type KindState,
  type KindTools,
  type RuleKind,
} from './kind.ts';
import { isUpdateDue, type Told } from './updates.ts';
import { both, SpanS } from './words.ts';

/** The two parameters that belong to every condition. */
export const Delays = {
  forS: SpanS.optional().describe('seconds that it must hold at every sample before it is raised'),
  offS: SpanS.optional().describe('seconds that it must be over at every sample before it is cleared'),
};
interface DelayParams {
  forS?: number | undefined;
  offS?: number | undefined;
}

/** What one item means. */
interface Look<M, F> {
  /** What the kind has to remember; JSON-safe, bounded. */
  memory: M;
  /** null = the item says nothing about the condition, neither for nor against. */
  holds: boolean | null;
  /** With hysteresis: whether a standing alarm may end. Absent = it does not hold. */
  safe?: boolean;
  /** How bad it is: the largest is kept as the alarm's peak. */
  amount: number | null;
  /** What the sentence is made of. */
  facts: F;
  evidence: Record<string, unknown>;
  /** The memory says no more than the newest stored values do, so it need not be stored while nothing is going on. */
  idle?: boolean;
  /** Where it is; absent = where the item is. */
  position?: LonLat | null;
}

interface ConditionState<M> extends KindState {
  m: M;
  /** First item of the unbroken stretch in which it holds; null = it does not. */
  since: number | null;
  /** First item of the unbroken stretch in which a standing alarm might end. */
  safeSince: number | null;
  peak: number | null;
  told: Told;
}

interface Prepared<R> {
  own: R;
  forMs: number;
  offMs: number;
  timeZone: string;
}

interface ConditionKind<P, R, M, F> {
  id: string;
  vi: string;
  en: string;
  subject: RuleKind['subject'];
  subjectOf?(params: P): RuleKind['subject'];
  input: 'values' | 'positions';
  params: z.ZodType<P>;
  quantity?(params: P): string | null;
  applies?(device: DeviceRecord, params: P): boolean;
  /** See {@link RuleKind.box}. */
  box?(rule: R): Bbox | null;
  /** Items of several series meet in one state, so each brings its own order; the kind itself drops repeats. */
  many?: boolean;
  prepare(params: P, tools: KindTools): R;
  /** `raised` = the alarm stands; a tick comes only to kinds with {@link deadlineMs}. Null = the item does not count. */
  look(
    memory: M | undefined,
    item: Evaluable | { kind: 'tick'; timeMs: number },
    rule: R,
    raised: boolean,
  ): Look<M, F> | null;
  /** When the memory may mean something else though nothing comes, in event time. */
  deadlineMs?(memory: M, rule: R, raised: boolean): number | null;
  /** The numbers in a few words, as they are when the alarm stands (`holding`) or ends. */
  fact(facts: F, rule: R, language: Language, holding: boolean): string;
  /** The condition of a rule in a few words, without its delays. */
  describe(params: P, language: Language, tools: KindTools): string;
  examples: readonly KindExample<P>[];
}

/**
 * The hold is judged in event time by items only: raised by the first item at or after the beginning of an unbroken
 * stretch plus `forS`, cleared by the first at or after the beginning of an unbroken end plus `offS`.
 */
export function defineCondition<P extends DelayParams, R, M, F>(kind: ConditionKind<P, R, M, F>): RuleKind {
  const evaluate = (
    previous: ConditionState<M> | undefined,
    item: KindItem,
    { own, ...rule }: Prepared<R>,
  ) => {
    if (item.kind === 'arrival' || (item.kind === 'tick' && !previous)) return null;
    if (previous && item.timeMs <= previous.t && !kind.many && item.kind !== 'tick') return null;
    const wasRaised = previous?.raised ?? false;
    const look = kind.look(previous?.m, item, own, wasRaised);
    if (!look) return null;
    const t = Math.max(item.timeMs, previous?.t ?? 0);
    const state: ConditionState<M> = {
      t,
      raised: wasRaised,
      m: look.memory,
      since: previous?.since ?? null,
      safeSince: previous?.safeSince ?? null,
      peak: previous?.peak ?? null,
      told: previous?.told ?? [0, null],
    };
    const at = look.position === undefined ? placeOf(item) : look.position;
    const signal = (what: Signal['kind'], since: number): Signal => ({
      kind: what,
      timeMs: t,
      position: at,
      areaId: item.areaId ?? null,
      evidence: { ...look.evidence, since: new Date(since).toISOString() },
      explanation: both((language) =>
        framed(
          kind.fact(look.facts, own, language, what !== 'clear'),
          what === 'clear' ? t : since,
          t,
          rule.timeZone,
          language,
        ),
      ),
      peak: state.peak,
    });
    const busy = previous !== undefined && (previous.raised || previous.since !== null);
    if (look.holds === null) {
      return { state, durable: busy || !look.idle, signal: null };
    }
    if (look.holds) {
      state.since ??= t;
      if (look.amount !== null) state.peak = Math.max(state.peak ?? look.amount, look.amount);
    }
    if (wasRaised) {
      const safe = look.safe ?? !look.holds;
      state.safeSince = safe ? (state.safeSince ?? t) : null;
      if (state.safeSince !== null && t - state.safeSince >= rule.offMs) {
        const ended = signal('clear', state.since ?? t);
        return {
          state: {
            ...state,
            raised: false,
            since: null,
            safeSince: null,
            peak: null,
            told: [0, null] as Told,
          },
          durable: true,
          signal: ended,
        };
      }
      if (!look.holds || !isUpdateDue(state.told, t, state.peak))
        return { state, durable: true, signal: null };
      state.told = [t, state.peak];
      return { state, durable: true, signal: signal('update', state.since ?? t) };
    }
    if (!look.holds) {
      state.since = null;
      state.peak = null;
      return { state, durable: busy || !look.idle, signal: null };
    }
    if (state.since !== null && t - state.since < rule.forMs) return { state, durable: true, signal: null };
    state.raised = true;
    state.safeSince = null;
    state.told = [t, state.peak];
    return { state, durable: true, signal: signal('raise', state.since ?? t) };
  };

  return defineKind<P, Prepared<R>, ConditionState<M>>({
    id: kind.id,
    vi: kind.vi,
    en: kind.en,
    subject: kind.subject,
    ...(kind.subjectOf ? { subjectOf: kind.subjectOf } : {}),
    input: kind.input,
    params: kind.params,
    quantity: kind.quantity ?? (() => null),
    applies: kind.applies ?? ((device) => kind.input === 'values' || device.mobile),
    prepare: (params, tools) => ({
      own: kind.prepare(params, tools),
      forMs: (params.forS ?? 0) * 1000,
      offMs: (params.offS ?? 0) * 1000,
      timeZone: tools.timeZone,
    }),
    evaluate,
    ...(kind.box ? { box: ({ own }: Prepared<R>) => kind.box?.(own) ?? null } : {}),
    ...(kind.deadlineMs
      ? {
          deadlineMs: (state: ConditionState<M>, rule: Prepared<R>) =>
            kind.deadlineMs?.(state.m, rule.own, state.raised) ?? null,
        }
      : {}),
    explain: (params, tools) =>
      both((language) => kind.describe(params, language, tools) + delayWords(params, language)),
    examples: kind.examples,
  });
}

function placeOf(item: KindItem): LonLat | null {
  return item.kind === 'position' ? [item.lon, item.lat] : item.position;
}

/** `… trong 3 giờ (từ 08:00 đến 11:00)`, or `… lúc 08:00` for a moment. */
function framed(fact: string, fromMs: number, toMs: number, timeZone: string, language: Language): string {
  const to = formatClock(toMs, timeZone);
  if (fromMs >= toMs) return `${fact} ${language === 'vi' ? 'lúc' : 'at'} ${to}`;
  const from = formatClock(fromMs, timeZone, toMs);
  const span = formatSpan((toMs - fromMs) / 1000, language);
  return language === 'vi'
    ? `${fact} trong ${span} (từ ${from} đến ${to})`
    : `${fact} for ${span} (${from} to ${to})`;
}

function delayWords({ forS, offS }: DelayParams, language: Language): string {
  const hold = forS ? formatSpan(forS, language) : '';
  const off = offS ? formatSpan(offS, language) : '';
  if (language === 'vi') return `${hold && ` liên tục ${hold}`}${off && `, hết khi yên ${off}`}`;
  return `${hold && ` for ${hold}`}${off && `, cleared after ${off} of quiet`}`;
}
