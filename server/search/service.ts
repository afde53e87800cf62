import type { z } from 'zod';
import { SEARCH_KINDS, type SearchQuery, type SearchResult } from '../../core/api/centre.ts';
import { type Caller, can, type Permission, placeOnly, scopeOf } from '../../core/permissions.ts';
import type { Database } from '../../core/ports.ts';
import type { LonLat } from '../../core/reading.ts';
import { type Bilingual, fold } from '../../core/text.ts';
import { type AreaTree, areaIds } from '../areas/index.ts';
import { createSeenIds, scopeKey } from '../db/index.ts';
import { RANK, type Rank, rankOf, type Sought, soughtOf } from './match.ts';
import { type CandidateRow, candidates, STORED_KINDS, type StoredKind } from './sql.ts';
import { CAMERA, PLACE_KINDS } from './words.ts';

type Query = z.output<typeof SearchQuery>;
type Language = Query['lang'];
type Kind = SearchResult['kind'];

/** A named place of the base map; everybody who is signed in finds it, as everybody sees the base map. */
export interface SearchPlace {
  kind: string;
  name: string;
  nameEn: string;
  position: LonLat;
}

export interface SearchOptions {
  database: Database;
  areas: AreaTree;
  places(): readonly SearchPlace[];
  /** What types of devices and kinds of units are called; the id stands where nothing is known. */
  names: {
    deviceType(id: string): Bilingual | undefined;
    unitKind(id: string): Bilingual | undefined;
  };
}

const PERMISSIONS: Readonly<Record<StoredKind, Permission>> = {
  device: 'devices.read',
  camera: 'cameras.read',
  unit: 'units.read',
  alert: 'alerts.read',
};

interface Hit {
  kind: Kind;
  id: string;
  title: string;
  rank: Rank;
  position: LonLat | null;
  areaId: string | null;
  /** What stands before the area's name. */
  what: string | null;
}

interface KnownArea {
  id: string;
  names: string[];
}

interface KnownPlace extends SearchPlace {
  id: string;
  names: string[];
}

export interface SearchService {
  search(caller: Caller, query: Query): Promise<SearchResult[]>;
}

