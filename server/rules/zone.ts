/** A zone in a rule's parameters: an area by its id, a drawn polygon, or a circle. */
import { z } from 'zod';
import { Position } from '../../core/api/common.ts';
import { AppError } from '../../core/errors.ts';
import type { Language } from '../../core/format.ts';
import { metresPerDegree } from '../../core/plane.ts';
import type { Bbox } from '../../core/reading.ts';
import { bboxAround, cleanGeometry, type Fence, flattenPolygon } from '../../gis/index.ts';
import type { KindTools } from './kind.ts';

export const ZoneShape = {
  area: z.string().min(1).max(64).optional().describe('id of an area'),
  polygon: z
    .object({ type: z.enum(['Polygon', 'MultiPolygon']), coordinates: z.array(z.unknown()).max(1000) })
    .optional()
    .describe('GeoJSON geometry, EPSG:4326'),
  circle: z.strictObject({ centre: Position, radiusM: z.number().min(10).max(200_000) }).optional(),
};
export interface ZoneParams {
  area?: string | undefined;
  polygon?: { type: 'Polygon' | 'MultiPolygon'; coordinates: unknown[] } | undefined;
  circle?: { centre: [number, number]; radiusM: number } | undefined;
}

export const hasOneZone = (p: ZoneParams) =>
  [p.area, p.polygon, p.circle].filter((place) => place !== undefined).length === 1;
export const ONE_ZONE = 'give one of area, polygon and circle';

/** The fence and the box outside which everything is outside it. Throws `rule.invalid`. */
export function zoneOf(
  params: ZoneParams,
  tools: KindTools,
): { fence: Fence; box: Bbox; name: string | null } {
  const fence = fenceOf(params, tools);
  return {
    fence,
    box: fence.kind === 'circle' ? bboxAround(fence.centre, fence.radiusM) : fence.polygon.bbox,
    name: params.area === undefined ? null : (tools.area(params.area)?.name ?? null),
  };
}

function fenceOf(params: ZoneParams, tools: KindTools): Fence {
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

/** The area's name, or words for a zone that was drawn. */
export function zoneName(name: string | null, language: Language): string {
  return name ?? { vi: 'vùng đã vẽ', en: 'the drawn zone' }[language];
}

export function zoneWords(params: ZoneParams, tools: KindTools, language: Language): string {
  return zoneName(
    params.area === undefined ? null : (tools.area(params.area)?.name ?? params.area),
    language,
  );
}

const STRIPS = 1000;

/** m², to about a thousandth: the widths inside of so many level strips, whichever way the rings turn. */
export function zoneAreaM2(fence: Fence): number {
  if (fence.kind === 'circle') return Math.PI * fence.radiusM ** 2;
  const { bbox, edges } = fence.polygon;
  const [, south, , north] = bbox;
  const height = (north - south) / STRIPS;
  let total = 0;
  for (let strip = 0; strip < STRIPS; strip += 1) {
    const lat = south + (strip + 0.5) * height;
    const scale = metresPerDegree(lat);
    const crossings: number[] = [];
    for (let i = 0; i < edges.length; i += 4) {
      const y1 = edges[i + 1] as number;
      const y2 = edges[i + 3] as number;
      if (y1 > lat === y2 > lat) continue;
      const x1 = edges[i] as number;
      crossings.push(x1 + (((edges[i + 2] as number) - x1) * (lat - y1)) / (y2 - y1));
    }
    crossings.sort((a, b) => a - b);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      total += ((crossings[i + 1] as number) - (crossings[i] as number)) * scale.lon * height * scale.lat;
    }
  }
  return total;
}
