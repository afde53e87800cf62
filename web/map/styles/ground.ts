/** Land, water and roads: pure functions of what a feature is, the zoom and the palette. Null = not drawn. */
import Fill from 'ol/style/Fill';
import Stroke from 'ol/style/Stroke';
import Style from 'ol/style/Style';
import { alpha, type LandCover, type MapPalette } from './palette.ts';

/** Grows exponentially between two zooms, as everything that keeps its size on the ground does, but gentler. */
export function widthAt(
  zoom: number,
  [z0, w0]: readonly [number, number],
  [z1, w1]: readonly [number, number],
) {
  const t = Math.min(1, Math.max(0, (zoom - z0) / (z1 - z0)));
  return w0 * (w1 / w0) ** t;
}

export interface RoadLook {
  widthPx: number;
  casingPx: number;
  colour: string;
  casing: string;
  /** Painter's order: greater roads over smaller ones. */
  order: number;
}

const ROAD_RANK = { national: 5, provincial: 4, ring: 4, street: 2, local: 1 } as const;
export type RoadClass = keyof typeof ROAD_RANK;
const ROAD_FROM: Record<RoadClass, number> = {
  national: 6.5,
  provincial: 8.5,
  ring: 9.5,
  street: 12.2,
  local: 11.5,
};

export function isRoadClass(text: unknown): text is RoadClass {
  return typeof text === 'string' && Object.hasOwn(ROAD_RANK, text);
}

export function roadLook(
  roadClass: RoadClass,
  bridge: boolean,
  zoom: number,
  palette: MapPalette,
): RoadLook | null {
  if (zoom < ROAD_FROM[roadClass]) return null;
  const widthPx =
    roadClass === 'national'
      ? widthAt(zoom, [7, 1.2], [15, 10])
      : roadClass === 'provincial' || roadClass === 'ring'
        ? widthAt(zoom, [8.5, 0.9], [15, 8])
        : roadClass === 'street'
          ? widthAt(zoom, [12, 0.8], [16, 9])
          : widthAt(zoom, [11.5, 0.7], [16, 6]);
  const { roads } = palette;
  const colour =
    roadClass === 'national'
      ? roads.national
      : roadClass === 'provincial' || roadClass === 'ring'
        ? roads.provincial
        : roads.street;
  // Thin white lines on pale land need their grey edge; on dark ground the edge only parts crossings.
  const casingPx = widthPx < 1.6 && palette.name === 'dark' ? 0 : Math.min(1.6, 0.5 + widthPx * 0.16);
  return {
    widthPx,
    casingPx: bridge ? casingPx + 0.8 : casingPx,
    colour,
    casing: bridge ? palette.coast : roads.casing,
    order: ROAD_RANK[roadClass] + (bridge ? 10 : 0),
  };
}

export function coverFrom(cover: LandCover): number {
  return cover === 'park' || cover === 'industrial' ? 10 : cover === 'builtup' || cover === 'orchard' ? 8 : 6;
}

export function isLandCover(text: unknown, palette: MapPalette): text is LandCover {
  return typeof text === 'string' && Object.hasOwn(palette.cover, text);
}

export const fill = (colour: string) => new Style({ fill: new Fill({ color: colour }) });

export function line(
  colour: string,
  widthPx: number,
  more: { dash?: number[]; cap?: CanvasLineCap; zIndex?: number } = {},
): Style {
  return new Style({
    stroke: new Stroke({
      color: colour,
      width: widthPx,
      lineCap: more.cap ?? 'round',
      lineJoin: 'round',
      ...(more.dash ? { lineDash: more.dash } : {}),
    }),
    ...(more.zIndex === undefined ? {} : { zIndex: more.zIndex }),
  });
}

export interface BoundaryLook {
  colour: string;
  widthPx: number;
  dash: number[];
}

/** Communes appear when a province fills the screen and are always dashed: administration is not terrain. */
export function communeLook(zoom: number, palette: MapPalette): BoundaryLook | null {
  if (zoom < 8.2) return null;
  const strength = Math.min(1, (zoom - 8.2) / 1.4);
  return {
    colour: alpha(palette.commune, 0.35 + 0.5 * strength),
    widthPx: zoom < 11 ? 1 : 1.2,
    dash: [5, 4],
  };
}

export function provinceLook(zoom: number, palette: MapPalette): BoundaryLook {
  return { colour: palette.province, widthPx: zoom < 8 ? 1 : 1.6, dash: [10, 4, 2, 4] };
}

/** Canals and field ditches: their width on the ground, but never thinner than a hair. Rivers are areas. */
export function canalWidthPx(kind: unknown, widthM: unknown, zoom: number): number | null {
  if (kind !== 'canal' && kind !== 'ditch') return null;
  if (zoom < (kind === 'canal' ? 9 : 11.4)) return null;
  const metresPerPixel = 154_500 / 2 ** zoom;
  const onGround = (typeof widthM === 'number' ? widthM : 10) / metresPerPixel;
  return Math.max(kind === 'canal' ? widthAt(zoom, [9, 0.8], [13, 1.8]) : 0.6, onGround);
}
