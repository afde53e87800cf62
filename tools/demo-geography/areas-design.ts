import type { Pt } from './plane.ts';

/** Corner of commune borders. `on` = the line(s) it lies on; absent = where `at` says. */
export interface NodeDesign {
  at: Pt;
  on?: string[];
}

export const NODES: Record<string, NodeDesign> = {
  o1: { at: [17.0, 0.6], on: ['coast'] },
  o2: { at: [6.4, 23.4], on: ['rach-duoc'] },
  o3: { at: [3.6, 45.4], on: ['ba-xa'] },
  o4: { at: [4.4, 69.2], on: ['tra-sen'] },
  o5: { at: [23.6, 84.6], on: ['my-binh'] },
  o6: { at: [37.6, 84.0], on: ['xang-mau'] },
  o7: { at: [60.2, 91.5], on: ['cai-vang'] },
  o8: { at: [79.0, 91.2] },
  o9: { at: [99.5, 86.6] },
  o10: { at: [107.4, 80.4], on: ['vinh-hao'] },
  o11: { at: [111.4, 59.8], on: ['coast'] },
  c1: { at: [99.3, 52.9], on: ['coast', 'my-lan'] },
  c3: { at: [73.5, 43.5], on: ['coast', 'ca-dua'] },
  c4: { at: [61.2, 42.8], on: ['coast', 'cai-vang'] },
  c5: { at: [54.2, 34.6], on: ['coast'] },
  c6: { at: [42.0, 16.2], on: ['coast', 'muoi-hai'] },
  c7: { at: [36.6, 17.2], on: ['coast', 'ba-dua'] },
  r2: { at: [57.4, 75.5], on: ['cai-vang', 'thoi-son'] },
  r3: { at: [65.0, 68.6], on: ['cai-vang', 'my-lan'] },
  ra: { at: [57.4, 57.2], on: ['cai-vang', 'hoa-loi'] },
  r5: { at: [51.4, 52.2], on: ['cai-vang', 'tra-sen'] },
  r6: { at: [51.5, 48.4], on: ['cai-vang', 'tan-hoa'] },
  r7: { at: [54.4, 44.4], on: ['cai-vang'] },
  t1: { at: [20.2, 59.6], on: ['tra-sen', 'ba-dua'] },
  t2: { at: [34.8, 56.6], on: ['tra-sen', 'xang-mau'] },
  t3: { at: [45.2, 52.6], on: ['tra-sen'] },
  b0: { at: [18.4, 51.0], on: ['ba-dua', 'ba-xa'] },
  b1: { at: [24.6, 43.4], on: ['ba-dua', 'tan-hoa'] },
  b2: { at: [22.2, 34.6], on: ['ba-dua', 'rach-duoc'] },
  i1: { at: [38.5, 45.5], on: ['tan-hoa', 'muoi-hai'] },
  i2: { at: [38.4, 30.6], on: ['muoi-hai'] },
  s1: { at: [44.8, 46.9], on: ['tan-hoa'] },
  s2: { at: [46.6, 38.0] },
  n1: { at: [45.6, 58.4] },
  k1: { at: [36.2, 70.0], on: ['xang-mau', 'thoi-son'] },
  e1: { at: [62.2, 54.0], on: ['hoa-loi'] },
  d1: { at: [73.4, 54.2], on: ['ca-dua', 'hoa-loi'] },
  m1: { at: [77.6, 60.2], on: ['my-lan', 'ca-dua'] },
  m2: { at: [85.4, 61.4], on: ['my-lan', 'vinh-hao'] },
  i5: { at: [76.0, 77.4], on: ['phu-loc', 'binh-an'] },
  i6: { at: [92.2, 70.6], on: ['vinh-hao', 'binh-an'] },
};

/** Border between two corners: along a line of the map, or its own gently bending way. */
export type EdgeDesign = [from: string, to: string, way: string | Pt[]];

