import { z } from 'zod';
import { formatClock, formatSpan } from '../../../core/format.ts';
import type { Bbox, LonLat } from '../../../core/reading.ts';
import type { Bilingual } from '../../../core/text.ts';
import {
  ASSUMED_ACCURACY_M,
  bboxAround,
  type Fence,
  type FenceState,
  fenceVerdict,
  nextFenceState,
} from '../../../gis/index.ts';
import { fixes } from '../examples.ts';
import { defineKind, type KindState } from '../kind.ts';
import { both, SpanS } from '../words.ts';
import { hasOneZone, ONE_ZONE, ZoneShape, zoneName, zoneOf, zoneWords } from '../zone.ts';

const Params = z
  .strictObject({
    ...ZoneShape,
    on: z
      .enum(['enter', 'exit', 'inside', 'outside'])
      .describe(
        'enter and exit: seen crossing the border; inside and outside: being there, however it came about',
      ),
    forS: SpanS.optional().describe(
      'seconds that it must stay on that side before it is raised: dwell, or delayed exit',
    ),
  })
  .refine(hasOneZone, ONE_ZONE);
type Params = z.infer<typeof Params>;

interface Rule {
  fence: Fence;
  /** Everything outside this box is outside the fence. */
  box: Bbox;
  on: Params['on'];
  /** The side on which it is wrong. */
  wrong: 'inside' | 'outside';
  forMs: number;
  /** The area's name; null for a fence drawn by hand. */
  name: string | null;
  timeZone: string;
}

interface State extends KindState {
  side: FenceState;
  /** First sure fix of the stay on the wrong side that counts; absent = there is none. */
  since?: number | null;
}

