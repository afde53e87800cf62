/**
 * The invented province on the drawing board: where the coast, rivers, canals, borders and roads go. Everything is
 * ours; no map was copied. Kilometres east and north of 105.0° E 8.75° N; the programs beside this file turn the
 * few control points into smooth, detailed shapes.
 */
import type { Pt } from './plane.ts';

export const SEED = 20261122;

/** Kilometres per degree at the province's middle latitude (WGS 84, 9.2° N), rounded; the board is plane. */
export const ORIGIN: Pt = [105.0, 8.75];
export const KM_PER_DEGREE: Pt = [109.9, 110.6];

/**
 * Where the invented coast leaves and meets again the real one: vertices of Natural Earth's 10 m coastline, so that
 * the land of the frame joins the world's land without a step.
 */
export const COAST_WEST_DEG: Pt = [105.125977, 8.65997];
export const COAST_EAST_DEG: Pt = [106.155924, 9.357245];

/** From west to east; the first and the last point are replaced by the two above. */
export const COAST: Pt[] = [
  [13.85, -9.95],
  [17.2, -5.5],
  [16.4, -0.5],
  [19.5, 3.2],
  [24.5, 5.2],
  [28.5, 9.4],
  [32.2, 11.2],
  [34.6, 14.6],
  [36.6, 17.4],
  [39.4, 15.9],
  [43.2, 16.4],
  [47.6, 15.4],
  [51.6, 17.0],
  [52.3, 20.5],
  [50.0, 24.0],
  [50.4, 29.0],
  [53.4, 32.6],
  [56.2, 38.2],
  [59.6, 42.4],
  [63.4, 43.2],
  [68.0, 42.4],
  [72.4, 44.0],
  [75.6, 41.4],
  [77.8, 36.8],
  [80.6, 33.4],
  [84.6, 32.0],
  [87.2, 34.8],
  [87.8, 40.0],
  [91.4, 45.2],
  [96.6, 48.6],
  [99.4, 53.0],
  [103.0, 54.2],
  [107.6, 57.8],
  [112.8, 60.4],
  [119.5, 64.6],
  [127.05, 67.13],
];

export interface RiverDesign {
  id: string;
  name: string;
  nameEn: string;
  /** Upstream to downstream. */
  course: Pt[];
  /** Full width in metres at the points of the course, interpolated between. */
  widthM: number[];
  /** Begins at, or ends in, the middle of another river; or ends in the sea. */
  from?: string;
  into?: string;
  meander: { km: number; amplitudeKm: number };
  /** River islands: where along the course (0…1), length in km, share of the width. */
  islands?: { at: number; lengthKm: number; share: number; name: string }[];
}

export const RIVERS: RiverDesign[] = [
  {
    id: 'cai-vang',
    name: 'Sông Cái Vàng',
    nameEn: 'Cai Vang River',
    course: [
      [49, 122],
      [53.5, 110],
      [60.5, 100],
      [60.2, 91.5],
      [54.6, 84.5],
      [57.4, 75.5],
      [65.0, 68.6],
      [64.6, 61.2],
      [57.4, 57.2],
      [51.4, 52.2],
      [51.6, 46.2],
      [57.0, 43.6],
      [61.6, 40.6],
      [66.0, 34.0],
    ],
    widthM: [120, 330, 560, 680, 720, 740, 800, 780, 800, 900, 1100, 1700, 3900, 7000],
    into: 'sea',
    meander: { km: 4.6, amplitudeKm: 0.46 },
    islands: [
      { at: 0.4, lengthKm: 3.4, share: 0.5, name: 'Cồn Én' },
      { at: 0.79, lengthKm: 2.4, share: 0.42, name: 'Cồn Bần' },
    ],
  },
  {
    id: 'tra-sen',
    name: 'Sông Trà Sen',
    nameEn: 'Tra Sen River',
    course: [
      [-19, 82],
      [-6, 71],
      [4.4, 69.2],
      [12.5, 65.2],
      [20.2, 59.6],
      [28.0, 61.4],
      [34.8, 56.6],
      [41.6, 56.0],
      [45.6, 52.2],
      [51.4, 52.2],
    ],
    widthM: [50, 110, 190, 230, 260, 290, 310, 330, 360, 420],
    into: 'cai-vang',
    meander: { km: 3.2, amplitudeKm: 0.5 },
  },
  {
    id: 'ba-dua',
    name: 'Sông Ba Dừa',
    nameEn: 'Ba Dua River',
    course: [
      [20.2, 59.6],
      [18.2, 51.4],
      [24.6, 43.4],
      [22.2, 34.6],
      [29.0, 27.4],
      [32.4, 21.8],
      [36.5, 17.2],
      [38.8, 12.4],
    ],
    widthM: [150, 190, 240, 300, 400, 620, 1600, 3200],
    from: 'tra-sen',
    into: 'sea',
    meander: { km: 2.9, amplitudeKm: 0.52 },
  },
  {
    id: 'my-lan',
    name: 'Sông Mỹ Lân',
    nameEn: 'My Lan River',
    course: [
      [65.0, 68.6],
      [72.0, 66.2],
      [77.6, 60.2],
      [85.4, 61.4],
      [91.6, 56.8],
      [96.2, 56.6],
      [99.3, 52.9],
      [102.4, 47.6],
    ],
    widthM: [360, 370, 390, 430, 560, 820, 2000, 4200],
    from: 'cai-vang',
    into: 'sea',
    meander: { km: 3.4, amplitudeKm: 0.46 },
  },
  {
    id: 'ca-dua',
    name: 'Rạch Cá Dứa',
    nameEn: 'Ca Dua Creek',
    course: [
      [77.6, 60.2],
      [73.4, 54.2],
      [76.0, 48.6],
      [73.4, 44.6],
      [73.6, 38.8],
    ],
    widthM: [100, 130, 190, 460, 1700],
    from: 'my-lan',
    into: 'sea',
    meander: { km: 1.9, amplitudeKm: 0.42 },
  },
  {
    id: 'vinh-hao',
    name: 'Sông Vĩnh Hảo',
    nameEn: 'Vinh Hao River',
    course: [
      [132, 92],
      [118, 84],
      [107.4, 80.4],
      [99.4, 75.4],
      [92.2, 70.6],
      [85.4, 61.4],
    ],
    widthM: [50, 90, 120, 150, 190, 240],
    into: 'my-lan',
    meander: { km: 2.3, amplitudeKm: 0.45 },
  },
  {
    id: 'muoi-hai',
    name: 'Rạch Mười Hai',
    nameEn: 'Muoi Hai Creek',
    course: [
      [38.5, 45.5],
      [41.5, 38.4],
      [38.4, 30.6],
      [42.4, 23.0],
      [41.2, 13.8],
    ],
    widthM: [60, 90, 130, 210, 760],
    into: 'sea',
    meander: { km: 1.6, amplitudeKm: 0.42 },
  },
];

