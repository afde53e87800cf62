import { z } from 'zod';
import { formatDistance, formatSpan } from '../../../core/format.ts';
import { fastDistanceM } from '../../../core/plane.ts';
import { isValidQuality } from '../../../core/quality.ts';
import { Delays, defineCondition } from '../condition.ts';
import { from } from '../examples.ts';
import { limitOf, limitWords, meets, ValueCondition } from '../limits.ts';
import { type Members, newestOf } from '../members.ts';

const Params = z.strictObject({
  first: ValueCondition.describe('what one sensor says'),
  second: ValueCondition.describe('what another says'),
  withinM: z.number().min(1).max(200_000).describe('metres between the two'),
  withinS: z.number().min(1).max(604_800).describe('seconds between the two'),
  ...Delays,
});
type Params = z.infer<typeof Params>;

type Seen = Members<[lon: number, lat: number, value: number]>;
interface Memory {
  first: Seen;
  second: Seen;
}
interface Facts {
  pair: [string, string] | null;
  distanceM: number;
}

/**
 * Two sensors that stand near each other say the same story within a time: smoke here and heat there. It stands as
 * long as both were last over their limits no longer ago than that time.
 */
export default defineCondition<Params, Params, Memory, Facts>({
  id: 'nearby-pair',
  vi: 'Hai cảm biến gần nhau',
  en: 'Two sensors close in place and time',
  subject: 'group',
  input: 'values',
  params: Params,
  many: true,
  prepare: (params) => params,

  look(memory, item, rule) {
    if (
      item.kind === 'position' ||
      (item.kind === 'value' && (!isValidQuality(item.quality) || !item.position))
    )
      return null;
    const before = memory ?? { first: {}, second: {} };
    const next: Memory = { first: { ...before.first }, second: { ...before.second } };
    if (item.kind === 'value' && item.position) {
      const [lon, lat] = item.position;
      for (const side of ['first', 'second'] as const) {
        if (item.quantity !== rule[side].quantity) continue;
        // The newest time over the limit counts; a later value that is not takes nothing back within the time.
        if (!meets(rule[side], item.quantity, item.value)) continue;
        if ((next[side][item.deviceId]?.[0] ?? 0) < item.timeMs)
          next[side][item.deviceId] = [item.timeMs, lon, lat, item.value];
      }
    }
    const now = newestOf(next.first, newestOf(next.second, item.timeMs));
    for (const side of ['first', 'second'] as const) {
      next[side] = Object.fromEntries(
        Object.entries(next[side]).filter(([, [time]]) => now - time < rule.withinS * 1000),
      );
    }
    const found = nearestPair(next, rule.withinM);
    return {
      memory: next,
      holds: found !== null,
      amount: found === null ? null : -found.distanceM,
      facts: { pair: found?.pair ?? null, distanceM: found?.distanceM ?? 0 },
      evidence: found ? { ...found, withinM: rule.withinM, withinS: rule.withinS } : {},
      idle: Object.keys(next.first).length + Object.keys(next.second).length === 0 && !memory,
    };
  },

  deadlineMs(memory, rule, raised) {
    if (!raised) return null;
    const times = [...Object.values(memory.first), ...Object.values(memory.second)].map(([time]) => time);
    return times.length === 0 ? null : Math.min(...times) + rule.withinS * 1000;
  },

  fact({ pair, distanceM }, rule, language, holding) {
    const both = `${words(rule.first, language)} + ${words(rule.second, language)}`;
    if (!holding || !pair) return language === 'vi' ? `${both}: không còn` : `${both}: over`;
    const distance = formatDistance(distanceM, language);
    return language === 'vi'
      ? `${both} tại ${pair[0]} và ${pair[1]}, cách nhau ${distance},`
      : `${both} at ${pair[0]} and ${pair[1]}, ${distance} apart,`;
  },

  describe(params, language) {
    const distance = formatDistance(params.withinM, language);
    const span = formatSpan(params.withinS, language);
    const [first, second] = [words(params.first, language), words(params.second, language)];
    return language === 'vi'
      ? `${first} và ${second} ở hai cảm biến cách nhau không quá ${distance}, trong ${span}`
      : `${first} and ${second} at two sensors within ${distance} and ${span}`;
  },

  examples: [
    {
      name: 'smoke and heat in one street within ten minutes',
      params: {
        first: { quantity: 'pm25', above: 300 },
        second: { quantity: 'temperature', above: 55 },
        withinM: 500,
        withinS: 600,
      },
      items: [
        from('smoke', 0, 400, { quantity: 'pm25', at: [105.15, 9.18] }),
        from('far-heat', 1, 60, { quantity: 'temperature', at: [105.25, 9.18] }),
        from('heat', 5, 60, { quantity: 'temperature', at: [105.151, 9.18] }),
        from('heat', 12, 30, { quantity: 'temperature', at: [105.151, 9.18] }),
      ],
      expect: [
        null,
        null,
        {
          kind: 'raise',
          vi: 'PM2,5 > 300 µg/m³ + Nhiệt độ > 55 °C tại smoke và heat, cách nhau 110 m, lúc 07:05',
          en: 'PM2.5 > 300 µg/m³ + Temperature > 55 °C at smoke and heat, 110 m apart, at 07:05',
        },
        { kind: 'clear' },
      ],
    },
  ],
});

function nearestPair(memory: Memory, withinM: number): { pair: [string, string]; distanceM: number } | null {
  let nearest: { pair: [string, string]; distanceM: number } | null = null;
  for (const [a, [, lonA, latA]] of Object.entries(memory.first)) {
    for (const [b, [, lonB, latB]] of Object.entries(memory.second)) {
      if (a === b) continue;
      const distanceM = Math.round(fastDistanceM([lonA, latA], [lonB, latB]));
      if (distanceM > withinM || (nearest && nearest.distanceM <= distanceM)) continue;
      nearest = { pair: [a, b], distanceM };
    }
  }
  return nearest;
}

function words(condition: Params['first'], language: 'vi' | 'en'): string {
  return limitWords(condition.quantity, limitOf(condition), language);
}
