import type { EventMap } from '../../core/events.ts';
import { type DataClass, type Permission, placeOnly } from '../../core/permissions.ts';
import type { Database, SqlQuery } from '../../core/ports.ts';
import type { TileProperties } from '../../gis/index.ts';
import type { AreaTree } from '../areas/index.ts';
import type { ScopedFeature } from './layer-source.ts';
import { cameraTileRows, deviceTileRows, idsOf, openAlertTileRows, unitTileRows } from './sql.ts';

interface LayerSources {
  database: Database;
  areas: AreaTree;
}

export interface Layer {
  permission: Permission;
  /** What makes it read anew; `registry` are the kinds of `registry.changed`. */
  changedBy: readonly Exclude<keyof EventMap, 'registry.changed'>[];
  registry: readonly EventMap['registry.changed']['kind'][];
  minIntervalMs: number;
  maxAgeMs: number;
  /** The ids of what it shows, as the database shows them to whoever asks. */
  ids: SqlQuery;
  load(sources: LayerSources): Promise<ScopedFeature[]>;
}

/** Another process may have written; and a mover that is no unit tells nobody of its moves. */
const UNANNOUNCED_MS = 30_000;

interface Placed {
  lon: number;
  lat: number;
  area_id: string | null;
  domain?: string | null;
  agency_id: string | null;
  class: DataClass;
  parties?: readonly string[];
}

const point = (row: Placed, properties: TileProperties): ScopedFeature => ({
  geometry: { type: 'Point', coordinates: [row.lon, row.lat] },
  properties: { ...properties, areaId: row.area_id },
  scope: {
    areaId: row.area_id,
    domain: row.domain ?? null,
    agencyId: row.agency_id,
    class: row.class,
    parties: row.parties ?? [],
  },
});

/**
 * The layers of vector tiles, by the name in their address. Properties are what a style or a click needs at once;
 * everything else is one request by `id` away.
 */
export const LAYERS: Readonly<Record<string, Layer>> = {
  areas: {
    permission: 'areas.read',
    ids: idsOf('areas'),
    // The tree in memory counts its own changes.
    changedBy: [],
    registry: [],
    minIntervalMs: 0,
    maxAgeMs: Number.POSITIVE_INFINITY,
    load: async ({ areas }) =>
      areas.all().flatMap((area): ScopedFeature[] => {
        const rings = areas.rings(area.id);
        if (!rings) return [];
        const { id, code, level, name, full_name: fullName, full_name_en: fullNameEn } = area;
        return [
          {
            geometry: { type: 'MultiPolygon', coordinates: rings },
            properties: { id, code, level, name, fullName, fullNameEn, parentId: area.parent_id },
            scope: placeOnly(id),
          },
        ];
      }),
  },
  devices: {
    permission: 'devices.read',
    ids: idsOf('devices'),
    changedBy: ['unit.moved'],
    registry: ['device', 'area'],
    minIntervalMs: 2000,
    maxAgeMs: UNANNOUNCED_MS,
    load: async ({ database }) =>
      (await deviceTileRows(database)).map((row) =>
        point(row, { id: row.id, name: row.name, type: row.type, domain: row.domain, enabled: row.enabled }),
      ),
  },
  cameras: {
    permission: 'cameras.read',
    ids: idsOf('cameras'),
    changedBy: ['camera.changed'],
    registry: ['camera', 'area'],
    minIntervalMs: 1000,
    maxAgeMs: UNANNOUNCED_MS,
    load: async ({ database }) =>
      (await cameraTileRows(database)).map((row) =>
        point(row, {
          id: row.id,
          name: row.name,
          domain: row.domain,
          headingDeg: row.heading_deg,
          fovDeg: row.fov_deg,
          rangeM: row.range_m,
          state: row.enabled ? row.state : 'disabled',
        }),
      ),
  },
  units: {
    permission: 'units.read',
    ids: idsOf('units'),
    changedBy: ['unit.moved', 'unit.changed'],
    registry: ['unit', 'area'],
    minIntervalMs: 2000,
    maxAgeMs: UNANNOUNCED_MS,
    load: async ({ database }) =>
      (await unitTileRows(database)).map((row) =>
        point(row, {
          id: row.id,
          name: row.name,
          callSign: row.call_sign,
          kind: row.kind,
          status: row.status,
          headingDeg: row.heading_deg,
          speedKmh: row.speed_kmh,
          at: row.time.toISOString(),
        }),
      ),
  },
  alerts: {
    permission: 'alerts.read',
    ids: idsOf('alerts'),
    changedBy: ['alert.changed'],
    // Its subject may have become more guarded.
    registry: ['area', 'device', 'camera', 'unit'],
    minIntervalMs: 1000,
    maxAgeMs: UNANNOUNCED_MS,
    load: async ({ database }) =>
      (await openAlertTileRows(database)).map((row) =>
        point(row, {
          id: row.id,
          title: row.title,
          domain: row.domain,
          severity: row.severity,
          state: row.state,
          active: row.active,
          subjectType: row.subject_type,
          subjectId: row.subject_id,
          raisedAt: row.raised_at.toISOString(),
        }),
      ),
  },
};
