/** Names of the base map, in Vietnamese and English, and the islands of the two archipelagos. */
interface Label {
  kind: 'sea' | 'gulf' | 'ocean' | 'country' | 'city' | 'archipelago';
  vi: string;
  en: string;
  at: [lon: number, lat: number];
  minZoom: number;
  maxZoom: number;
}

const LABELS: Label[] = [
  { kind: 'sea', vi: 'BIỂN ĐÔNG', en: 'EAST SEA', at: [113.2, 13.6], minZoom: 4, maxZoom: 9.5 },
  { kind: 'gulf', vi: 'Vịnh Bắc Bộ', en: 'Gulf of Tonkin', at: [107.6, 19.9], minZoom: 6, maxZoom: 10 },
  { kind: 'gulf', vi: 'Vịnh Thái Lan', en: 'Gulf of Thailand', at: [101.8, 9.6], minZoom: 6, maxZoom: 10 },
  { kind: 'ocean', vi: 'Thái Bình Dương', en: 'Pacific Ocean', at: [140, 18], minZoom: 2, maxZoom: 6.5 },
  { kind: 'ocean', vi: 'Ấn Độ Dương', en: 'Indian Ocean', at: [84, -4], minZoom: 2, maxZoom: 6.5 },
  { kind: 'country', vi: 'VIỆT NAM', en: 'VIET NAM', at: [108.0, 14.4], minZoom: 4, maxZoom: 8 },
  { kind: 'country', vi: 'LÀO', en: 'LAOS', at: [102.9, 19.3], minZoom: 5, maxZoom: 8.5 },
  { kind: 'country', vi: 'CAMPUCHIA', en: 'CAMBODIA', at: [104.9, 12.6], minZoom: 5, maxZoom: 8.5 },
  { kind: 'country', vi: 'THÁI LAN', en: 'THAILAND', at: [101.2, 15.4], minZoom: 5, maxZoom: 8.5 },
  { kind: 'country', vi: 'TRUNG QUỐC', en: 'CHINA', at: [109.6, 25.4], minZoom: 4, maxZoom: 8.5 },
  { kind: 'country', vi: 'MYANMAR', en: 'MYANMAR', at: [96.4, 21.0], minZoom: 5, maxZoom: 8.5 },
  { kind: 'country', vi: 'MALAYSIA', en: 'MALAYSIA', at: [102.2, 4.3], minZoom: 5, maxZoom: 8.5 },
  { kind: 'country', vi: 'SINGAPORE', en: 'SINGAPORE', at: [103.85, 1.36], minZoom: 7, maxZoom: 10 },
  { kind: 'country', vi: 'BRUNEI', en: 'BRUNEI', at: [114.7, 4.5], minZoom: 6.5, maxZoom: 10 },
  { kind: 'country', vi: 'INDONESIA', en: 'INDONESIA', at: [113.6, -0.8], minZoom: 5, maxZoom: 8.5 },
  { kind: 'country', vi: 'PHILIPPINES', en: 'PHILIPPINES', at: [122.6, 12.2], minZoom: 5, maxZoom: 8.5 },
  { kind: 'city', vi: 'Hà Nội', en: 'Hanoi', at: [105.85, 21.03], minZoom: 5.5, maxZoom: 10 },
  { kind: 'city', vi: 'Hải Phòng', en: 'Hai Phong', at: [106.68, 20.86], minZoom: 7, maxZoom: 10 },
  { kind: 'city', vi: 'Huế', en: 'Hue', at: [107.58, 16.46], minZoom: 7, maxZoom: 10 },
  { kind: 'city', vi: 'Đà Nẵng', en: 'Da Nang', at: [108.21, 16.06], minZoom: 6, maxZoom: 10 },
  {
    kind: 'city',
    vi: 'TP. Hồ Chí Minh',
    en: 'Ho Chi Minh City',
    at: [106.69, 10.78],
    minZoom: 5.5,
    maxZoom: 10,
  },
  { kind: 'city', vi: 'Cần Thơ', en: 'Can Tho', at: [105.78, 10.03], minZoom: 7, maxZoom: 10 },
  {
    kind: 'archipelago',
    vi: 'Quần đảo Hoàng Sa (Việt Nam)',
    en: 'Hoang Sa Archipelago (Viet Nam)',
    at: [112.1, 16.15],
    minZoom: 4,
    maxZoom: 12,
  },
  {
    kind: 'archipelago',
    vi: 'Quần đảo Trường Sa (Việt Nam)',
    en: 'Truong Sa Archipelago (Viet Nam)',
    at: [114.2, 9.2],
    minZoom: 4,
    maxZoom: 12,
  },
];

type Island = [kind: 'đảo' | 'đá' | 'bãi', name: string, lon: number, lat: number];

/** Degrees and minutes, to about a minute of arc: enough for the marks of an overview map. */
const dm = (degrees: number, minutes: number): number => Math.round((degrees + minutes / 60) * 1e4) / 1e4;

