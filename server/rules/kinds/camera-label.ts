import { z } from 'zod';
import { isValidQuality } from '../../../core/quality.ts';
import { covers, distanceM } from '../../../gis/index.ts';
import { Delays, defineCondition } from '../condition.ts';
import { from } from '../examples.ts';
import { hasOneZone, ONE_ZONE, ZoneShape, zoneOf, zoneWords } from '../zone.ts';

const Name = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,30}$/, 'lower-case letters, digits and _, as the camera’s analytics send it');

const Params = z
  .strictObject({
    label: Name.describe('what the analytics saw: person, car, fire'),
    cameraZone: Name.optional().describe('zone drawn in the picture; the value is then named zone_label'),
    ...ZoneShape,
    atLeast: z.number().int().min(1).max(100_000).default(1).describe('so many at once'),
    ...Delays,
  })
  .refine(
    (p) => [p.area, p.polygon, p.circle].every((place) => place === undefined) || hasOneZone(p),
    ONE_ZONE,
  );
type Params = z.infer<typeof Params>;

interface Rule extends Params {
  covers: ((lon: number, lat: number) => boolean) | null;
}

/**
 * What a camera's analytics counted, in a zone of the picture, on the map, or anywhere: the analytics send the number
 * of each label as a value of the camera's device, with the place of what was seen if they know it.
 */
export default defineCondition<Params, Rule, null, { count: number }>({
  id: 'camera-label',
  vi: 'Nhãn camera trong vùng',
  en: 'Camera label in a zone',
  subject: 'device',
  input: 'values',
  params: Params,
  quantity: quantityOf,
  prepare(params, tools) {
    if (!hasOneZone(params)) return { ...params, covers: null };
    const { fence } = zoneOf(params, tools);
    return {
      ...params,
      covers:
        fence.kind === 'polygon'
          ? (lon, lat) => covers(fence.polygon, lon, lat)
          : (lon, lat) => distanceM(fence.centre, [lon, lat]) <= fence.radiusM,
    };
  },

  look(_memory, item, rule) {
    if (item.kind !== 'value' || !isValidQuality(item.quality)) return null;
    // What has no place cannot be in a place.
    const here = rule.covers === null || (item.position !== null && rule.covers(...item.position));
    const count = here ? item.value : 0;
    return {
      memory: null,
      holds: count >= rule.atLeast,
      amount: count,
      facts: { count },
      evidence: { label: rule.label, cameraZone: rule.cameraZone ?? null, count, atLeast: rule.atLeast },
      idle: true,
    };
  },

  fact({ count }, rule, language, holding) {
    const zone = rule.cameraZone ? ` (${rule.cameraZone})` : '';
    if (!holding)
      return language === 'vi'
        ? `Không còn thấy “${rule.label}”${zone}`
        : `No “${rule.label}” any more${zone}`;
    return language === 'vi'
      ? `Camera thấy ${count} “${rule.label}”${zone}`
      : `Camera sees ${count} “${rule.label}”${zone}`;
  },

  describe(params, language, tools) {
    const picture = params.cameraZone ? ` “${params.cameraZone}”` : '';
    const place = hasOneZone(params) ? zoneWords(params, tools, language) : '';
    if (language === 'vi') {
      return `Camera thấy ít nhất ${params.atLeast} “${params.label}”${picture && ` trong khung${picture}`}${place && ` trong ${place}`}`;
    }
    return `Camera sees at least ${params.atLeast} “${params.label}”${picture && ` in its zone${picture}`}${place && ` in ${place}`}`;
  },

  examples: [
    {
      name: 'somebody at the fence for two minutes',
      params: { label: 'person', cameraZone: 'fence', atLeast: 1, forS: 120 },
      items: [0, 1, 2, 3, 4].map((minute) =>
        from('cam', minute, minute < 4 ? 1 : 0, { quantity: 'fence_person' }),
      ),
      expect: [
        null,
        null,
        {
          kind: 'raise',
          vi: 'Camera thấy 1 “person” (fence) trong 2 phút (từ 07:00 đến 07:02)',
          en: 'Camera sees 1 “person” (fence) for 2 minutes (07:00 to 07:02)',
        },
        null,
        { kind: 'clear' },
      ],
    },
    {
      name: 'a vehicle whose place lies in a circle on the map',
      params: { label: 'car', circle: { centre: [105.15, 9.18], radiusM: 100 }, atLeast: 1 },
      items: [
        from('cam', 0, 1, { at: [105.16, 9.18] }),
        from('cam', 1, 1),
        from('cam', 2, 1, { at: [105.15, 9.18] }),
      ],
      expect: [null, null, { kind: 'raise' }],
    },
  ],
});

function quantityOf(params: Params): string {
  return params.cameraZone === undefined ? params.label : `${params.cameraZone}_${params.label}`;
}
