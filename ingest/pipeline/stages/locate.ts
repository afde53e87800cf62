import type { LonLat } from '../../../core/reading.ts';
import { remember } from '../arrivals.ts';
import { deviceOf, type Item, type Job, type StageContext } from '../job.ts';

/** How many movers' last places are remembered; beyond it the oldest is forgotten. */
const MAX_PLACES = 50_000;

interface Located {
  place: LonLat;
  areaId: string | null;
}

/**
 * Gives every item its place and area. A placed device has the registry's. Otherwise the position of the reading
 * counts, looked up in the area index; a value without one takes the device's last known place.
 */
export function locate(job: Job, context: StageContext): void {
  const device = deviceOf(job);
  if (device.position !== null && !device.mobile) {
    for (const item of job.items) placeAt(item, device.position, device.areaId);
    return;
  }
  const located = new Map<number, Located>();
  for (const [reading, place] of job.places) {
    located.set(reading, { place, areaId: context.areas.locate(place[0], place[1]) });
  }
  let last = context.places.get(device.id);
  for (const item of job.items) {
    const own = located.get(item.reading);
    if (own && item.live) last = own;
    const at = own ?? last;
    placeAt(item, at?.place ?? null, at ? at.areaId : device.areaId);
  }
  if (last) remember(context.places, device.id, last, MAX_PLACES);
}

function placeAt(item: Item, place: LonLat | null, areaId: string | null): void {
  item.row.areaId = areaId;
  if (item.row.kind === 'value') item.row.position = place;
}
