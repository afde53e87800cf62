/**
 * A crowd of made-up devices, cameras, units and alarms on the sample province's ground, for looking at the map and
 * measuring it without a server. The same seed makes the same crowd.
 */
import type { Alert } from '../../../core/api/alerts.ts';
import type { Camera } from '../../../core/api/cameras.ts';
import type { Severity } from '../../../core/api/common.ts';
import type { Device } from '../../../core/api/devices.ts';
import type { Unit } from '../../../core/api/dispatch.ts';
import type { LatestEvent } from '../../../core/events.ts';

export interface Crowd {
  devices: Device[];
  cameras: Camera[];
  units: Unit[];
  alerts: Alert[];
  latest: LatestEvent[];
  /** Every unit one step further along its way. */
  drive(nowMs: number): void;
  /** A new value of so many devices. */
  measure(count: number, nowMs: number): LatestEvent[];
}

export type Line = readonly (readonly [number, number])[];

const KINDS = [
  {
    type: 'air-quality',
    domain: 'environment',
    quantity: 'pm25',
    unit: 'ug/m3',
    low: 18,
    high: 72,
    name: 'Trạm không khí',
  },
  {
    type: 'water-level',
    domain: 'environment',
    quantity: 'water_level',
    unit: 'm',
    low: 0.4,
    high: 2.6,
    name: 'Mực nước',
  },
  {
    type: 'salinity',
    domain: 'environment',
    quantity: 'salinity',
    unit: 'ppt',
    low: 0.5,
    high: 6,
    name: 'Độ mặn',
  },
  {
    type: 'traffic-counter',
    domain: 'traffic',
    quantity: 'traffic_speed',
    unit: 'km/h',
    low: 14,
    high: 62,
    name: 'Đếm xe',
  },
  {
    type: 'weather',
    domain: 'environment',
    quantity: 'temperature',
    unit: 'degC',
    low: 26,
    high: 34,
    name: 'Thời tiết',
  },
] as const;

