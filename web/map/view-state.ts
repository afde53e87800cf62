/**
 * Where the map looks, in the address (`#map=10.25/9.1836/105.1502`: zoom, latitude, longitude) and remembered
 * between visits. Other keys of the hash belong to others and are kept.
 */
import type { Bbox } from '../../core/reading.ts';

export interface ViewState {
  zoom: number;
  lat: number;
  lon: number;
}

export const MIN_ZOOM = 4;
export const MAX_ZOOM = 19;
const KEY = 'map';
/** Web Mercator ends here. */
const MAX_LATITUDE = 85.0511;

export function parseView(text: string): ViewState | null {
  const parts = text.split('/');
  if (parts.length !== 3 || parts.some((part) => part.trim() === '')) return null;
  const [zoom, lat, lon] = parts.map(Number);
  if (zoom === undefined || lat === undefined || lon === undefined) return null;
  if (!Number.isFinite(zoom) || !Number.isFinite(lat) || !Number.isFinite(lon)) return null;
  if (Math.abs(lat) > MAX_LATITUDE || Math.abs(lon) > 180) return null;
  return { zoom: Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, zoom)), lat, lon };
}

/** As many decimals of a degree as a pixel at this zoom deserves, so that addresses stay short and stable. */
export function formatView({ zoom, lat, lon }: ViewState): string {
  const decimals = Math.max(0, Math.ceil((zoom * Math.LN2 + Math.log(256 / 360 / 0.5)) / Math.LN10));
  return `${Number(zoom.toFixed(2))}/${lat.toFixed(decimals)}/${lon.toFixed(decimals)}`;
}

export function viewOfHash(hash: string): ViewState | null {
  for (const part of hash.replace(/^#/, '').split('&')) {
    if (part.startsWith(`${KEY}=`)) return parseView(part.slice(KEY.length + 1));
  }
  return null;
}

export function hashWithView(hash: string, view: ViewState): string {
  const others = hash
    .replace(/^#/, '')
    .split('&')
    .filter((part) => part !== '' && !part.startsWith(`${KEY}=`));
  return `#${[...others, `${KEY}=${formatView(view)}`].join('&')}`;
}

/** The bbox grown by `share` of its size on every side, inside the world: what is asked of the server. */
export function padBbox([west, south, east, north]: Bbox, share: number): Bbox {
  const dx = (east - west) * share;
  const dy = (north - south) * share;
  return [
    Math.max(-180, west - dx),
    Math.max(-90, south - dy),
    Math.min(180, east + dx),
    Math.min(90, north + dy),
  ];
}

export function bboxContains(outer: Bbox, inner: Bbox): boolean {
  return inner[0] >= outer[0] && inner[1] >= outer[1] && inner[2] <= outer[2] && inner[3] <= outer[3];
}

/**
 * Whether the server must be told: the view has left what was reported, or has become so much smaller (under a
 * sixteenth of the area) that the old report wastes the line. Inside those bounds panning reports nothing.
 */
export function mustReport(reported: Bbox | null, view: Bbox): boolean {
  if (!reported || !bboxContains(reported, view)) return true;
  return areaOf(reported) > 16 * areaOf(padBbox(view, REPORT_PAD));
}

/** How far beyond the screen the subscription reaches: half a screen each way. */
export const REPORT_PAD = 0.5;

function areaOf([west, south, east, north]: Bbox): number {
  return (east - west) * (north - south);
}

/** Whether a point lies inside the view with a margin (in degrees of the view's own size) kept free at the walls. */
export function isComfortablyInside(
  view: Bbox,
  [lon, lat]: readonly [number, number],
  margin = 0.08,
): boolean {
  const dx = (view[2] - view[0]) * margin;
  const dy = (view[3] - view[1]) * margin;
  return lon >= view[0] + dx && lon <= view[2] - dx && lat >= view[1] + dy && lat <= view[3] - dy;
}
