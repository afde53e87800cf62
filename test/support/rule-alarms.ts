import fc from 'fast-check';
import type { RuleOptions } from '../../core/api/rules.ts';
import type { Evaluable, Observation } from '../../core/reading.ts';
import { makeJudge } from '../../server/rules/judge.ts';
import type { KindItem, KindState } from '../../server/rules/kind.ts';
import { loadRuleKinds } from '../../server/rules/kind-registry.ts';

const kinds = await loadRuleKinds();

/** When an alarm began and ended, event time. */
export type Episode = [raisedAt: number, clearedAt: number | null];

/**
 * What the live evaluator makes of a stream; its state goes through JSON between any two items, as through a restart.
 */
export function episodesOf(
  kindId: string,
  params: unknown,
  items: readonly KindItem[],
  options: RuleOptions = {},
): Episode[] {
  const kind = kinds.get(kindId);
  if (!kind) throw new Error(`no kind ${kindId}`);
  const timeZone = 'Asia/Ho_Chi_Minh';
  const judge = makeJudge({
    kind,
    prepared: kind.prepare(kind.params.parse(params), { timeZone, area: () => undefined }),
    schedule: options.schedule ?? null,
    latenessMs: (options.latenessS ?? 0) * 1000,
    timeZone,
  });
  const episodes: Episode[] = [];
  let state: string | undefined;
  for (const item of items) {
    const before: KindState | undefined = state === undefined ? undefined : JSON.parse(state);
    for (const { state: next, signal } of judge(before, item)) {
      state = JSON.stringify(next);
      if (signal?.kind === 'raise') episodes.push([signal.timeMs, null]);
      const open = episodes.at(-1);
      if (signal?.kind === 'clear' && open) open[1] = signal.timeMs;
    }
  }
  return episodes;
}

export const MINUTE = 60_000;
export const T0 = Date.UTC(2026, 0, 5);

export const value = (timeMs: number, amount: number, more: Partial<Observation> = {}): Observation => ({
  kind: 'value',
  deviceId: 'a',
  seriesId: 1,
  quantity: 'pm25',
  timeMs,
  value: amount,
  quality: 0,
  areaId: null,
  position: null,
  ...more,
});

/** Values of one device, whole minutes apart. */
export const series = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 20 })), { maxLength: 60 })
  .map((steps) => {
    let timeMs = T0;
    return steps.map(([minutes, amount]) => {
      timeMs += minutes * MINUTE;
      return value(timeMs, amount);
    });
  });

/** Values of four devices, in the order of their times; two may share a time. */
export const group = fc
  .array(
    fc.tuple(
      fc.integer({ min: 0, max: 20 }),
      fc.integer({ min: 0, max: 20 }),
      fc.integer({ min: 0, max: 3 }),
    ),
    {
      maxLength: 60,
    },
  )
  .map((steps) => {
    let timeMs = T0;
    const newest = new Map<number, number>();
    return steps.flatMap(([minutes, amount, device]) => {
      timeMs += minutes * MINUTE;
      if (newest.get(device) === timeMs) return [];
      newest.set(device, timeMs);
      return [value(timeMs, amount, { deviceId: `d${device}`, seriesId: device })];
    });
  });

type Verdict = { holds: boolean; safe?: boolean } | null;

/** Hold and off-delay by their definition, over what every item says. */
export function byDefinition(
  items: readonly Evaluable[],
  says: (index: number) => Verdict,
  { forS = 0, offS = 0 }: { forS?: number | undefined; offS?: number | undefined } = {},
): Episode[] {
  const episodes: Episode[] = [];
  let since: number | null = null;
  let safeSince: number | null = null;
  let raised = false;
  let now = 0;
  for (const [index, item] of items.entries()) {
    const verdict = says(index);
    now = Math.max(now, item.timeMs);
    if (verdict === null) continue;
    const safe = verdict.safe ?? !verdict.holds;
    if (raised) {
      safeSince = safe ? (safeSince ?? now) : null;
      if (safeSince !== null && now - safeSince >= offS * 1000) {
        (episodes.at(-1) as Episode)[1] = now;
        raised = false;
        since = null;
      }
      continue;
    }
    since = verdict.holds ? (since ?? now) : null;
    if (since !== null && now - since >= forS * 1000) {
      raised = true;
      safeSince = null;
      episodes.push([now, null]);
    }
  }
  return episodes;
}

export const delays = fc.record({
  forS: fc.integer({ min: 0, max: 40 }).map((minutes) => minutes * 60),
  offS: fc.integer({ min: 0, max: 40 }).map((minutes) => minutes * 60),
});

/** The value of one item of a stream. */
export const amountAt = (items: readonly Observation[], index: number) => items[index]?.value ?? 0;
