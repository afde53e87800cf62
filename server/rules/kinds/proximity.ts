import { z } from 'zod';
import { formatDistance } from '../../../core/format.ts';
import { fastDistanceM } from '../../../core/plane.ts';
import { ASSUMED_ACCURACY_M } from '../../../gis/index.ts';
import { Delays, defineCondition } from '../condition.ts';
import { fixes } from '../examples.ts';
import { fresh, MaxAge, type Members, newestOf, withMember } from '../members.ts';

const Params = z.strictObject({
  withinM: z.number().min(1).max(100_000).describe('metres between two of them'),
  to: z
    .array(z.string().min(1).max(64))
    .min(1)
    .max(200)
    .optional()
    .describe('only pairs with one of these devices; absent = any two'),
  maxAgeS: MaxAge,
  ...Delays,
});
type Params = z.infer<typeof Params>;

interface Memory {
  members: Members<[lon: number, lat: number, accuracyM: number]>;
  /** Pairs that are close, by the two ids in order, with their distance in metres. */
  pairs: Record<string, number>;
}
interface Facts {
  pair: [string, string] | null;
  distanceM: number;
  count: number;
}

/**
 * Two moving things come close to each other. A pair whose accuracies leave it open stays as it was; one that is not
 * heard of any more is no pair.
 */
export default defineCondition<Params, Params, Memory, Facts>({
  id: 'proximity',
  vi: 'Đến gần nhau',
  en: 'Proximity',
  subject: 'group',
  input: 'positions',
  params: Params,
  many: true,
  prepare: (params) => params,

  look(memory, item, rule) {
    if (item.kind !== 'position') return null;
    const own: [number, number, number, number] = [
      item.timeMs,
      item.lon,
      item.lat,
      item.accuracyM ?? ASSUMED_ACCURACY_M,
    ];
    const members = withMember(memory?.members, item.deviceId, own);
    if (!members) return null;
    const known = fresh(members, newestOf(members, item.timeMs), rule.maxAgeS);
    const alive = new Set(known.map(([id]) => id));
    const pairs = Object.fromEntries(
      Object.entries(memory?.pairs ?? {}).filter(([key]) => key.split('\n').every((id) => alive.has(id))),
    );
    for (const [id, [, lon, lat, accuracyM]] of known) {
      if (id === item.deviceId || (rule.to && rule.to.includes(id) === rule.to.includes(item.deviceId)))
        continue;
      const key = [id, item.deviceId].sort().join('\n');
      const distanceM = fastDistanceM([lon, lat], [item.lon, item.lat]);
      const open = Math.abs(distanceM - rule.withinM) < Math.hypot(accuracyM, own[3]);
      if (open ? key in pairs : distanceM <= rule.withinM) pairs[key] = Math.round(distanceM);
      else delete pairs[key];
    }
    const close = Object.entries(pairs).sort((a, b) => a[1] - b[1]);
    const [nearest] = close;
    return {
      memory: { members: Object.fromEntries(known), pairs },
      holds: close.length > 0,
      amount: nearest ? -nearest[1] : null,
      facts: {
        pair: nearest ? (nearest[0].split('\n') as [string, string]) : null,
        distanceM: nearest?.[1] ?? 0,
        count: close.length,
      },
      evidence: {
        withinM: rule.withinM,
        pairs: close.slice(0, 20).map(([key, distanceM]) => [...key.split('\n'), distanceM]),
      },
      idle: close.length === 0 && Object.keys(memory?.pairs ?? {}).length === 0,
    };
  },

  fact({ pair, distanceM, count }, rule, language, holding) {
    const limit = formatDistance(rule.withinM, language);
    if (!holding || !pair)
      return language === 'vi' ? `Không còn cặp nào trong ${limit}` : `No pair within ${limit} any more`;
    const more = count > 1 ? ` (+${count - 1})` : '';
    const and = language === 'vi' ? 'và' : 'and';
    const words = `${pair[0]} ${and} ${pair[1]}${more}`;
    const distance = formatDistance(distanceM, language);
    return language === 'vi'
      ? `${words} cách nhau ${distance} ≤ ${limit}`
      : `${words} are ${distance} ≤ ${limit} apart`;
  },

  describe(params, language) {
    const limit = formatDistance(params.withinM, language);
    const to = params.to?.slice(0, 5).join(', ');
    if (language === 'vi')
      return to ? `Đến gần ${to} trong ${limit}` : `Hai phương tiện cách nhau không quá ${limit}`;
    return to ? `Comes within ${limit} of ${to}` : `Two units within ${limit} of each other`;
  },

  examples: [
    {
      name: 'a tug meets a barge',
      params: { withinM: 300, maxAgeS: 3600 },
      items: fixes([
        { device: 'tug', at: [105.15, 9.18] },
        { device: 'barge', at: [105.16, 9.18] },
        { device: 'barge', at: [105.1505, 9.18] },
        { device: 'tug', at: [105.17, 9.18] },
      ]),
      expect: [
        null,
        null,
        {
          kind: 'raise',
          vi: 'barge và tug cách nhau 55 m ≤ 300 m lúc 07:02',
          en: 'barge and tug are 55 m ≤ 300 m apart at 07:02',
        },
        { kind: 'clear' },
      ],
    },
  ],
});
