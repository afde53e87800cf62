/**
 * A small invented world for looking at the console and testing its states without a database. The same seed and
 * time make the same world.
 */

import type { z } from 'zod';
import type { Alert, AlertEvent } from '../../../core/api/alerts.ts';
import type { Area } from '../../../core/api/areas.ts';
import type { Camera } from '../../../core/api/cameras.ts';
import type { SystemStatus } from '../../../core/api/centre.ts';
import type { Position } from '../../../core/api/common.ts';
import type { Device, LatestValue, QuarantineItem } from '../../../core/api/devices.ts';
import type { Dispatch, Unit } from '../../../core/api/dispatch.ts';
import { type Random, seededRandom } from '../../../core/clock.ts';
import { ALARMS, type AlarmSpec } from './alarms.ts';
import { makeQuarantine, makeSystem } from './platform.ts';

export interface World {
  nowMs: number;
  areas: Area[];
  devices: Device[];
  cameras: Camera[];
  units: Unit[];
  alerts: Alert[];
  events: AlertEvent[];
  dispatches: Dispatch[];
  latest: LatestValue[];
  quarantine: QuarantineItem[];
  system: z.infer<typeof SystemStatus>;
  seq: number;
  /** One value of a series at a time: a smooth day with a rise before an alarm. */
  valueAt(deviceId: string, quantity: string, timeMs: number): number;
}

const PLACES: readonly [name: string, lon: number, lat: number][] = [
  ['Phường Trung Tâm', 105.44, 9.203],
  ['Phường Bến Cầu', 105.455, 9.251],
  ['Phường Tân Cảng', 105.494, 9.207],
  ['Phường Cửa Biển', 105.493, 9.104],
  ['Xã An Thạnh', 105.368, 9.21],
  ['Xã Phú An', 105.429, 9.351],
  ['Xã Hưng Thuận', 105.415, 9.127],
  ['Xã Vịnh Mây', 105.606, 9.174],
  ['Xã Hòa Lợi', 105.641, 9.28],
  ['Xã Đầm Sen', 105.289, 9.061],
  ['Xã Mỹ Bình', 105.135, 9.414],
];

interface Kind {
  type: string;
  domain: string;
  name: string;
  everyS: number;
  /** quantity, unit, mean, swing over a day */
  series: readonly [quantity: string, unit: string, mean: number, swing: number][];
}

const KINDS: readonly Kind[] = [
  {
    type: 'air-quality',
    domain: 'environment',
    name: 'Trạm không khí KK',
    everyS: 60,
    series: [
      ['pm25', 'ug/m3', 38, 14],
      ['pm10', 'ug/m3', 61, 20],
      ['no2', 'ug/m3', 24, 9],
      ['temperature', 'degC', 29, 4],
      ['humidity', '%', 74, 12],
    ],
  },
  {
    type: 'water-level',
    domain: 'environment',
    name: 'Mực nước MN',
    everyS: 300,
    series: [
      ['water_level', 'm', 1.4, 0.8],
      ['battery', 'V', 12.4, 0.3],
    ],
  },
  {
    type: 'salinity',
    domain: 'environment',
    name: 'Độ mặn MAN',
    everyS: 300,
    series: [['salinity', 'ppt', 2.4, 1.1]],
  },
  {
    type: 'traffic-counter',
    domain: 'traffic',
    name: 'Đếm xe ĐX',
    everyS: 60,
    series: [
      ['traffic_speed', 'km/h', 41, 12],
      ['traffic_flow', 'veh/h', 860, 420],
    ],
  },
  {
    type: 'weather',
    domain: 'environment',
    name: 'Khí tượng KT',
    everyS: 600,
    series: [
      ['temperature', 'degC', 28, 5],
      ['rain_rate', 'mm/h', 2, 2],
      ['wind_speed', 'm/s', 3.4, 2],
      ['wind_direction', 'deg', 180, 90],
    ],
  },
];

const iso = (ms: number) => new Date(ms).toISOString();