export const EDGES: EdgeDesign[] = [
  // outline, clockwise from the south-west corner
  [
    'o1',
    'o2',
    [
      [10.2, 8],
      [8.4, 15.4],
    ],
  ],
  [
    'o2',
    'o3',
    [
      [8.4, 30],
      [4.4, 37.6],
    ],
  ],
  [
    'o3',
    'o4',
    [
      [2.4, 54],
      [5.4, 61.6],
    ],
  ],
  [
    'o4',
    'o5',
    [
      [6.4, 76],
      [14.6, 81.2],
    ],
  ],
  ['o5', 'o6', [[30.4, 86.2]]],
  [
    'o6',
    'o7',
    [
      [45.6, 86.4],
      [53.4, 91.4],
    ],
  ],
  ['o7', 'o8', [[69.6, 89.6]]],
  ['o8', 'o9', [[89.6, 88.4]]],
  ['o9', 'o10', [[104.8, 85.4]]],
  [
    'o10',
    'o11',
    [
      [110.6, 72.4],
      [108.8, 66],
    ],
  ],
  ['o11', 'c1', 'coast'],
  ['c1', 'c3', 'coast'],
  ['c3', 'c4', 'coast'],
  ['c4', 'c5', 'coast'],
  ['c5', 'c6', 'coast'],
  ['c6', 'c7', 'coast'],
  ['c7', 'o1', 'coast'],
  // along rivers
  ['o7', 'r2', 'cai-vang'],
  ['r2', 'r3', 'cai-vang'],
  ['r3', 'ra', 'cai-vang'],
  ['ra', 'r5', 'cai-vang'],
  ['r5', 'r6', 'cai-vang'],
  ['r6', 'r7', 'cai-vang'],
  ['r7', 'c4', 'cai-vang'],
  ['o4', 't1', 'tra-sen'],
  ['t1', 't2', 'tra-sen'],
  ['t2', 't3', 'tra-sen'],
  ['t3', 'r5', 'tra-sen'],
  ['t1', 'b0', 'ba-dua'],
  ['b0', 'b1', 'ba-dua'],
  ['b1', 'b2', 'ba-dua'],
  ['b2', 'c7', 'ba-dua'],
  ['r3', 'm1', 'my-lan'],
  ['m1', 'm2', 'my-lan'],
  ['m2', 'c1', 'my-lan'],
  ['m1', 'd1', 'ca-dua'],
  ['d1', 'c3', 'ca-dua'],
  ['m2', 'i6', 'vinh-hao'],
  ['i6', 'o10', 'vinh-hao'],
  ['i1', 'i2', 'muoi-hai'],
  ['i2', 'c6', 'muoi-hai'],
  // along canals
  ['o2', 'b2', 'rach-duoc'],
  ['o3', 'b0', 'ba-xa'],
  ['o5', 't1', 'my-binh'],
  ['o6', 'k1', 'xang-mau'],
  ['k1', 't2', 'xang-mau'],
  ['k1', 'r2', 'thoi-son'],
  ['b1', 'i1', 'tan-hoa'],
  ['i1', 's1', 'tan-hoa'],
  ['s1', 'r6', 'tan-hoa'],
  ['ra', 'e1', 'hoa-loi'],
  ['e1', 'd1', 'hoa-loi'],
  ['r3', 'i5', 'phu-loc'],
  ['i5', 'i6', 'binh-an'],
  // over land
  ['o8', 'i5', [[78.6, 84.6]]],
  ['t3', 'n1', [[44.2, 55.6]]],
  ['n1', 'ra', [[51.6, 60.2]]],
  ['t3', 's1', [[43.6, 49.8]]],
  ['t2', 'i1', [[36.2, 51.4]]],
  ['e1', 'r7', [[60.6, 48.6]]],
  ['r7', 's2', [[51.0, 41.4]]],
  ['s2', 'i2', [[43.4, 34.6]]],
  ['s2', 'c5', [[50.6, 36.6]]],
];

export interface CommuneDesign {
  code: string;
  kind: 'Phường' | 'Xã';
  name: string;
  nameEn: string;
  /** A point inside, which tells the face; also where the seat and its town are. */
  seat: Pt;
  /** Radius of the built-up area round the seat. */
  townKm: number;
}

