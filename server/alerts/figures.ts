import { chatterIndex, floods } from '../../core/alarm-figures.ts';
import type { AlertFigures } from '../../core/api/alerts.ts';
import type { FigureRow, StandingFigures } from './sql/figures.ts';

const TEN_MINUTES_MS = 600_000;
const HOUR_MS = 3_600_000;
/** From here on an alarm chatters: three a minute. */
const CHATTERS = 0.05;
const WORST = 10;

/** The figures of ISA-18.2 over alerts that were raised in a time; `rows` may hold one more than `most`. */
export function figuresOf(
  rows: readonly FigureRow[],
  { fromMs, toMs, most }: { fromMs: number; toMs: number; most: number },
  standing: StandingFigures,
): AlertFigures {
  const truncated = rows.length > most;
  const counted = rows.slice(0, most);
  const raised = counted.map((row) => row.raised_at.getTime());
  const floodsFound = floods(raised, toMs);
  const floodMs = floodsFound.reduce((sum, [begin, end]) => sum + (end - begin), 0);
  const slots = new Map<number, number>();
  for (const at of raised) {
    const slot = Math.floor((at - fromMs) / TEN_MINUTES_MS);
    slots.set(slot, (slots.get(slot) ?? 0) + 1);
  }
  const severities = { critical: 0, major: 0, minor: 0, info: 0 };
  const byAlarm = new Map<string, FigureRow[]>();
  const waits: number[] = [];
  for (const row of counted) {
    severities[row.severity] += 1;
    const key = `${row.rule_id}\n${row.subject_id}`;
    const list = byAlarm.get(key);
    if (list) list.push(row);
    else byAlarm.set(key, [row]);
    if (row.acknowledged_at)
      waits.push(Math.max(0, row.acknowledged_at.getTime() - row.raised_at.getTime()) / 1000);
  }
  const alarms = [...byAlarm].flatMap(([key, list]) => {
    const [first] = list;
    if (!first) return [];
    const spans = list.map((row) => ({ key, raisedAtMs: row.raised_at.getTime(), clearedAtMs: null }));
    return [{ first, count: list.length, chatterIndex: chatterIndex(spans) }];
  });
  alarms.sort((a, b) => b.count - a.count || (a.first.subject_id < b.first.subject_id ? -1 : 1));
  const sortedWaits = waits.sort((a, b) => a - b);
  return {
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    total: counted.length,
    truncated,
    per10MinMean: counted.length / Math.max(1, (toMs - fromMs) / TEN_MINUTES_MS),
    per10MinMost: Math.max(0, ...slots.values()),
    floodShare: floodMs / (toMs - fromMs),
    floods: floodsFound.map(([begin, end]) => ({
      from: new Date(begin).toISOString(),
      to: new Date(end).toISOString(),
    })),
    stale: standing.stale,
    held: standing.held,
    severities,
    medianAcknowledgeS: sortedWaits.length === 0 ? null : (sortedWaits[sortedWaits.length >> 1] ?? null),
    worst: alarms.slice(0, WORST).map(({ first, count, chatterIndex: index }) => ({
      ruleId: first.rule_id,
      title: first.title,
      subjectId: first.subject_id,
      subjectName: first.subject_name,
      count,
      share: counted.length === 0 ? 0 : count / counted.length,
      chatterIndex: index,
    })),
    chattering: alarms.filter((alarm) => alarm.chatterIndex >= CHATTERS).length,
    hours: hoursOf(raised, fromMs, toMs),
  };
}

function hoursOf(raised: readonly number[], fromMs: number, toMs: number) {
  const first = Math.floor(fromMs / HOUR_MS);
  const counts = Array.from({ length: Math.floor((toMs - 1) / HOUR_MS) - first + 1 }, () => 0);
  for (const at of raised) {
    const slot = Math.floor(at / HOUR_MS) - first;
    counts[slot] = (counts[slot] ?? 0) + 1;
  }
  return counts.map((count, index) => ({ time: new Date((first + index) * HOUR_MS).toISOString(), count }));
}
