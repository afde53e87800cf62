/** Names on the map, and points of interest. */
import type { Areas } from './areas.ts';
import type { CommuneDesign } from './areas-design.ts';
import type { Base } from './base.ts';
import type { Lake, Patch } from './cover.ts';
import { SEED } from './design.ts';
import type { Ground } from './ground.ts';
import { chance } from './noise.ts';
import { along, at, distance, lengthOf, nearest, type Pt, ringArea } from './plane.ts';
import type { Road } from './roads.ts';

export interface Place {
  kind: 'ward' | 'commune' | 'hamlet' | 'sea' | 'bay' | 'cape' | 'mouth' | 'island' | 'lake' | 'forest';
  name: string;
  nameEn: string;
  /** 0 = first to be drawn … 5 = last. */
  rank: number;
  minZoom: number;
  at: Pt;
}

export interface Poi {
  kind: string;
  name: string;
  nameEn: string;
  at: Pt;
}

const WATERS: Place[] = [
  { kind: 'sea', name: 'BIỂN ĐÔNG', nameEn: 'EAST SEA', rank: 0, minZoom: 8, at: [92, 22] },
  { kind: 'bay', name: 'Vịnh Mây', nameEn: 'May Bay', rank: 2, minZoom: 10, at: [70, 37.6] },
  { kind: 'cape', name: 'Mũi Tràm', nameEn: 'Cape Tram', rank: 3, minZoom: 10.5, at: [53.6, 18.8] },
  { kind: 'cape', name: 'Mũi Đèn', nameEn: 'Cape Den', rank: 3, minZoom: 10.5, at: [86.2, 30.4] },
  { kind: 'mouth', name: 'Cửa Cái Vàng', nameEn: 'Cai Vang Mouth', rank: 3, minZoom: 11, at: [63.2, 40.2] },
  { kind: 'mouth', name: 'Cửa Ba Dừa', nameEn: 'Ba Dua Mouth', rank: 3, minZoom: 11, at: [37.8, 14.2] },
  { kind: 'mouth', name: 'Cửa Mỹ Lân', nameEn: 'My Lan Mouth', rank: 3, minZoom: 11, at: [101.2, 50.4] },
];

interface PoiDesign {
  kind: string;
  name: string;
  nameEn: string;
  near: Pt;
}