/**
 * A unit (or a tracker without a unit) and a border. `enter` and `inside` are cleared by leaving, the others by coming
 * back. A fix whose accuracy circle reaches across the border decides nothing; for `enter` and `exit` the first sure
 * fix only tells where the unit is: a fence drawn round a parked unit raises nothing.
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
  prepare: (params, tools) => ({
    ...zoneOf(params, tools),
    on: params.on,
    wrong: params.on === 'enter' || params.on === 'inside' ? 'inside' : 'outside',
    forMs: (params.forS ?? 0) * 1000,
    timeZone: tools.timeZone,
  }),
  // Being outside is what `outside` is about, so it has to be asked everywhere.
  box: (rule) => (rule.on === 'outside' ? null : rule.box),

  evaluate(previous, item, rule) {
    if (item.kind !== 'position' || (previous && item.timeMs <= previous.t)) return null;
    const { timeMs: t } = item;
    const at: LonLat = [item.lon, item.lat];
    const known = previous?.side ?? 'unknown';
    const far = known === 'outside' && isFarFrom(rule.box, at, item.accuracyM);
    // Most fences are far from most units, and stay so.
    if (far && rule.wrong === 'inside') {
      return { state: { t, raised: false, side: 'outside' }, durable: false, signal: null };
    }
    const verdict = far
      ? { side: 'outside' as const, borderM: 0 }
      : fenceVerdict(rule.fence, at, item.accuracyM);
    const { state: side, crossing } = nextFenceState(known, verdict.side);
    const wasRaised = previous?.raised ?? false;
    const isWrong = side === rule.wrong;
    const crossed = crossing === (rule.wrong === 'inside' ? 'enter' : 'exit');
    const begins =
      isWrong && (crossed || (known === 'unknown' && (rule.on === 'inside' || rule.on === 'outside')));
    const since = isWrong ? (begins ? t : (previous?.since ?? null)) : null;
    const raised = since !== null && (wasRaised || t - since >= rule.forMs);
    const state: State = { t, raised, side, since };
    if (raised === wasRaised) {
      const durable = side !== known || since !== (previous?.since ?? null);
      return { state, durable, signal: null };
    }
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
          side,
          since: since === null ? null : new Date(since).toISOString(),
          borderM: Math.round(verdict.borderM),
          accuracyM: item.accuracyM,
          speedKmh: item.speedKmh,
        },
        explanation: sentence(side === 'inside', raised, since ?? t, t, rule),
        peak: null,
      },
    };
  },

  explain: (params, tools) =>
    both((language) => {
      const name = zoneWords(params, tools, language);
      const stay = params.forS ? formatSpan(params.forS, language) : '';
      const words = {
        vi: { enter: 'Vào', exit: 'Ra khỏi', inside: 'Ở trong', outside: 'Ở ngoài' },
        en: { enter: 'Enters', exit: 'Leaves', inside: 'Is inside', outside: 'Is outside' },
      }[language][params.on];
      if (!stay) return `${words} ${name}`;
      if (language === 'vi') return `${words} ${name} quá ${stay}`;
      const crossing = params.on === 'enter' || params.on === 'exit';
      return `${words} ${name}${crossing ? ' and stays there' : ''} for more than ${stay}`;
    }),

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
      name: 'a stay of two minutes raises, a visit does not',
      params: { circle: { centre: [105.15, 9.18], radiusM: 1000 }, on: 'enter', forS: 120 },
      items: fixes([
        { at: [105.12, 9.18] },
        { at: [105.15, 9.18] },
        { at: [105.12, 9.18] },
        { at: [105.15, 9.18] },
        { at: [105.1409, 9.18], accuracyM: 40 },
        { at: [105.15, 9.18] },
        { at: [105.12, 9.18] },
      ]),
      expect: [
        null,
        null,
        null,
        null,
        null,
        {
          kind: 'raise',
          vi: 'Ở trong vùng đã vẽ 2 phút (từ 07:03 đến 07:05)',
          en: 'Inside the drawn zone for 2 minutes (07:03 to 07:05)',
        },
        { kind: 'clear' },
      ],
    },
    {
      name: 'outside its district from the first sure fix on',
      params: { circle: { centre: [105.15, 9.18], radiusM: 1000 }, on: 'outside' },
      items: fixes([{ at: [105.12, 9.18] }, { at: [105.11, 9.18] }, { at: [105.15, 9.18] }]),
      expect: [{ kind: 'raise', vi: 'Ở ngoài vùng đã vẽ lúc 07:00' }, null, { kind: 'clear' }],
    },
    {
      name: 'leaving raises, coming back clears',
      params: { circle: { centre: [105.15, 9.18], radiusM: 1000 }, on: 'exit' },
      items: fixes([{ at: [105.15, 9.18] }, { at: [105.12, 9.18] }, { at: [105.15, 9.18] }]),
      expect: [null, { kind: 'raise' }, { kind: 'clear' }],
    },
  ],
});

/** Whether the circle round a fix lies outside a box, looked at so that no doubt says yes. */
function isFarFrom(box: Bbox, at: LonLat, accuracyM: number | null): boolean {
  const [west, south, east, north] = bboxAround(at, accuracyM ?? ASSUMED_ACCURACY_M);
  return east < box[0] || west > box[2] || north < box[1] || south > box[3];
}

function sentence(inside: boolean, raised: boolean, since: number, t: number, rule: Rule): Bilingual {
  return both((language) => {
    const at = formatClock(t, rule.timeZone);
    const name = zoneName(rule.name, language);
    if (raised && since < t) {
      const span = formatSpan((t - since) / 1000, language);
      const from = formatClock(since, rule.timeZone, t);
      if (language === 'vi') return `Ở ${inside ? 'trong' : 'ngoài'} ${name} ${span} (từ ${from} đến ${at})`;
      return `${inside ? 'Inside' : 'Outside'} ${name} for ${span} (${from} to ${at})`;
    }
    if (raised && (rule.on === 'inside' || rule.on === 'outside')) {
      if (language === 'vi') return `Ở ${inside ? 'trong' : 'ngoài'} ${name} lúc ${at}`;
      return `${inside ? 'Inside' : 'Outside'} ${name} at ${at}`;
    }
    if (language === 'vi') return `${inside ? 'Vào' : 'Ra khỏi'} ${name} lúc ${at}`;
    return `${inside ? 'Entered' : 'Left'} ${name} at ${at}`;
  });
}
