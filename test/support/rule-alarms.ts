import type { RuleOptions } from '../../core/api/rules.ts';
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
