/**
 * How one item meets one rule, whatever its kind: first the deadlines that event time has passed, then the rule's
 * schedule, then the kind. With a lateness the items wait in the state until nothing older is expected, so their order
 * of arrival does not matter. The live engine, shadow mode and looking back over history all come through here.
 */
import { isWithin, type Schedule } from '../../core/calendar.ts';
import type { KindItem, KindState, RuleKind, Verdict } from './kind.ts';

/** One or more steps, in order; empty = the item does not count. */
export type Judge = (state: KindState | undefined, item: KindItem) => readonly Verdict<KindState>[];

interface HeldState extends KindState {
  inner: KindState | null;
  /** Items not yet judged, by time; the newest of all is {@link KindState.t}. */
  held: KindItem[];
  /** Everything up to here was judged. */
  upTo: number;
}

/** No more items wait than this; beyond, the oldest are judged early. */
const MOST_HELD = 256;

const OUT_OF_SCHEDULE = {
  vi: 'Ngoài thời gian áp dụng của quy tắc',
  en: 'Outside the times at which the rule applies',
};

export function makeJudge(options: {
  kind: RuleKind;
  prepared: unknown;
  schedule: Schedule | null;
  latenessMs: number;
  timeZone: string;
}): Judge {
  const { kind, prepared, schedule, latenessMs, timeZone } = options;

  const plain: Judge = (state, item) => {
    const steps: Verdict<KindState>[] = [];
    let now = state;
    if (kind.input !== 'arrivals' && kind.deadlineMs) {
      // A deadline that lies before the item has passed, whether or not a clock came round to it.
      for (let turns = 0; turns < 8 && now; turns += 1) {
        const due = kind.deadlineMs(now, prepared);
        if (due === null || due >= item.timeMs || item.kind === 'tick') break;
        const tick = kind.evaluate(now, { kind: 'tick', timeMs: due, ...placeOf(item) }, prepared);
        if (!tick) break;
        steps.push(tick);
        now = tick.state;
      }
    }
    const verdict = kind.evaluate(now, item, prepared);
    if (verdict) steps.push(verdict);
    return steps;
  };

  const scheduled: Judge = (state, item) => {
    if (!schedule || isWithin(schedule, item.timeMs, timeZone, placeOf(item).position))
      return plain(state, item);
    if (!state?.raised) return [];
    // The kind's memory ends with the schedule; what it remembers of the time before would be out of date.
    const t = Math.max(state.t, item.timeMs);
    return [
      {
        state: { t, raised: false },
        durable: true,
        signal: {
          kind: 'clear',
          timeMs: t,
          ...placeOf(item),
          evidence: {},
          explanation: OUT_OF_SCHEDULE,
          peak: null,
        },
      },
    ];
  };
  // A state that holds nothing but when it ended is no state of the kind.
  const fresh: Judge = (state, item) =>
    scheduled(state && Object.keys(state).length <= 2 && schedule ? undefined : state, item);
  if (kind.input === 'arrivals') {
    // What arrives always counts, or the first moment of the schedule would find everything silent.
    const isQuiet = (item: KindItem) =>
      schedule !== null && item.kind === 'tick' && !isWithin(schedule, item.timeMs, timeZone, item.position);
    return (state, item) => (isQuiet(item) ? [] : plain(state, item));
  }
  if (latenessMs <= 0) return schedule ? fresh : plain;

  return (state, item) => {
    const before = state as HeldState | undefined;
    const isTick = item.kind === 'tick';
    if (before && !isTick && (item.timeMs <= before.upTo || before.held.some((one) => isSame(one, item))))
      return [];
    const held = [...(before?.held ?? []), ...(isTick ? [] : [item])].sort(byTime);
    const newest = Math.max(before?.t ?? 0, isTick ? 0 : item.timeMs);
    // A tick says that so much time has passed: nothing older is expected then either.
    const upTo = Math.max(
      before?.upTo ?? Number.NEGATIVE_INFINITY,
      (isTick ? item.timeMs : newest) - latenessMs,
    );
    const steps: Verdict<KindState>[] = [];
    let inner = before?.inner ?? null;
    const wrap = (): HeldState => ({
      t: newest,
      raised: inner?.raised ?? false,
      inner,
      held: [...held],
      upTo,
    });
    while (held.length > 0 && ((held[0]?.timeMs ?? 0) <= upTo || held.length > MOST_HELD)) {
      const next = held.shift();
      if (!next) break;
      for (const verdict of fresh(inner ?? undefined, next)) {
        inner = verdict.state;
        steps.push({ state: wrap(), durable: true, signal: verdict.signal });
      }
    }
    steps.push({ state: wrap(), durable: true, signal: null });
    return steps;
  };
}

/** When a rule wants to be asked though nothing comes, in event time; null = never. */
export function eventDeadline(
  options: { kind: RuleKind; prepared: unknown; latenessMs: number },
  state: KindState,
): number | null {
  const { kind, prepared, latenessMs } = options;
  if (kind.input === 'arrivals') return null;
  if (latenessMs > 0) {
    const { held, inner } = state as HeldState;
    if (held?.[0]) return held[0].timeMs + latenessMs;
    const due = inner && kind.deadlineMs?.(inner, prepared);
    return due == null ? null : due + latenessMs;
  }
  return kind.deadlineMs?.(state, prepared) ?? null;
}

function byTime(a: KindItem, b: KindItem): number {
  return a.timeMs - b.timeMs || seriesOf(a) - seriesOf(b);
}

const seriesOf = (item: KindItem) => (item.kind === 'value' || item.kind === 'position' ? item.seriesId : 0);

function isSame(a: KindItem, b: KindItem): boolean {
  return a.timeMs === b.timeMs && seriesOf(a) === seriesOf(b);
}

function placeOf(item: KindItem) {
  return {
    position: item.kind === 'position' ? ([item.lon, item.lat] as [number, number]) : item.position,
    areaId: item.areaId,
  };
}
