import type { z } from 'zod';
import type { Alert } from '../../core/api/alerts.ts';
import type { Recommendations } from '../../core/api/dispatch.ts';
import type { Clock } from '../../core/clock.ts';
import { formatDistance, formatSpan, type Language } from '../../core/format.ts';
import { type Caller, scopeOf } from '../../core/permissions.ts';
import type { Database, Queryable } from '../../core/ports.ts';
import type { ProvinceProfile } from '../../core/profile.ts';
import type { LonLat } from '../../core/reading.ts';
import type { Bilingual } from '../../core/text.ts';
import { unitDto } from './dto.ts';
import * as q from './sql.ts';

export interface DispatchSettings {
  /** A unit that was last seen longer ago is not proposed. */
  positionMaxAgeS: number;
  /** Units proposed. */
  shown: number;
  /** Units found by the index before they are put in order by true distance; also how many are told as excluded. */
  candidates: number;
}

export const DISPATCH_SETTINGS: DispatchSettings = { positionMaxAgeS: 900, shown: 10, candidates: 100 };

type Profile = Pick<ProvinceProfile, 'dispatch'>;
const LANGUAGES: readonly Language[] = ['vi', 'en'];

/** What the operator reads beside a proposed unit: `Rảnh · cách 2,4 km · Cảnh sát giao thông`. */
export function fitReason(kind: string, distanceM: number | null, profile: Profile): Bilingual {
  const words = LANGUAGES.map((language) => {
    const parts = [language === 'vi' ? 'Rảnh' : 'Free'];
    if (distanceM !== null) {
      const way = formatDistance(distanceM, language);
      parts.push(language === 'vi' ? `cách ${way}` : `${way} away`);
    }
    return [...parts, kindName(kind, profile, language)].join(' · ');
  });
  return { vi: words[0] ?? '', en: words[1] ?? '' };
}

function kindName(id: string, profile: Profile, language: Language): string {
  const kind = profile.dispatch.unitKinds.find((candidate) => candidate.id === id);
  return (language === 'vi' ? kind?.nameVi : kind?.nameEn) ?? id;
}

/** Why a unit is not proposed: the first thing that stands in the way. */
function unfitReason(
  row: q.NearUnitRow,
  kinds: readonly string[] | null,
  nowMs: number,
  maxAgeS: number,
  profile: Profile,
): Bilingual {
  if (row.status === 'out_of_service') {
    const why = row.status_reason === null ? '' : `: ${row.status_reason}`;
    return { vi: `Ngừng hoạt động${why}`, en: `Out of service${why}` };
  }
  if (row.dispatch_id !== null) {
    return {
      vi: `Đang làm nhiệm vụ (điều động ${row.dispatch_id})`,
      en: `On duty (dispatch ${row.dispatch_id})`,
    };
  }
  if (row.status !== 'available') return { vi: 'Đang bận', en: 'Busy' };
  if (kinds !== null && !kinds.includes(row.kind)) {
    return {
      vi: `${kindName(row.kind, profile, 'vi')} không phù hợp lĩnh vực này`,
      en: `${kindName(row.kind, profile, 'en')} does not suit this domain`,
    };
  }
  if (row.time === null) return { vi: 'Chưa có vị trí', en: 'No position yet' };
  const ageS = (nowMs - row.time.getTime()) / 1000;
  return ageS > maxAgeS
    ? { vi: `Vị trí đã cũ ${formatSpan(ageS, 'vi')}`, en: `Position is ${formatSpan(ageS, 'en')} old` }
    : { vi: 'Không phù hợp', en: 'Not suitable' };
}

/** The nearest free suitable units for an alert, as far as the caller may see units, and why not the others. */
export async function recommend(deps: {
  database: Database;
  clock: Clock;
  profile: Profile;
  settings: DispatchSettings;
  caller: Caller;
  alert: Alert;
}): Promise<z.infer<typeof Recommendations>> {
  const { database, clock, profile, settings, caller, alert } = deps;
  const at = alert.position ?? (await placeInArea(database, alert.areaId));
  // Without any place nobody is near or far.
  if (!at) return { items: [], excluded: [] };
  const kinds = profile.dispatch.suitability[alert.domain] ?? null;
  const nowMs = clock.now();
  const search: q.Search = {
    scope: scopeOf(caller, 'units.read'),
    // Without any place nobody is near or far: everybody is told as excluded.
    at,
    kinds,
    seenSinceMs: nowMs - settings.positionMaxAgeS * 1000,
    limit: settings.candidates,
  };
  const seen = database.as(caller, 'units.read');
  const fit = await seen.query<q.NearUnitRow>(q.fitUnits(search));
  const unfit = await seen.query<q.NearUnitRow>(q.unfitUnits(search));
  return {
    items: fit.slice(0, settings.shown).map((row) => ({
      unit: unitDto(row),
      distanceM: row.distance_m ?? 0,
      suitable: true,
      reason: fitReason(row.kind, row.distance_m, profile),
    })),
    excluded: unfit.map((row) => ({
      unitId: row.id,
      unitName: row.name,
      distanceM: row.distance_m,
      reason: unfitReason(row, kinds, nowMs, settings.positionMaxAgeS, profile),
    })),
  };
}

async function placeInArea(database: Queryable, areaId: string | null): Promise<LonLat | null> {
  if (areaId === null) return null;
  const [row] = await database.query<{ lon: number; lat: number }>(q.pointInArea(areaId));
  return row ? [row.lon, row.lat] : null;
}
