import { z } from 'zod';
import { Position } from '../../../core/api/common.ts';
import { fastDistanceM } from '../../../core/plane.ts';
import type { Bbox, LonLat } from '../../../core/reading.ts';
import { ASSUMED_ACCURACY_M, borderDistanceM, type FlatPolygon } from '../../../gis/index.ts';
import { Delays, defineCondition } from '../condition.ts';
import { fixes } from '../examples.ts';
import { flatLine, sideOfCrossing } from '../line.ts';

const Params = z.strictObject({
  line: z.array(Position).min(2).max(500).describe('the line, [lon, lat] after [lon, lat]'),
  direction: z
    .enum(['any', 'to_left', 'to_right'])
    .default('any')
    .describe('which way counts, seen along the line from its first point'),
  showS: z
    .number()
    .min(1)
    .max(86_400)
    .default(60)
    .describe('seconds that the alarm stands after the crossing'),
  offS: Delays.offS,
});
type Params = z.infer<typeof Params>;

interface Rule extends Params {
  flat: FlatPolygon;
  box: Bbox;
}

interface Memory {
  /** The last fix that was surely on one side. */
  last: LonLat;
  crossedMs: number | null;
  to: 'left' | 'right' | null;
}

/**
 * Something crosses a line: a gate, a bridge, a border post. The way is the straight one between two fixes that are
 * both further from the line than their accuracy, so a vehicle parked on it raises nothing.
 */
export default defineCondition<Params, Rule, Memory, { to: 'left' | 'right' | null }>({
  id: 'line-crossing',
  vi: 'Đi qua tuyến',
  en: 'Crossing a line',
  subject: 'unit',
  input: 'positions',
  params: Params,
  prepare(params) {
    const flat = flatLine(params.line);
    return { ...params, flat, box: flat.bbox };
  },
  box: (rule) => rule.box,

  look(memory, item, rule) {
    if (item.kind === 'value') return null;
    let { last, crossedMs, to } = memory ?? { last: null, crossedMs: null, to: null };
    if (item.kind === 'position') {
      const at: LonLat = [item.lon, item.lat];
      if (borderDistanceM(rule.flat, at[0], at[1]) >= (item.accuracyM ?? ASSUMED_ACCURACY_M)) {
        const side = last && sideOfCrossing(rule.flat, last, at);
        if (side && (rule.direction === 'any' || rule.direction === `to_${side}`)) {
          crossedMs = item.timeMs;
          to = side;
        }
        last = at;
      }
    }
    if (!last) return null;
    const holds = crossedMs !== null && item.timeMs - crossedMs < rule.showS * 1000;
    return {
      memory: { last, crossedMs: holds ? crossedMs : null, to: holds ? to : null },
      holds,
      amount: null,
      facts: { to },
      evidence: { to, crossedAt: crossedMs === null ? null : new Date(crossedMs).toISOString() },
      idle: crossedMs === null,
      position: last,
    };
  },

  deadlineMs: (memory, rule, raised) =>
    raised && memory.crossedMs !== null ? memory.crossedMs + rule.showS * 1000 : null,

  fact(_facts, _rule, language, holding) {
    if (language === 'vi') return holding ? 'Đi qua tuyến đã vẽ' : 'Đã qua tuyến đã vẽ, hết hiệu lực';
    return holding ? 'Crossed the drawn line' : 'The crossing of the drawn line is over';
  },

  describe(params, language) {
    const metres = Math.round(lengthM(params.line));
    const way = {
      vi: { any: '', to_left: ' sang trái', to_right: ' sang phải' },
      en: { any: '', to_left: ' to the left', to_right: ' to the right' },
    }[language][params.direction];
    return language === 'vi' ? `Đi qua tuyến dài ${metres} m${way}` : `Crosses a line of ${metres} m${way}`;
  },

  examples: [
    {
      name: 'over the line and, a minute later, past it; a fix on the line says nothing',
      params: {
        line: [
          [105.15, 9.17],
          [105.15, 9.19],
        ],
        direction: 'to_right',
        showS: 60,
      },
      items: fixes([
        { at: [105.14, 9.18] },
        { at: [105.15, 9.18] },
        { at: [105.16, 9.18] },
        { at: [105.17, 9.18] },
        { at: [105.14, 9.18] },
      ]),
      expect: [
        null,
        null,
        { kind: 'raise', vi: 'Đi qua tuyến đã vẽ lúc 07:02', en: 'Crossed the drawn line at 07:02' },
        { kind: 'clear' },
        null,
      ],
    },
  ],
});

function lengthM(line: readonly LonLat[]): number {
  let total = 0;
  for (const [index, point] of line.entries()) {
    const next = line[index + 1];
    if (next) total += fastDistanceM(point, next);
  }
  return total;
}