const POIS: PoiDesign[] = [
  { kind: 'government', name: 'UBND tỉnh Mẫu', nameEn: 'Provincial People’s Committee', near: [48.0, 50.5] },
  {
    kind: 'hospital',
    name: 'Bệnh viện Đa khoa tỉnh',
    nameEn: 'Provincial General Hospital',
    near: [47.2, 51.2],
  },
  {
    kind: 'hospital',
    name: 'Bệnh viện Sản – Nhi',
    nameEn: 'Obstetrics and Children’s Hospital',
    near: [50.2, 54.6],
  },
  { kind: 'hospital', name: 'Trung tâm Y tế Cửa Biển', nameEn: 'Cua Bien Health Centre', near: [53.8, 39.4] },
  { kind: 'hospital', name: 'Trung tâm Y tế Phú Lộc', nameEn: 'Phu Loc Health Centre', near: [79.0, 68.6] },
  {
    kind: 'hospital',
    name: 'Trung tâm Y tế Rạch Đước',
    nameEn: 'Rach Duoc Health Centre',
    near: [18.6, 17.8],
  },
  { kind: 'hospital', name: 'Trung tâm Y tế Mỹ Bình', nameEn: 'My Binh Health Centre', near: [15.0, 73.0] },
  { kind: 'police', name: 'Công an tỉnh', nameEn: 'Provincial Police', near: [49.0, 50.8] },
  { kind: 'police', name: 'Công an phường Trung Tâm', nameEn: 'Trung Tam Ward Police', near: [48.2, 48.8] },
  { kind: 'police', name: 'Công an phường Tân Cảng', nameEn: 'Tan Cang Ward Police', near: [55.2, 51.0] },
  { kind: 'police', name: 'Công an phường Cửa Biển', nameEn: 'Cua Bien Ward Police', near: [54.4, 39.2] },
  { kind: 'police', name: 'Công an xã Phú Lộc', nameEn: 'Phu Loc Commune Police', near: [79.6, 68.0] },
  { kind: 'police', name: 'Trạm CSGT An Thạnh', nameEn: 'An Thanh Traffic Police Post', near: [40.8, 50.8] },
  { kind: 'police', name: 'Trạm CSGT Hòa Lợi', nameEn: 'Hoa Loi Traffic Police Post', near: [70.8, 58.6] },
  { kind: 'fire', name: 'Đội Chữa cháy Trung Tâm', nameEn: 'Trung Tam Fire Station', near: [49.4, 49.2] },
  { kind: 'fire', name: 'Đội Chữa cháy Tân Cảng', nameEn: 'Tan Cang Fire Station', near: [56.8, 49.8] },
  { kind: 'fire', name: 'Đội Chữa cháy Cửa Biển', nameEn: 'Cua Bien Fire Station', near: [54.0, 38.4] },
  { kind: 'port', name: 'Cảng Tân Cảng', nameEn: 'Tan Cang Port', near: [54.2, 46.2] },
  { kind: 'port', name: 'Cảng cá Cửa Biển', nameEn: 'Cua Bien Fishing Port', near: [55.8, 40.6] },
  {
    kind: 'industrial',
    name: 'Khu công nghiệp Tân Cảng',
    nameEn: 'Tan Cang Industrial Park',
    near: [60.4, 51.3],
  },
  { kind: 'market', name: 'Chợ Trung Tâm', nameEn: 'Trung Tam Market', near: [49.6, 50.4] },
  { kind: 'market', name: 'Chợ Bến Cầu', nameEn: 'Ben Cau Market', near: [49.2, 54.0] },
  { kind: 'market', name: 'Chợ Phú Lộc', nameEn: 'Phu Loc Market', near: [78.8, 68.0] },
  { kind: 'market', name: 'Chợ nổi Trà Sen', nameEn: 'Tra Sen Floating Market', near: [45.6, 52.6] },
  { kind: 'school', name: 'Trường Đại học Mẫu', nameEn: 'Mau University', near: [51.4, 57.0] },
  { kind: 'bus', name: 'Bến xe tỉnh', nameEn: 'Provincial Bus Station', near: [45.6, 50.0] },
  { kind: 'lighthouse', name: 'Hải đăng Mũi Đèn', nameEn: 'Mui Den Lighthouse', near: [84.4, 33.4] },
  {
    kind: 'border-guard',
    name: 'Đồn Biên phòng Cửa Biển',
    nameEn: 'Cua Bien Border Guard Post',
    near: [55.6, 37.4],
  },
];

/** Pushes a point off the water and beside the nearest road. */
function besideRoad(p: Pt, roads: readonly Road[]): Pt {
  let best: { point: Pt; km: number } | undefined;
  for (const road of roads) {
    if (road.bridge || road.outside) continue;
    const hit = nearest(road.line, p);
    if (!best || hit.km < best.km) best = hit;
  }
  if (!best) return p;
  const d = distance(best.point, p) || 1;
  const away = Math.min(0.03, d);
  return [
    best.point[0] + ((p[0] - best.point[0]) / d) * away,
    best.point[1] + ((p[1] - best.point[1]) / d) * away,
  ];
}

export function buildPlaces(
  areas: Areas,
  base: Base,
  lakes: readonly Lake[],
  roads: readonly Road[],
  cover: readonly Patch[],
  ground: Ground,
): { places: Place[]; pois: Poi[] } {
  const places: Place[] = [...WATERS, ...hamlets(areas, roads, cover, ground)];
  for (const c of areas.communes)
    places.push({
      kind: c.kind === 'Phường' ? 'ward' : 'commune',
      name: `${c.kind} ${c.name}`,
      nameEn: `${c.nameEn} ${c.kind === 'Phường' ? 'Ward' : 'Commune'}`,
      rank: c.code === 'M-001' ? 1 : c.kind === 'Phường' ? 2 : 3,
      minZoom: c.code === 'M-001' ? 8.5 : c.kind === 'Phường' ? 10.5 : 9.8,
      at: [c.seat[0], c.seat[1] + 0.25],
    });
  for (const islet of areas.islets)
    places.push({
      kind: 'island',
      name: islet.name,
      nameEn: islet.nameEn,
      rank: 4,
      minZoom: 11.5,
      at: islet.at,
    });
  for (const river of base.rivers)
    for (const island of river.islandRings)
      places.push({
        kind: 'island',
        name: island.name,
        nameEn: plain(island.name),
        rank: 4,
        minZoom: 12.5,
        at: middle(island.ring),
      });
  for (const lake of lakes)
    if (lake.name)
      places.push({
        kind: 'lake',
        name: lake.name,
        nameEn: lake.nameEn ?? '',
        rank: 4,
        minZoom: Math.abs(ringArea(at(lake.rings, 0))) > 1 ? 11.5 : 13.5,
        at: middle(at(lake.rings, 0)),
      });
  const pois: Poi[] = POIS.map((p) => ({
    kind: p.kind,
    name: p.name,
    nameEn: p.nameEn,
    at: besideRoad(p.near, roads),
  }));
  for (const c of areas.communes) pois.push(...officesOf(c, roads));
  for (const road of roads)
    if (road.bridge && road.name && road.nameEn && road.class !== 'ring')
      pois.push({
        kind: 'bridge',
        name: road.name,
        nameEn: road.nameEn,
        at: along(road.line, lengthOf(road.line) / 2).point,
      });
  return { places, pois };
}

