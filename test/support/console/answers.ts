import type { Alert } from '../../../core/api/alerts.ts';
import { fold } from '../../../core/text.ts';
import type { World } from './world.ts';

export function observations(world: World, deviceId: string, query: Record<string, string>) {
  const from = Date.parse(query.from ?? '');
  const to = query.to ? Date.parse(query.to) : Date.now();
  const quantity = query.quantity ?? '';
  const unit =
    world.latest.find((one) => one.deviceId === deviceId && one.quantity === quantity)?.unit ?? '1';
  const step = query.bucket ? Number.parseInt(query.bucket, 10) * 60_000 : 60_000;
  const items: unknown[] = [];
  for (let at = Math.ceil(from / step) * step; at < to; at += step) {
    const value = world.valueAt(deviceId, quantity, at);
    const time = new Date(at).toISOString();
    items.push(
      query.bucket
        ? {
            time,
            quantity,
            unit,
            count: 5,
            valid: 5,
            min: value * 0.94,
            max: value * 1.06,
            avg: value,
            last: value,
            completeness: 1,
          }
        : { time, quantity, unit, value, quality: 'good' },
    );
  }
  return { items, nextCursor: null };
}

export function histogram(world: World) {
  const hour = 3_600_000;
  const from = Math.floor(world.nowMs / hour) * hour - 23 * hour;
  const quiet = [1, 2, 1, 0, 2, 1, 1, 2, 0, 1, 2, 1, 3, 2, 1, 2, 1, 0, 1, 1, 2, 1, 2, 1];
  return {
    from: new Date(from).toISOString(),
    bucketS: 3600,
    buckets: quiet.map((info, n) => ({
      time: new Date(from + n * hour).toISOString(),
      critical: n > 21 ? n - 21 : 0,
      major: n > 19 ? 1 + (n % 2) : 0,
      minor: [7, 15, 16, 20].includes(n) ? 1 : 0,
      info,
    })),
  };
}

export function recommend(world: World, alert: Alert) {
  const distance = (position: readonly [number, number] | null) =>
    position && alert.position
      ? Math.hypot((position[0] - alert.position[0]) * 109_900, (position[1] - alert.position[1]) * 110_600)
      : 0;
  const free = world.units.filter((unit) => unit.status === 'available');
  const wanted =
    alert.domain === 'traffic'
      ? ['traffic_police', 'police', 'ambulance']
      : ['environment', 'fire', 'militia'];
  return {
    items: free
      .filter((unit) => wanted.includes(unit.kind))
      .map((unit) => ({
        unit,
        distanceM: distance(unit.position),
        suitable: true,
        reason: { vi: `rảnh · tổ ${unit.crew} người`, en: `free · crew of ${unit.crew}` },
      }))
      .sort((a, b) => a.distanceM - b.distanceM),
    excluded: world.units
      .filter((unit) => unit.status !== 'available')
      .map((unit) => ({
        unitId: unit.id,
        unitName: `${unit.callSign} · ${unit.name}`,
        distanceM: distance(unit.position),
        reason: { vi: 'đang bận', en: 'busy' },
      })),
  };
}

export function search(world: World, text: string) {
  const needle = fold(text);
  const hit = (title: string) => fold(title).includes(needle);
  return [
    ...world.areas
      .filter((one) => hit(one.fullName))
      .map((one) => ({
        kind: 'area',
        id: one.id,
        title: one.fullName,
        subtitle: 'Tỉnh Mẫu',
        position: one.centroid,
      })),
    ...world.devices
      .filter((one) => hit(one.name))
      .map((one) => ({
        kind: 'device',
        id: one.id,
        title: one.name,
        subtitle: one.areaName ?? '',
        position: one.position,
      })),
    ...world.cameras
      .filter((one) => hit(one.name))
      .map((one) => ({
        kind: 'camera',
        id: one.id,
        title: one.name,
        subtitle: one.areaName ?? '',
        position: one.position,
      })),
    ...world.units
      .filter((one) => hit(`${one.callSign} ${one.name}`))
      .map((one) => ({
        kind: 'unit',
        id: one.id,
        title: `${one.callSign} · ${one.name}`,
        subtitle: one.agency ?? '',
        position: one.position,
      })),
    ...world.alerts
      .filter((one) => hit(one.title))
      .map((one) => ({
        kind: 'alert',
        id: String(one.id),
        title: one.title,
        subtitle: one.areaName ?? '',
        position: one.position,
      })),
  ].slice(0, 20);
}

/** A drawn street: enough to see that it is a picture, and which. */
export function scene(seed: string, name: string): string {
  const hue = [...seed].reduce((sum, letter) => sum + letter.charCodeAt(0) * 37, 0) % 60;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360"><defs><linearGradient id="g" x2="0" y2="1"><stop stop-color="hsl(${195 + hue / 2} 16% 46%)"/><stop offset="1" stop-color="hsl(${195 + hue / 2} 12% 62%)"/></linearGradient></defs>
<rect width="640" height="360" fill="url(#g)"/><g fill="#3c444a"><rect x="30" y="70" width="50" height="90"/><rect x="92" y="50" width="62" height="110"/><rect x="500" y="62" width="74" height="98"/></g>
<rect y="150" width="640" height="16" fill="#6e7b84"/><path d="M0 166H640V360H0z" fill="#40474d"/><path d="M255 166 100 360H560L385 166z" fill="#2f3539"/><path d="M320 176 322 360" stroke="#d9d3b0" stroke-width="5" stroke-dasharray="26 22"/>
<g transform="translate(350 214)"><rect width="66" height="38" rx="8" fill="#b9302c"/><rect x="8" y="-16" width="46" height="22" rx="8" fill="#8f2522"/></g><g transform="translate(250 232) rotate(-10)"><rect width="60" height="36" rx="8" fill="#d6dadd"/><rect x="10" y="-16" width="40" height="20" rx="8" fill="#aab2b8"/></g>
<title>${name}</title></svg>`;
}