export function createSearchService(options: SearchOptions): SearchService {
  const { database, areas, names } = options;

  const seenAreas = createSeenIds(database, 'areas.read', areaIds());

  let foldedFor = -1;
  let foldedAreas: KnownArea[] = [];
  /** The areas in force today with their names folded, made anew when the tree has changed. */
  const knownAreas = () => {
    if (foldedFor !== areas.generation) {
      foldedFor = areas.generation;
      foldedAreas = areas
        .all()
        .flatMap((area) =>
          areas.rings(area.id)
            ? [{ id: area.id, names: [area.name, area.full_name, area.full_name_en, area.code].map(fold) }]
            : [],
        );
    }
    return foldedAreas;
  };

  let foldedFrom: readonly SearchPlace[] | undefined;
  let foldedPlaces: KnownPlace[] = [];
  const knownPlaces = () => {
    const places = options.places();
    if (foldedFrom !== places) {
      foldedFrom = places;
      foldedPlaces = places.map((place, i) => ({
        ...place,
        id: `${place.kind}-${i}`,
        names: [place.name, place.nameEn].filter((name) => name !== '').map(fold),
      }));
    }
    return foldedPlaces;
  };

  const areaName = (id: string | null, lang: Language) => {
    const area = id === null ? undefined : areas.get(id);
    return area ? (lang === 'en' && area.full_name_en) || area.full_name : null;
  };

  const areaHits = async (caller: Caller, sought: Sought, lang: Language) => {
    const seen = await seenAreas(caller, areas.generation);
    return knownAreas().flatMap(({ id, names: known }): Hit[] => {
      const rank = rankOf(sought, known);
      const area = areas.get(id);
      if (rank === undefined || !area || !can(caller, 'areas.read', placeOnly(id))) return [];
      if (seen && !seen.has(id)) return [];
      const title = areaName(id, lang) ?? area.name;
      return [{ kind: 'area', id, title, rank, position: area.centroid, areaId: area.parent_id, what: null }];
    });
  };

  const placeHits = (sought: Sought, found: readonly Hit[], lang: Language) =>
    knownPlaces().flatMap((place): Hit[] => {
      const rank = rankOf(sought, place.names);
      if (rank === undefined) return [];
      const areaId = areas.locate(...place.position);
      // The map names a commune with a point of its own; the area itself says more.
      const area = areaId === null ? undefined : areas.get(areaId);
      const areaNames = area ? [area.name, area.full_name].map(fold) : [];
      const isLabelOf = (hit: Hit) =>
        hit.id === areaId && place.names.some((name) => areaNames.includes(name));
      if (found.some((hit) => hit.kind === 'area' && isLabelOf(hit))) return [];
      const title = (lang === 'en' && place.nameEn) || place.name;
      const what = PLACE_KINDS[place.kind]?.[lang] ?? null;
      return [{ kind: 'place', id: place.id, title, rank, position: place.position, areaId, what }];
    });

  const whatOf = ({ kind, detail }: CandidateRow, lang: Language): string | null => {
    if (kind === 'camera') return CAMERA[lang];
    if (detail === null || kind === 'alert') return detail;
    const known = kind === 'device' ? names.deviceType(detail) : names.unitKind(detail);
    return known?.[lang] ?? detail;
  };

  const storedHits = async (caller: Caller, sought: Sought, wanted: ReadonlySet<Kind>, lang: Language) => {
    const scopes = new Map(
      STORED_KINDS.filter((kind) => wanted.has(kind) && can(caller, PERMISSIONS[kind])).map((kind) => [
        kind,
        scopeOf(caller, PERMISSIONS[kind]),
      ]),
    );
    // Kinds under the same scope are one question; whoever has one grant asks one.
    const groups = Map.groupBy(scopes, ([, scope]) => scopeKey(scope));
    const found = await Promise.all(
      [...groups.values()].map((group) => {
        const permission = PERMISSIONS[(group[0] as (typeof group)[number])[0]];
        return candidates(database.as(caller, permission), sought, new Map(group));
      }),
    );
    return found.flat().map((row): Hit => {
      const { kind, id, title, alias, detail, lon, lat } = row;
      const known = [title, id, alias, (kind === 'alert' && detail) || ''].map(fold);
      return {
        kind,
        id,
        title,
        // What is in none of its names was found by a word about it, for example its owner.
        rank: rankOf(sought, known) ?? RANK.words,
        position: lon === null || lat === null ? null : [lon, lat],
        areaId: row.area_id,
        what: whatOf(row, lang),
      };
    });
  };

  return {
    async search(caller, { q, limit, kinds, lang }) {
      const sought = soughtOf(q);
      if (!sought) return [];
      const wanted = new Set<Kind>(kinds ?? SEARCH_KINDS);
      const hits = wanted.has('area') ? await areaHits(caller, sought, lang) : [];
      hits.push(...(await storedHits(caller, sought, wanted, lang)));
      if (wanted.has('place')) hits.push(...placeHits(sought, hits, lang));
      return hits
        .sort(byFit)
        .slice(0, limit)
        .map(({ kind, id, title, position, areaId, what }) => ({
          kind,
          id,
          title,
          subtitle: [what, areaName(areaId, lang)].filter((part) => part !== null).join(' · '),
          position,
        }));
    },
  };
}

/** Of equal fits: a unit before the tracker it carries, whose name says the same. */
const KIND_ORDER: Readonly<Record<Kind, number>> = {
  area: 0,
  unit: 1,
  camera: 2,
  device: 3,
  alert: 4,
  place: 5,
};
const collator = new Intl.Collator('vi', { numeric: true });

/** The better fit, then the kind, then the shorter name, then the order of the alphabet; always the same for the same hits. */
function byFit(a: Hit, b: Hit): number {
  return (
    a.rank - b.rank ||
    KIND_ORDER[a.kind] - KIND_ORDER[b.kind] ||
    a.title.length - b.title.length ||
    collator.compare(a.title, b.title) ||
    (a.id < b.id ? -1 : 1)
  );
}
