import { z } from 'zod';
import { Position } from '../../../core/api/common.ts';
import { AppError } from '../../../core/errors.ts';
import { formatClock } from '../../../core/format.ts';
import type { Bbox, LonLat } from '../../../core/reading.ts';
import type { Bilingual } from '../../../core/text.ts';
import {
  ASSUMED_ACCURACY_M,
  bboxAround,
  cleanGeometry,
  type Fence,
  type FenceState,
  fenceVerdict,
  flattenPolygon,
  nextFenceState,
} from '../../../gis/index.ts';
import { fixes } from '../examples.ts';
import { defineKind, type KindState, type KindTools } from '../kind.ts';
import { both } from '../words.ts';

const Params = z
  .strictObject({
    area: z.string().min(1).max(64).optional().describe('id of an area'),
    polygon: z
      .object({ type: z.enum(['Polygon', 'MultiPolygon']), coordinates: z.array(z.unknown()).max(1000) })
      .optional()
      .describe('GeoJSON geometry, EPSG:4326'),
    circle: z.strictObject({ centre: Position, radiusM: z.number().min(10).max(200_000) }).optional(),
    on: z.enum(['enter', 'exit']),
  })
  .refine(
    (p) => [p.area, p.polygon, p.circle].filter((place) => place !== undefined).length === 1,
    'give one of area, polygon and circle',
  );
type Params = z.infer<typeof Params>;

interface Rule {
  fence: Fence;
  /** Everything outside this box is outside the fence. */
  box: Bbox;
  on: 'enter' | 'exit';
  /** The area's name; null for a fence drawn by hand. */
  name: string | null;
  timeZone: string;
}

interface State extends KindState {
  side: FenceState;
}

/**
 * A unit (or a tracker without a unit) crosses a border. `enter` is cleared by leaving and the other way round. A
 * fix whose accuracy circle reaches across the border decides nothing, and the first sure fix only tells where the
 * unit is: a fence drawn round a parked unit raises nothing.
 */