/** What every commune has round its seat. */
function officesOf(c: CommuneDesign, roads: readonly Road[]): Poi[] {
  const random = chance(`${c.code} offices`, SEED);
  const spot = (): Pt => {
    const turn = random.between(0, 2 * Math.PI);
    const km = c.townKm * random.between(0.15, 0.5);
    return besideRoad([c.seat[0] + Math.cos(turn) * km, c.seat[1] + Math.sin(turn) * km], roads);
  };
  const unit = c.kind.toLowerCase();
  const unitEn = c.kind === 'Phường' ? 'Ward' : 'Commune';
  const offices: Poi[] = [
    {
      kind: 'government',
      name: `UBND ${unit} ${c.name}`,
      nameEn: `${c.nameEn} ${unitEn} People’s Committee`,
      at: spot(),
    },
    { kind: 'school', name: `Trường THPT ${c.name}`, nameEn: `${c.nameEn} High School`, at: spot() },
    { kind: 'market', name: `Chợ ${c.name}`, nameEn: `${c.nameEn} Market`, at: spot() },
    {
      kind: 'hospital',
      name: `Trạm Y tế ${unit} ${c.name}`,
      nameEn: `${c.nameEn} Health Station`,
      at: spot(),
    },
  ];
  const named = new Set(POIS.map((p) => p.name));
  return offices.filter((o) => !named.has(o.name));
}

const FIRST = ['Tân', 'Bình', 'Thạnh', 'Phước', 'Mỹ', 'Hòa', 'Long', 'Vĩnh', 'An', 'Phú', 'Hưng', 'Đông'];
const SECOND = [
  'Lợi',
  'Thành',
  'Xuân',
  'Thuận',
  'Trung',
  'Quới',
  'Điền',
  'Khánh',
  'Hiệp',
  'Phong',
  'Thới',
  'Nghĩa',
];

/** Settled spots away from the seats, the larger ones first, with names made of two auspicious words each. */
function hamlets(areas: Areas, roads: readonly Road[], cover: readonly Patch[], ground: Ground): Place[] {
  const random = chance('hamlets', SEED);
  const names = FIRST.flatMap((a) => SECOND.map((b) => `Ấp ${a} ${b}`))
    .map((name) => ({ name, order: random.next() }))
    .sort((a, b) => a.order - b.order);
  const taken: Pt[] = areas.communes.map((c) => c.seat);
  const out: Place[] = [];
  const settled = cover
    .filter((p) => p.class === 'builtup')
    .map((p) => ({ km2: Math.abs(ringArea(at(p.rings, 0))), at: besideRoad(middle(at(p.rings, 0)), roads) }))
    .sort((a, b) => b.km2 - a.km2);
  for (const spot of settled) {
    const next = names[out.length];
    if (!next || out.length >= 70) break;
    if (ground.inside.value(spot.at) < 0.4 || ground.inRiver(spot.at)) continue;
    if (taken.some((p) => distance(p, spot.at) < 3)) continue;
    taken.push(spot.at);
    out.push({
      kind: 'hamlet',
      name: next.name,
      nameEn: `${plain(next.name).replace('Ap ', '')} Hamlet`,
      rank: 5,
      minZoom: 12,
      at: spot.at,
    });
  }
  return out;
}

/** Without diacritics, as English texts write Vietnamese names. */
const plain = (name: string): string =>
  name.normalize('NFD').replace(/\p{M}/gu, '').replaceAll('đ', 'd').replaceAll('Đ', 'D');

function middle(ring: readonly Pt[]): Pt {
  let x = 0;
  let y = 0;
  for (const p of ring.slice(1)) {
    x += p[0];
    y += p[1];
  }
  return [x / (ring.length - 1), y / (ring.length - 1)];
}