export const COMMUNES: CommuneDesign[] = [
  { code: 'M-001', kind: 'Phường', name: 'Trung Tâm', nameEn: 'Trung Tam', seat: [48.4, 49.8], townKm: 3.3 },
  { code: 'M-002', kind: 'Phường', name: 'Bến Cầu', nameEn: 'Ben Cau', seat: [50.0, 55.2], townKm: 2.6 },
  { code: 'M-003', kind: 'Phường', name: 'Tân Cảng', nameEn: 'Tan Cang', seat: [54.3, 50.3], townKm: 2.8 },
  { code: 'M-004', kind: 'Phường', name: 'Cửa Biển', nameEn: 'Cua Bien', seat: [54.2, 38.9], townKm: 1.7 },
  { code: 'M-005', kind: 'Xã', name: 'An Thạnh', nameEn: 'An Thanh', seat: [40.4, 50.6], townKm: 1.1 },
  { code: 'M-006', kind: 'Xã', name: 'Phú An', nameEn: 'Phu An', seat: [47.2, 66.2], townKm: 1.0 },
  { code: 'M-007', kind: 'Xã', name: 'Thới Sơn', nameEn: 'Thoi Son', seat: [46.4, 79.2], townKm: 1.0 },
  { code: 'M-008', kind: 'Xã', name: 'Trà Sen', nameEn: 'Tra Sen', seat: [28.6, 71.2], townKm: 1.1 },
  { code: 'M-009', kind: 'Xã', name: 'Mỹ Bình', nameEn: 'My Binh', seat: [14.8, 73.2], townKm: 1.2 },
  { code: 'M-010', kind: 'Xã', name: 'Tân Hòa', nameEn: 'Tan Hoa', seat: [13.2, 56.8], townKm: 1.4 },
  { code: 'M-011', kind: 'Xã', name: 'Tân Lập', nameEn: 'Tan Lap', seat: [12.4, 41.2], townKm: 0.9 },
  { code: 'M-012', kind: 'Xã', name: 'Rạch Đước', nameEn: 'Rach Duoc', seat: [18.8, 17.4], townKm: 1.3 },
  { code: 'M-013', kind: 'Xã', name: 'Ba Dừa', nameEn: 'Ba Dua', seat: [28.6, 51.6], townKm: 1.0 },
  { code: 'M-014', kind: 'Xã', name: 'Đầm Sen', nameEn: 'Dam Sen', seat: [31.8, 34.2], townKm: 1.1 },
  { code: 'M-015', kind: 'Xã', name: 'Hưng Thuận', nameEn: 'Hung Thuan', seat: [45.6, 41.4], townKm: 0.9 },
  { code: 'M-016', kind: 'Xã', name: 'Mũi Tràm', nameEn: 'Mui Tram', seat: [46.4, 22.4], townKm: 1.0 },
  { code: 'M-017', kind: 'Xã', name: 'Vịnh Mây', nameEn: 'Vinh May', seat: [66.6, 46.6], townKm: 1.0 },
  { code: 'M-018', kind: 'Xã', name: 'Hòa Lợi', nameEn: 'Hoa Loi', seat: [70.4, 58.4], townKm: 1.2 },
  { code: 'M-019', kind: 'Xã', name: 'Mũi Đèn', nameEn: 'Mui Den', seat: [82.6, 44.6], townKm: 1.0 },
  { code: 'M-020', kind: 'Xã', name: 'Giồng Nhãn', nameEn: 'Giong Nhan', seat: [101.4, 63.6], townKm: 1.3 },
  { code: 'M-021', kind: 'Xã', name: 'Phú Lộc', nameEn: 'Phu Loc', seat: [79.2, 68.2], townKm: 1.5 },
  { code: 'M-022', kind: 'Xã', name: 'Bình An', nameEn: 'Binh An', seat: [69.2, 79.0], townKm: 1.0 },
  { code: 'M-023', kind: 'Xã', name: 'Vĩnh Hảo', nameEn: 'Vinh Hao', seat: [90.6, 80.2], townKm: 1.1 },
];

/** Islands of the bay; each belongs to a commune. */
export const ISLETS: {
  name: string;
  nameEn: string;
  commune: string;
  at: Pt;
  radiusKm: number;
  stretch: number;
  angle: number;
}[] = [
  {
    name: 'Hòn Mây',
    nameEn: 'May Islet',
    commune: 'M-017',
    at: [67.4, 31.6],
    radiusKm: 1.25,
    stretch: 1.7,
    angle: 0.7,
  },
  {
    name: 'Hòn Én',
    nameEn: 'En Islet',
    commune: 'M-017',
    at: [71.6, 34.2],
    radiusKm: 0.5,
    stretch: 1.3,
    angle: 2.2,
  },
  {
    name: 'Hòn Nhạn',
    nameEn: 'Nhan Islet',
    commune: 'M-017',
    at: [63.2, 27.6],
    radiusKm: 0.62,
    stretch: 1.5,
    angle: 0.2,
  },
  {
    name: 'Hòn Sao',
    nameEn: 'Sao Islet',
    commune: 'M-019',
    at: [88.4, 27.2],
    radiusKm: 0.8,
    stretch: 1.4,
    angle: 1.1,
  },
  {
    name: 'Hòn Trẹm',
    nameEn: 'Trem Islet',
    commune: 'M-016',
    at: [56.4, 16.4],
    radiusKm: 0.42,
    stretch: 1.2,
    angle: 0.4,
  },
];
