import { z } from 'zod';
import { formatNumber } from '../../../core/format.ts';
import { type Fence, fenceVerdict } from '../../../gis/index.ts';
import { Delays, defineCondition } from '../condition.ts';
import { fixes } from '../examples.ts';
import { hasOneLimit, isOver, type Limit, LimitShape, limitOf, ONE_LIMIT } from '../limits.ts';
import { fresh, MaxAge, type Members, newestOf, withMember } from '../members.ts';
import { hasOneZone, ONE_ZONE, ZoneShape, zoneAreaM2, zoneName, zoneOf, zoneWords } from '../zone.ts';

const Params = z
  .strictObject({
    ...ZoneShape,
    per: z
      .enum(['zone', 'km2'])
      .default('zone')
      .describe('the limit is a number of things, or things per km²'),
    ...LimitShape,
    maxAgeS: MaxAge,
    ...Delays,
  })
  .refine(hasOneZone, ONE_ZONE)
  .refine(hasOneLimit, ONE_LIMIT);
type Params = z.infer<typeof Params>;

interface Rule extends Params, Limit {
  fence: Fence;
  name: string | null;
  km2: number;
}

type Memory = Members<[inside: 0 | 1]>;
interface Facts {
  amount: number;
  count: number;
}

/**
 * How many moving things are in a zone, or how dense they are: a crowd of boats, too few patrols. A fix at the border
 * that its accuracy leaves open keeps the thing where it was.
 */
export default defineCondition<Params, Rule, Memory, Facts>({
  id: 'area-count',
  vi: 'Số lượng hoặc mật độ trong vùng',
  en: 'Count or density in a zone',
  subject: 'group',
  input: 'positions',
  params: Params,
  many: true,
  prepare(params, tools) {
    const zone = zoneOf(params, tools);
    return { ...params, ...limitOf(params), ...zone, km2: zoneAreaM2(zone.fence) / 1e6 };
  },

  look(memory, item, rule) {
    if (item.kind !== 'position') return null;
    const { side } = fenceVerdict(rule.fence, [item.lon, item.lat], item.accuracyM);
    const before = memory?.[item.deviceId]?.[1] ?? 0;
    const inside = side === 'uncertain' ? before : side === 'inside' ? 1 : 0;
    const members = withMember(memory, item.deviceId, [item.timeMs, inside]);
    if (!members) return null;
    const known = fresh(members, newestOf(members, item.timeMs), rule.maxAgeS);
    const there = known.filter(([, [, isInside]]) => isInside === 1);
    const amount = rule.per === 'km2' ? there.length / rule.km2 : there.length;
    return {
      memory: Object.fromEntries(known),
      holds: isOver(rule, amount),
      amount: amount * rule.sign,
      facts: { amount, count: there.length },
      evidence: {
        count: there.length,
        perKm2: there.length / rule.km2,
        limit: rule.limit,
        seen: known.length,
        which: there.slice(0, 20).map(([id]) => id),
      },
      // Who is inside is known again with everybody's next fix; that somebody crossed is not.
      idle: inside === before,
    };
  },

  fact({ amount, count }, rule, language, holding) {
    const sign = holding ? ` ${rule.sign === 1 ? '>' : '<'} ${formatNumber(rule.limit, 1, language)}` : '';
    const name = zoneName(rule.name, language);
    if (rule.per === 'km2') {
      const density = formatNumber(amount, 1, language);
      return language === 'vi'
        ? `Mật độ ${density}/km²${sign} trong ${name}`
        : `${density} per km²${sign} in ${name}`;
    }
    return language === 'vi'
      ? `${count} phương tiện${sign} trong ${name}`
      : `${count} units${sign} in ${name}`;
  },

  describe(params, language, tools) {
    const { sign, limit } = limitOf(params);
    const amount = formatNumber(limit, 1, language) + (params.per === 'km2' ? '/km²' : '');
    const words = { vi: sign === 1 ? 'Hơn' : 'Ít hơn', en: sign === 1 ? 'More than' : 'Fewer than' }[
      language
    ];
    const name = zoneWords(params, tools, language);
    return language === 'vi'
      ? `${words} ${amount} phương tiện trong ${name}`
      : `${words} ${amount} units in ${name}`;
  },

  examples: [
    {
      name: 'the second boat in the zone',
      params: { circle: { centre: [105.15, 9.18], radiusM: 1000 }, per: 'zone', above: 1, maxAgeS: 3600 },
      items: fixes([
        { device: 'a', at: [105.15, 9.18] },
        { device: 'b', at: [105.12, 9.18] },
        { device: 'b', at: [105.149, 9.18] },
        { device: 'a', at: [105.12, 9.18] },
      ]),
      expect: [
        null,
        null,
        {
          kind: 'raise',
          vi: '2 phương tiện > 1 trong vùng đã vẽ lúc 07:02',
          en: '2 units > 1 in the drawn zone at 07:02',
        },
        { kind: 'clear' },
      ],
    },
    {
      name: 'denser than one to the square kilometre',
      params: { circle: { centre: [105.15, 9.18], radiusM: 500 }, per: 'km2', above: 1, maxAgeS: 3600 },
      items: fixes([{ device: 'a', at: [105.15, 9.18] }]),
      expect: [{ kind: 'raise', vi: 'Mật độ 1,3/km² > 1 trong vùng đã vẽ lúc 07:00' }],
    },
  ],
});