function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function makeCrowd(options: {
  roads: readonly Line[];
  devices: number;
  units: number;
  seed: number;
  nowMs: number;
}): Crowd {
  const random = mulberry32(options.seed);
  const { roads, nowMs } = options;
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const iso = (ageS: number) => new Date(nowMs - ageS * 1000).toISOString();
  const total = roads.reduce((sum, road) => sum + road.length, 0);
  const somewhere = (): { road: Line; at: [number, number]; i: number } => {
    // Longer roads get more: a road is chosen by its number of points.
    let n = Math.floor(random() * total);
    const road =
      roads.find((candidate) => {
        n -= candidate.length;
        return n < 0;
      }) ?? (roads[0] as Line);
    const i = Math.floor(random() * road.length);
    const [lon, lat] = road[i] ?? [105.45, 9.2];
    return { road, at: [lon + (random() - 0.5) * 0.012, lat + (random() - 0.5) * 0.012], i };
  };

  const devices: Device[] = [];
  const latest: LatestEvent[] = [];
  const kindOf = new Map<string, (typeof KINDS)[number]>();
  for (let i = 0; i < options.devices; i++) {
    const kind = pick(KINDS);
    const { at } = somewhere();
    const id = `${kind.type}-${i}`;
    const dice = random();
    kindOf.set(id, kind);
    devices.push({
      id,
      site: 'main',
      name: `${kind.name} ${String(i + 1).padStart(2, '0')}`,
      type: kind.type,
      domain: kind.domain,
      position: at,
      areaId: null,
      areaName: null,
      ownerAgency: null,
      agencyId: null,
      class: 'internal',
      expectedIntervalS: 60,
      enabled: true,
      state: dice < 0.9 ? 'online' : dice < 0.95 ? 'late' : 'offline',
      lastSeenAt: iso(dice < 0.9 ? 20 : dice < 0.95 ? 240 : 7200),
      properties: {},
    });
    latest.push({
      deviceId: id,
      quantity: kind.quantity,
      unit: kind.unit,
      timeMs: nowMs - (dice < 0.9 ? 20_000 : dice < 0.95 ? 240_000 : 7_200_000),
      value: kind.low + random() * (kind.high - kind.low),
      quality: 0,
      areaId: null,
      domain: kind.domain,
      agencyId: null,
      class: 'internal',
      position: at,
    });
  }

  const cameras: Camera[] = Array.from({ length: Math.max(8, Math.floor(options.devices / 40)) }, (_, i) => {
    const { road, i: at } = somewhere();
    const [lon, lat] = road[at] ?? [105.45, 9.2];
    const state = i === 2 ? 'offline' : i === 5 ? 'degraded' : 'online';
    return {
      id: `cam-${i + 1}`,
      name: `Camera ${String(i + 1).padStart(2, '0')}`,
      position: [lon, lat],
      headingDeg: Math.floor(random() * 360),
      fovDeg: pick([50, 70, 90]),
      rangeM: pick([120, 180, 300]),
      areaId: null,
      areaName: null,
      domain: 'traffic',
      ownerAgency: null,
      agencyId: null,
      class: 'internal',
      source: { kind: 'test-pattern', address: 'test', hasCredential: false },
      enabled: true,
      state,
      stateSince: iso(3600),
      stateReason: null,
      lastFrameAt: state === 'offline' ? iso(3700) : iso(1),
    };
  });

  const SEVERITIES: readonly Severity[] = [
    'critical',
    'critical',
    'major',
    'major',
    'minor',
    'minor',
    'info',
  ];
  const STATES: readonly Alert['state'][] = [
    'unacknowledged',
    'unacknowledged',
    'acknowledged',
    'returned_unacknowledged',
  ];
  const alerts: Alert[] = Array.from({ length: Math.min(14, Math.ceil(options.devices / 5)) }, (_, i) => {
    const device = devices[i * 3] as Device;
    const kind = kindOf.get(device.id);
    const severity = SEVERITIES[i % SEVERITIES.length] as Severity;
    // Two alarms of one station: they stand side by side.
    const subject = i === 1 ? (devices[0] as Device) : device;
    return {
      id: i + 1,
      seq: i + 1,
      ruleId: 'r',
      ruleVersion: 1,
      kind: 'threshold',
      title:
        i === 0
          ? 'PM2,5 vượt ngưỡng 3 giờ'
          : i === 2
            ? 'Độ mặn tăng nhanh'
            : `Vượt ngưỡng tại ${subject.name}`,
      domain: device.domain ?? 'environment',
      severity,
      state: STATES[i % STATES.length] as Alert['state'],
      active: true,
      subject: { type: 'device', id: subject.id, name: subject.name },
      position: subject.position,
      areaId: null,
      areaName: 'Phường Trung Tâm',
      agencyId: null,
      class: 'internal',
      parties: [],
      raisedAt: iso(120 + i * 300),
      clearedAt: null,
      acknowledgedAt: null,
      acknowledgedBy: null,
      closedAt: null,
      explanation: { vi: '', en: '' },
      evidence: { quantity: kind?.quantity },
      occurrences: 1,
      peak: null,
      snapshot: null,
      dispatches: [],
    };
  });

  const ways = Array.from({ length: options.units }, () => ({
    ...somewhere(),
    step: random() < 0.5 ? 1 : -1,
  }));
  const LETTERS = ['M', 'G', 'C', 'P'];
  const units: Unit[] = ways.map((way, i) => {
    const dice = random();
    const status: Unit['status'] =
      i === 0
        ? 'en_route'
        : i === 1
          ? 'assigned'
          : dice < 0.75
            ? 'available'
            : dice < 0.88
              ? 'on_scene'
              : 'out_of_service';
    return {
      id: `unit-${i + 1}`,
      name: ['CSGT số 2', 'Cấp cứu 115', 'PCCC khu vực 1', 'Cơ động'][i % 4] as string,
      callSign: i === 7 ? 'PCCC-114' : `${LETTERS[i % 4]}${Math.floor(i / 4) + 1}`,
      kind: 'traffic_police',
      agency: null,
      agencyId: null,
      class: 'internal',
      crew: 3,
      trackerDeviceId: null,
      status,
      statusSince: iso(600),
      position: [...(way.road[way.i] ?? [105.45, 9.2])] as [number, number],
      positionAt: iso(i % 9 === 5 ? 400 : 1),
      speedKmh: status === 'out_of_service' || i % 5 === 3 ? 0 : 36,
      headingDeg: 0,
      accuracyM: 5,
      areaId: null,
      dispatchId: i < 2 ? i + 1 : null,
      alertId: i < 2 ? i * 2 + 1 : null,
    };
  });

  return {
    devices,
    cameras,
    units,
    alerts,
    latest,
    drive(atMs) {
      for (const [n, way] of ways.entries()) {
        const unit = units[n];
        if (!unit || unit.speedKmh === 0 || !unit.position) continue;
        if (!way.road[way.i + way.step]) way.step = -way.step;
        const next = way.road[way.i + way.step];
        if (!next) continue;
        // A fortieth of a degree an hour is slow; harness units take about 25 m a second along the road.
        const [lon, lat] = unit.position;
        const far = Math.hypot(next[0] - lon, next[1] - lat);
        const share = Math.min(1, 0.00025 / Math.max(far, 1e-9));
        const position: [number, number] = [lon + (next[0] - lon) * share, lat + (next[1] - lat) * share];
        if (share === 1) way.i += way.step;
        units[n] = {
          ...unit,
          position,
          positionAt: new Date(atMs).toISOString(),
          headingDeg: ((Math.atan2((next[0] - lon) * 0.987, next[1] - lat) * 180) / Math.PI + 360) % 360,
        };
      }
    },
    measure(count, atMs) {
      return Array.from({ length: count }, () => {
        const n = Math.floor(random() * latest.length);
        const known = latest[n] as LatestEvent;
        const next = { ...known, timeMs: atMs, value: Math.max(0, known.value * (0.97 + random() * 0.06)) };
        latest[n] = next;
        return next;
      });
    },
  };
}