export default defineKind<Params, Rule, State>({
  id: 'geofence',
  vi: 'Vào hoặc ra khỏi vùng',
  en: 'Geofence',
  subject: 'unit',
  input: 'positions',
  params: Params,
  quantity: () => null,
  applies: (device) => device.mobile,
  prepare(params, tools) {
    const fence = fenceOf(params, tools);
    return {
      fence,
      box: fence.kind === 'circle' ? bboxAround(fence.centre, fence.radiusM) : fence.polygon.bbox,
      on: params.on,
      name: params.area === undefined ? null : (tools.area(params.area)?.name ?? null),
      timeZone: tools.timeZone,
    };
  },

  evaluate(previous, item, rule) {
    if (item.kind !== 'position' || (previous && item.timeMs <= previous.t)) return null;
    const { timeMs: t } = item;
    const at: LonLat = [item.lon, item.lat];
    // Most fences are far from most units, and stay so.
    if (previous?.side === 'outside' && isFarFrom(rule.box, at, item.accuracyM)) {
      return { state: { ...previous, t }, durable: false, signal: null };
    }
    const verdict = fenceVerdict(rule.fence, at, item.accuracyM);
    const { state: side, crossing } = nextFenceState(previous?.side ?? 'unknown', verdict.side);
    const wasRaised = previous?.raised ?? false;
    const raised = crossing === null ? wasRaised : crossing === rule.on;
    const state: State = { t, raised, side };
    const known = previous?.side ?? 'unknown';
    if (raised === wasRaised) return { state, durable: side !== known, signal: null };
    return {
      state,
      durable: true,
      signal: {
        kind: raised ? 'raise' : 'clear',
        timeMs: t,
        position: at,
        areaId: item.areaId,
        evidence: {
          crossing,
          borderM: Math.round(verdict.borderM),
          accuracyM: item.accuracyM,
          speedKmh: item.speedKmh,
        },
        explanation: crossingSentence(side === 'inside', t, rule),
        peak: null,
      },
    };
  },

  explain: (params, tools) => {
    const name = params.area === undefined ? null : (tools.area(params.area)?.name ?? params.area);
    return {
      vi: `${params.on === 'enter' ? 'Vào' : 'Ra khỏi'} ${fenceName(name, 'vi')}`,
      en: `${params.on === 'enter' ? 'Enters' : 'Leaves'} ${fenceName(name, 'en')}`,
    };
  },

  examples: [
    {
      name: 'driving in raises, driving out clears; a fix at the border says nothing',
      params: { circle: { centre: [105.15, 9.18], radiusM: 1000 }, on: 'enter' },
      items: fixes([
        { at: [105.13, 9.18] },
        { at: [105.1409, 9.18], accuracyM: 40 },
        { at: [105.15, 9.18] },
        { at: [105.1409, 9.18], accuracyM: 40 },
        { at: [105.12, 9.18] },
      ]),
      expect: [
        null,
        null,
        { kind: 'raise', vi: 'Vào vùng đã vẽ lúc 07:02', en: 'Entered the drawn zone at 07:02' },
        null,
        { kind: 'clear', vi: 'Ra khỏi vùng đã vẽ lúc 07:04', en: 'Left the drawn zone at 07:04' },
      ],
    },
    {
      name: 'a fence drawn round a parked unit raises nothing until the unit comes back',
      params: {
        polygon: {
          type: 'Polygon',
          coordinates: [
            [
              [105.1, 9.1],
              [105.2, 9.1],
              [105.2, 9.2],
              [105.1, 9.2],
              [105.1, 9.1],
            ],
          ],
        },
        on: 'enter',
      },
      items: fixes([
        { at: [105.15, 9.15] },
        { at: [105.15, 9.15] },
        { at: [105.25, 9.15] },
        { at: [105.15, 9.15] },
      ]),
      expect: [null, null, null, { kind: 'raise' }],
    },
    {
      name: 'leaving raises, coming back clears',
      params: { circle: { centre: [105.15, 9.18], radiusM: 1000 }, on: 'exit' },
      items: fixes([{ at: [105.15, 9.18] }, { at: [105.12, 9.18] }, { at: [105.15, 9.18] }]),
      expect: [null, { kind: 'raise' }, { kind: 'clear' }],
    },
  ],
});

function fenceOf(params: Params, tools: KindTools): Fence {
  if (params.circle) return { kind: 'circle', ...params.circle };
  if (params.area !== undefined) {
    const area = tools.area(params.area);
    if (!area) throw new AppError('rule.invalid', { detail: `params.area: there is no area ${params.area}` });
    return { kind: 'polygon', polygon: area.polygon };
  }
  const cleaned = cleanGeometry(params.polygon);
  if ('refused' in cleaned) {
    throw new AppError('rule.invalid', { detail: `params.polygon: ${cleaned.refused.en}` });
  }
  if (cleaned.crossingAt) {
    const [lon, lat] = cleaned.crossingAt;
    throw new AppError('rule.invalid', {
      detail: `params.polygon: its border crosses itself at ${lon}, ${lat}`,
    });
  }
  return { kind: 'polygon', polygon: flattenPolygon(cleaned.polygons) };
}

/** Whether the circle round a fix lies outside a box, looked at so that no doubt says yes. */
function isFarFrom(box: Bbox, at: LonLat, accuracyM: number | null): boolean {
  const [west, south, east, north] = bboxAround(at, accuracyM ?? ASSUMED_ACCURACY_M);
  return east < box[0] || west > box[2] || north < box[1] || south > box[3];
}

function fenceName(name: string | null, language: 'vi' | 'en'): string {
  if (name !== null) return name;
  return language === 'vi' ? 'vùng đã vẽ' : 'the drawn zone';
}

function crossingSentence(inside: boolean, t: number, rule: Rule): Bilingual {
  return both((language) => {
    const at = formatClock(t, rule.timeZone);
    const name = fenceName(rule.name, language);
    if (language === 'vi') return `${inside ? 'Vào' : 'Ra khỏi'} ${name} lúc ${at}`;
    return `${inside ? 'Entered' : 'Left'} ${name} at ${at}`;
  });
}