export interface CanalDesign {
  id: string;
  name: string;
  nameEn: string;
  course: Pt[];
  widthM: number;
}

/** Dug main canals: straight, with a bend or two. Their ends are snapped to the river they meet. */
export const CANALS: CanalDesign[] = [
  {
    id: 'xang-mau',
    name: 'Kênh Xáng Mẫu',
    nameEn: 'Xang Mau Canal',
    widthM: 45,
    course: [
      [34.8, 56.6],
      [36.2, 70],
      [37.6, 84],
      [39.6, 103],
    ],
  },
  {
    id: 'tan-hoa',
    name: 'Kênh Tân Hòa',
    nameEn: 'Tan Hoa Canal',
    widthM: 40,
    course: [
      [24.6, 43.4],
      [38.5, 45.5],
      [44.8, 47.0],
      [51.5, 48.4],
    ],
  },
  {
    id: 'phu-loc',
    name: 'Kênh Phú Lộc',
    nameEn: 'Phu Loc Canal',
    widthM: 40,
    course: [
      [65, 68.6],
      [76, 77.4],
      [90.4, 90],
      [101, 99],
    ],
  },
  {
    id: 'rach-duoc',
    name: 'Kênh Rạch Đước',
    nameEn: 'Rach Duoc Canal',
    widthM: 34,
    course: [
      [22.2, 34.6],
      [14, 29],
      [6.4, 23.4],
      [-8, 14],
    ],
  },
  {
    id: 'long-vi',
    name: 'Kênh Long Vĩ',
    nameEn: 'Long Vi Canal',
    widthM: 30,
    course: [
      [85.4, 61.4],
      [86.6, 51],
      [90.4, 40],
    ],
  },
  {
    id: 'my-binh',
    name: 'Kênh Mỹ Bình',
    nameEn: 'My Binh Canal',
    widthM: 34,
    course: [
      [20.2, 59.6],
      [21.4, 72],
      [23.6, 84.6],
      [26, 102],
    ],
  },
  {
    id: 'thoi-son',
    name: 'Kênh Thới Sơn',
    nameEn: 'Thoi Son Canal',
    widthM: 30,
    course: [
      [36.2, 70],
      [46.8, 72.6],
      [57.4, 75.5],
    ],
  },
  {
    id: 'ba-xa',
    name: 'Kênh Ba Xã',
    nameEn: 'Ba Xa Canal',
    widthM: 28,
    course: [
      [3.6, 45.4],
      [18.4, 51],
    ],
  },
  {
    id: 'hoa-loi',
    name: 'Kênh Hòa Lợi',
    nameEn: 'Hoa Loi Canal',
    widthM: 28,
    course: [
      [57.4, 57.2],
      [62.2, 53.9],
      [66.6, 51.2],
      [73.4, 54.2],
    ],
  },
  {
    id: 'binh-an',
    name: 'Kênh Bình An',
    nameEn: 'Binh An Canal',
    widthM: 30,
    course: [
      [54.6, 84.5],
      [67, 82.4],
      [76, 77.4],
      [92.2, 70.6],
    ],
  },
];