const HOANG_SA: Island[] = [
  ['đảo', 'Hoàng Sa', dm(111, 36.5), dm(16, 32)],
  ['đảo', 'Hữu Nhật', dm(111, 35.2), dm(16, 30.3)],
  ['đảo', 'Quang Ảnh', dm(111, 30.5), dm(16, 27)],
  ['đảo', 'Quang Hòa', dm(111, 42.6), dm(16, 27.1)],
  ['đảo', 'Duy Mộng', dm(111, 44.4), dm(16, 27.8)],
  ['đảo', 'Phú Lâm', dm(112, 20.2), dm(16, 50.1)],
  ['đảo', 'Linh Côn', dm(112, 43.8), dm(16, 40)],
  ['đảo', 'Cây', dm(112, 16.1), dm(16, 58.8)],
  ['đảo', 'Bắc', dm(112, 18.6), dm(16, 57.8)],
  ['đảo', 'Nam', dm(112, 20), dm(16, 56.8)],
  ['đảo', 'Tri Tôn', dm(111, 12.1), dm(15, 47)],
  ['đảo', 'Bạch Quy', dm(111, 45.8), dm(16, 3.3)],
  ['đá', 'Bắc', dm(111, 30), dm(17, 5)],
  ['đá', 'Lồi', dm(111, 40), dm(16, 14)],
  ['đá', 'Bông Bay', dm(112, 30), dm(16, 2)],
];

const TRUONG_SA: Island[] = [
  ['đảo', 'Trường Sa', dm(111, 55.2), dm(8, 38.7)],
  ['đảo', 'Trường Sa Đông', dm(112, 20.9), dm(8, 55.8)],
  ['đảo', 'An Bang', dm(112, 55.2), dm(7, 53.5)],
  ['đảo', 'Phan Vinh', dm(113, 41.6), dm(8, 58.2)],
  ['đảo', 'Sinh Tồn', dm(114, 19.7), dm(9, 53.2)],
  ['đảo', 'Sinh Tồn Đông', dm(114, 33.7), dm(9, 54.4)],
  ['đảo', 'Nam Yết', dm(114, 21.9), dm(10, 10.8)],
  ['đảo', 'Sơn Ca', dm(114, 28.8), dm(10, 22.6)],
  ['đảo', 'Ba Bình', dm(114, 21.9), dm(10, 22.6)],
  ['đảo', 'Loại Ta', dm(114, 25.4), dm(10, 40.1)],
  ['đảo', 'Thị Tứ', dm(114, 17.1), dm(11, 3.2)],
  ['đảo', 'Bến Lạc', dm(115, 1.5), dm(11, 4.9)],
  ['đảo', 'Song Tử Tây', dm(114, 19.9), dm(11, 25.8)],
  ['đảo', 'Song Tử Đông', dm(114, 21.3), dm(11, 27.2)],
  ['đảo', 'Vĩnh Viễn', dm(115, 48.2), dm(10, 44)],
  ['đảo', 'Bình Nguyên', dm(115, 49.5), dm(10, 49)],
  ['đá', 'Lát', dm(111, 40), dm(8, 40)],
  ['đá', 'Tây', dm(112, 13), dm(8, 51)],
  ['đá', 'Đông', dm(112, 35), dm(8, 50)],
  ['đá', 'Châu Viên', dm(112, 50), dm(8, 52)],
  ['đá', 'Chữ Thập', dm(112, 54), dm(9, 35)],
  ['đá', 'Thuyền Chài', dm(113, 18), dm(8, 10)],
  ['đá', 'Lớn', dm(113, 51), dm(10, 4)],
  ['đá', 'Tốc Tan', dm(113, 59), dm(8, 49)],
  ['đá', 'Núi Le', dm(114, 11), dm(8, 44)],
  ['đá', 'Tiên Nữ', dm(114, 39), dm(8, 51)],
  ['đá', 'Cô Lin', dm(114, 14), dm(9, 46)],
  ['đá', 'Gạc Ma', dm(114, 17), dm(9, 43)],
  ['đá', 'Len Đao', dm(114, 22), dm(9, 46)],
  ['đá', 'Su Bi', dm(114, 5), dm(10, 55)],
  ['đá', 'Vành Khăn', dm(115, 32), dm(9, 54)],
];

const PREFIX = { đảo: 'Đảo', đá: 'Đá', bãi: 'Bãi' } as const;

function collection(features: { properties: object; at: [number, number] }[]): string {
  const lines = features.map(
    (f) =>
      `{"type":"Feature","properties":${JSON.stringify(f.properties)},"geometry":{"type":"Point","coordinates":[${f.at}]}}`,
  );
  return `{"type":"FeatureCollection","features":[\n${lines.join(',\n')}\n]}\n`;
}

export function buildLabels(): string {
  return collection(
    LABELS.map(({ kind, vi, en, at, minZoom, maxZoom }) => ({
      properties: { kind, name: vi, nameEn: en, minZoom, maxZoom },
      at,
    })),
  );
}

export function buildArchipelagos(): string {
  const features = (archipelago: string, islands: Island[]) =>
    islands.map(([kind, name, lon, lat]) => ({
      properties: { archipelago, kind: kind === 'đảo' ? 'island' : 'reef', name: `${PREFIX[kind]} ${name}` },
      at: [lon, lat] as [number, number],
    }));
  return collection([...features('Hoàng Sa', HOANG_SA), ...features('Trường Sa', TRUONG_SA)]);
}
