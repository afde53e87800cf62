import type { z } from 'zod';
import type { Area, AreaAtQuery, AreaDetail, AreaImportReport, AreaQuery } from '../../core/api/areas.ts';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { type Caller, can, placeOnly } from '../../core/permissions.ts';
import type { AuditTrail, Bus, Database, Logger } from '../../core/ports.ts';
import { createSeenIds } from '../db/index.ts';
import { importAreas } from './import.ts';
import { areaIds, areaIdsAt, geometriesOf } from './sql.ts';
import { type AreaTree, areaDto, createAreaTree, parseRings } from './tree.ts';

const OWNER = 'areas';
/** Areas begin and end at midnight of the centre: looked at often enough that nobody waits for it. */
const DAY_CHECK_MS = 60_000;

export interface AreaService {
  tree: AreaTree;
  import(
    collection: unknown,
    options: { validFrom?: string; closeMissing?: boolean },
    caller?: Caller,
  ): Promise<AreaImportReport>;
  list(
    caller: Caller,
    query: z.output<typeof AreaQuery>,
    after: string,
  ): Promise<{ items: Area[]; more: boolean }>;
  get(caller: Caller, id: string): Promise<AreaDetail>;
  at(caller: Caller, query: z.output<typeof AreaAtQuery>): Promise<Area[]>;
  close(): void;
}

export async function createAreaService(options: {
  database: Database;
  bus: Bus;
  clock: Clock;
  logger: Logger;
  audit: Pick<AuditTrail, 'record'>;
  /** IANA name: the day on which areas change is a day of this zone. */
  timezone: string;
}): Promise<AreaService> {
  const { database, bus, clock, logger, audit, timezone } = options;
  const dayFormat = new Intl.DateTimeFormat('en-CA', { timeZone: timezone, dateStyle: 'short' });
  const dayOf = (ms: number) => dayFormat.format(ms);
  const today = () => dayOf(clock.now());
  const requestedDay = (when: string | undefined) =>
    when === undefined ? today() : when.length === 10 ? when : dayOf(Date.parse(when));

  const tree = createAreaTree();
  let loadedFor = today();
  const reload = async () => {
    const day = today();
    await tree.reload(database, day);
    loadedFor = day;
  };
  await reload();

  let announcing = false;
  const announce = () => {
    announcing = true;
    bus.emit('registry.changed', { kind: 'area', id: null });
    announcing = false;
  };
  const reloadAndAnnounce = () => {
    reload().then(announce, (error) => logger.error({ err: String(error) }, 'areas could not be read'));
  };
  bus.on(OWNER, 'registry.changed', ({ kind }) => {
    if (kind === 'area' && !announcing) reloadAndAnnounce();
  });
  let cancel = () => {};
  const checkDay = () => {
    const next = tree.nextChange();
    if (next !== undefined && loadedFor < next && next <= today()) reloadAndAnnounce();
    cancel = clock.after(DAY_CHECK_MS, checkDay);
  };
  cancel = clock.after(DAY_CHECK_MS, checkDay);

  const seenIds = createSeenIds(database, 'areas.read', areaIds());
  /** Both walls: the tree is in memory for everybody. */
  const sightOf = async (caller: Caller): Promise<(areaId: string) => boolean> => {
    const seen = await seenIds(caller, tree.generation);
    return (areaId) => can(caller, 'areas.read', placeOnly(areaId)) && (seen?.has(areaId) ?? true);
  };

  return {
    tree,
    async import(collection, { validFrom, closeMissing }, caller) {
      // New areas lie in nobody's grant yet, so only a grant without limits can bring them in.
      if (caller && !can(caller, 'areas.write', placeOnly(null)))
        throw new AppError('auth.forbidden', { detail: 'importing areas needs a grant for all areas' });
      if (closeMissing && validFrom === undefined)
        throw new AppError('request.invalid', { detail: 'query.closeMissing: needs validFrom' });
      const report = await importAreas(database, collection, {
        validFrom: validFrom ?? null,
        today: today(),
        closeMissing: closeMissing ?? false,
        recordAct: (tx, report) =>
          audit.record(tx, {
            by: caller ?? null,
            action: 'area.import',
            object: { type: 'area', id: 'import' },
            after: {
              validFrom: validFrom ?? null,
              closeMissing: closeMissing ?? false,
              imported: report.imported,
              rejected: report.rejected.length,
              ended: report.ended,
              replaced: report.replaced,
              relocated: report.relocated,
            },
          }),
      });
      await reload();
      announce();
      if (report.relocated > 0) {
        bus.emit('registry.changed', { kind: 'device', id: null });
        bus.emit('registry.changed', { kind: 'camera', id: null });
      }
      logger.info(
        { ...report.imported, repaired: report.repaired.length, rejected: report.rejected.length },
        'areas imported',
      );
      return report;
    },
    async list(caller, query, after) {
      const maySee = await sightOf(caller);
      const day = requestedDay(query.when);
      const rows = tree
        .all()
        .filter(
          (row) =>
            (query.level === undefined || row.level === query.level) &&
            (query.parent === undefined || row.parent_id === query.parent) &&
            tree.isInForce(row, day) &&
            maySee(row.id),
        )
        .sort((a, b) => (a.id < b.id ? -1 : 1));
      const rest = rows.filter((row) => row.id > after);
      return { items: rest.slice(0, query.limit).map(areaDto), more: rest.length > query.limit };
    },
    async get(caller, id) {
      // Asked before it is known whether there is such an area: what is out of sight takes the same way.
      const maySee = await sightOf(caller);
      const row = tree.get(id);
      if (!row || !maySee(id)) throw new AppError('request.not_found');
      const [stored] = await geometriesOf(database.as(caller, 'areas.read'), [id]);
      if (!stored) throw new AppError('request.not_found');
      return {
        ...areaDto(row),
        geometry: { type: 'MultiPolygon', coordinates: parseRings(stored.geometry) },
      };
    },
    async at(caller, { lon, lat, when }) {
      const day = requestedDay(when);
      const maySee = await sightOf(caller);
      const [smallest] =
        day === loadedFor ? tree.covering(lon, lat) : await areaIdsAt(database, lon, lat, day);
      if (smallest === undefined) return [];
      // Upwards by the tree: the simplified outline of a province leaves out a strip of its coast here and there.
      return tree
        .pathOf(smallest)
        .toReversed()
        .flatMap((id) => tree.versionOn(id, day) ?? [])
        .filter((row) => maySee(row.id))
        .map(areaDto);
    },
    close() {
      cancel();
      bus.off(OWNER);
    },
  };
}