export function makeWorld(nowMs: number, seed = 7): World {
  const random = seededRandom(seed);
  const areas = makeAreas();
  const devices = makeDevices(nowMs, random);
  const cameras = makeCameras(nowMs);
  const units = makeUnits(nowMs, random);
  const valueAt = (deviceId: string, quantity: string, timeMs: number) =>
    series(deviceId, quantity, timeMs, nowMs);
  const latest = devices.flatMap((device) =>
    kindOf(device).series.map(([quantity, unit]) => ({
      deviceId: device.id,
      deviceName: device.name,
      deviceType: device.type,
      domain: device.domain,
      quantity,
      unit,
      time: device.lastSeenAt ?? iso(nowMs),
      value: valueAt(device.id, quantity, nowMs),
      quality: 'good' as const,
      position: device.position,
      areaId: device.areaId,
    })),
  );
  const world: World = {
    nowMs,
    areas,
    devices,
    cameras,
    units,
    alerts: [],
    events: [],
    dispatches: [],
    latest,
    quarantine: makeQuarantine(nowMs),
    system: makeSystem(nowMs, devices.length),
    seq: 0,
    valueAt,
  };
  for (const spec of ALARMS) raise(world, spec);
  return world;
}

function makeAreas(): Area[] {
  const area = (
    code: string,
    name: string,
    fullName: string,
    level: Area['level'],
    [lon, lat]: Position,
  ): Area => ({
    id: `area-${code}`,
    code,
    parentId: level === 'province' ? null : 'area-M',
    level,
    name,
    fullName,
    fullNameEn: level === 'province' ? 'Sample Province' : fullName,
    areaKm2: level === 'province' ? 6049.2 : 86.4,
    validFrom: null,
    validTo: null,
    centroid: [lon, lat],
    bbox: [lon - 0.05, lat - 0.05, lon + 0.05, lat + 0.05],
  });
  return [
    area('M', 'Mẫu', 'Tỉnh Mẫu', 'province', [105.47, 9.17]),
    ...PLACES.map(([name, lon, lat], n) => area(`M${n}`, name, name, 'commune', [lon, lat])),
  ];
}

function makeDevices(nowMs: number, random: Random): Device[] {
  return Array.from({ length: 60 }, (_, n) => {
    const kind = KINDS[n % KINDS.length] as Kind;
    const [place, lon, lat] = PLACES[(n * 3 + Math.floor(n / 11)) % PLACES.length] as (typeof PLACES)[number];
    const number = String(Math.floor(n / KINDS.length) + 1).padStart(2, '0');
    const state = n === 17 ? 'offline' : n === 28 ? 'late' : n === 44 ? 'never' : 'online';
    return {
      id: `${kind.type}-${number}`,
      site: 'main',
      name: `${kind.name}-${number}`,
      type: kind.type,
      domain: kind.domain,
      position: [lon + (random.next() - 0.5) * 0.06, lat + (random.next() - 0.5) * 0.05],
      areaId: areaIdOf(place),
      areaName: place,
      ownerAgency: 'Sở Nông nghiệp và Môi trường',
      agencyId: 'dae',
      class: 'internal',
      expectedIntervalS: kind.everyS,
      enabled: true,
      state,
      lastSeenAt:
        state === 'never' ? null : iso(nowMs - (state === 'offline' ? 5_400_000 : random.next() * 50_000)),
      properties: {},
    } satisfies Device;
  });
}

function areaIdOf(place: string): string {
  return `area-M${PLACES.findIndex(([name]) => name === place)}`;
}

function kindOf(device: Device): Kind {
  return KINDS.find(({ type }) => type === device.type) ?? (KINDS[0] as Kind);
}

const CAMERAS: readonly [id: string, name: string, place: number, heading: number, state: Camera['state']][] =
  [
    ['cam-01', 'Camera 01 · vòng xoay An Thạnh', 4, 60, 'online'],
    ['cam-02', 'Camera 02 · bến phà Tân Cảng', 2, 140, 'online'],
    ['cam-03', 'Camera 03 · cổng cảng cá', 3, 200, 'online'],
    ['cam-04', 'Camera 04 · cống Hưng Thuận', 6, 320, 'online'],
    ['cam-05', 'Camera 05 · chợ Bến Cầu', 1, 90, 'degraded'],
    ['cam-06', 'Camera 06 · đê biển Vịnh Mây', 7, 120, 'online'],
    ['cam-07', 'Camera 07 · cầu Trung Tâm', 0, 45, 'online'],
    ['cam-12', 'Camera 12 · ngã ba Hòa Lợi', 8, 270, 'offline'],
  ];

function makeCameras(nowMs: number): Camera[] {
  return CAMERAS.map(([id, name, place, headingDeg, state]) => {
    const [areaName, lon, lat] = PLACES[place] as (typeof PLACES)[number];
    return {
      id,
      name,
      position: [lon + 0.004, lat - 0.003],
      headingDeg,
      fovDeg: 62,
      rangeM: 400,
      areaId: areaIdOf(areaName),
      areaName,
      domain: 'traffic',
      ownerAgency: 'Công an tỉnh',
      agencyId: 'police',
      class: 'internal',
      source: { kind: 'rtsp', address: `rtsp://10.20.0.${place + 10}:554/live`, hasCredential: true },
      enabled: true,
      state,
      stateSince: iso(nowMs - (state === 'offline' ? 3_900_000 : 86_400_000)),
      stateReason: state === 'offline' ? 'timeout' : null,
      lastFrameAt: iso(nowMs - (state === 'offline' ? 3_912_000 : 900)),
    };
  });
}

const UNITS: readonly [
  id: string,
  callSign: string,
  name: string,
  kind: string,
  place: number,
  status: Unit['status'],
][] = [
  ['m7', 'M7', 'CSGT số 2', 'traffic_police', 2, 'available'],
  ['g2', 'G2', 'CSGT số 1', 'traffic_police', 4, 'available'],
  ['c1', 'C1', 'Cấp cứu 115', 'ambulance', 1, 'available'],
  ['c2', 'C2', 'Cấp cứu Cửa Biển', 'ambulance', 3, 'available'],
  ['t1', 'T1', 'Tuần tra Trung Tâm', 'police', 0, 'available'],
  ['t4', 'T4', 'Tuần tra Hòa Lợi', 'police', 8, 'en_route'],
  ['p1', 'P1', 'Chữa cháy số 1', 'fire', 0, 'available'],
  ['p3', 'P3', 'Chữa cháy Cửa Biển', 'fire', 3, 'out_of_service'],
  ['e1', 'E1', 'Tổ môi trường 1', 'environment', 6, 'available'],
  ['e2', 'E2', 'Tổ môi trường 2', 'environment', 9, 'on_scene'],
  ['d1', 'D1', 'Dân quân Phú An', 'militia', 5, 'available'],
  ['m3', 'M3', 'CSGT số 5', 'traffic_police', 9, 'available'],
];

function makeUnits(nowMs: number, random: Random): Unit[] {
  return UNITS.map(([id, callSign, name, kind, place, status]) => {
    const [areaName, lon, lat] = PLACES[place] as (typeof PLACES)[number];
    return {
      id,
      name,
      callSign,
      kind,
      agency: kind === 'ambulance' ? 'Sở Y tế' : 'Công an tỉnh',
      agencyId: kind === 'ambulance' ? 'health' : 'police',
      class: 'internal',
      crew: 2 + Math.floor(random.next() * 4),
      trackerDeviceId: `gps-${id}`,
      status,
      statusSince: iso(nowMs - 1_200_000),
      position: [lon + (random.next() - 0.5) * 0.04, lat + (random.next() - 0.5) * 0.04],
      positionAt: iso(nowMs - random.next() * 9000),
      speedKmh: status === 'available' ? random.next() * 40 : 52,
      headingDeg: Math.floor(random.next() * 360),
      accuracyM: 6,
      areaId: areaIdOf(areaName),
      dispatchId: null,
      alertId: null,
    };
  });
}

/** Adds an alarm and its history lines to the world; the latest line is the change to announce. */
export function raise(world: World, spec: AlarmSpec): { alert: Alert; event: AlertEvent } {
  const device = world.devices.find(({ id }) => id === spec.deviceId);
  if (!device) throw new Error(`no device ${spec.deviceId}`);
  const raisedMs = world.nowMs - spec.minutesAgo * 60_000;
  const state = spec.state ?? 'unacknowledged';
  const camera = world.cameras.find(({ id }) => id === spec.camera);
  const id = world.alerts.length + 101;
  const alert: Alert = {
    id,
    seq: 0,
    ruleId: `rule-${id}`,
    ruleVersion: 4,
    kind: spec.limit === undefined ? 'missing-data' : 'threshold',
    title: spec.title,
    domain: spec.domain,
    severity: spec.severity,
    state,
    active: state !== 'returned_unacknowledged',
    subject: { type: 'device', id: device.id, name: device.name },
    position: device.position,
    areaId: device.areaId,
    areaName: device.areaName,
    agencyId: device.agencyId,
    class: device.class,
    parties: [],
    raisedAt: iso(raisedMs),
    clearedAt: state === 'returned_unacknowledged' ? iso(raisedMs + 1_200_000) : null,
    acknowledgedAt: state === 'acknowledged' ? iso(raisedMs + 120_000) : null,
    acknowledgedBy: state === 'acknowledged' ? 'linh.tran' : null,
    closedAt: null,
    explanation: { vi: spec.vi, en: spec.en },
    evidence:
      spec.quantity === undefined
        ? { silentS: 900, limitS: 900 }
        : {
            quantity: spec.quantity,
            comparison: spec.quantity === 'traffic_speed' ? '<' : '>',
            limit: spec.limit,
            value: spec.value,
            since: iso(raisedMs - 900_000),
          },
    occurrences: 1,
    peak: spec.value ?? null,
    snapshot: camera
      ? {
          cameraId: camera.id,
          cameraName: camera.name,
          takenAt: iso(raisedMs + 2000),
          url: `/api/v1/alerts/${id}/snapshot`,
          distanceM: 180,
        }
      : null,
    dispatches: [],
  };
  world.alerts.push(alert);
  const at = raisedMs;
  let event = record(world, alert, { kind: 'raised', at, actor: 'system', text: null });
  if (camera) event = record(world, alert, { kind: 'snapshot', at: at + 2000, actor: 'system', text: null });
  if (state === 'acknowledged')
    event = record(world, alert, { kind: 'acknowledged', at: at + 120_000, actor: 'linh.tran', text: null });
  if (state === 'returned_unacknowledged')
    event = record(world, alert, { kind: 'cleared', at: at + 1_200_000, actor: 'system', text: null });
  return { alert, event };
}

export function record(
  world: World,
  alert: Alert,
  line: { kind: AlertEvent['kind']; at: number; actor: string; text: string | null },
): AlertEvent {
  alert.seq = ++world.seq;
  const event: AlertEvent = {
    seq: alert.seq,
    alertId: alert.id,
    at: iso(line.at),
    kind: line.kind,
    actor: line.actor,
    fromState: alert.state,
    toState: alert.state,
    text: line.text,
    data: {},
  };
  world.events.push(event);
  return event;
}

function series(deviceId: string, quantity: string, timeMs: number, nowMs: number): number {
  const kind = KINDS.find(({ type }) => deviceId.startsWith(type)) ?? (KINDS[0] as Kind);
  const [, , mean, swing] = kind.series.find(([name]) => name === quantity) ?? ['', '', 10, 3];
  const shift = [...deviceId].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
  const noise = Math.sin(timeMs / 70_000 + shift) * 0.16 + Math.sin(timeMs / 23_000 + shift * 3) * 0.09;
  const day = Math.sin(((timeMs / 86_400_000) * 2 + shift / 40) * Math.PI) * 0.8;
  const usual = mean + swing * (day + noise);
  const alarm = ALARMS.find((spec) => spec.deviceId === deviceId && spec.quantity === quantity);
  if (!alarm || alarm.value === undefined) return Math.max(0, usual);
  // Towards the alarm's value over the hour before it was raised.
  const raisedMs = nowMs - alarm.minutesAgo * 60_000;
  const part = Math.min(1, Math.max(0, (timeMs - (raisedMs - 3_600_000)) / 3_600_000));
  return Math.max(0, usual * (1 - part) + (alarm.value + swing * noise * 0.5) * part);
}
