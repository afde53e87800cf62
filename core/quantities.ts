/**
 * The registered quantities. Each has one canonical unit; everything stored is in it.
 * `min`/`max` are physical plausibility bounds: outside them a value is kept but flagged bad.
 */
export interface Quantity {
  unit: UnitCode;
  vi: string;
  en: string;
  decimals: number;
  min?: number;
  max?: number;
}

/** Unit → dimension and how to get to the dimension's base: base = value × factor + offset. */
const UNITS = {
  'ug/m3': { dimension: 'mass-concentration-air', factor: 1, offset: 0, symbol: 'µg/m³' },
  'mg/m3': { dimension: 'mass-concentration-air', factor: 1000, offset: 0, symbol: 'mg/m³' },
  degC: { dimension: 'temperature', factor: 1, offset: 0, symbol: '°C' },
  K: { dimension: 'temperature', factor: 1, offset: -273.15, symbol: 'K' },
  degF: { dimension: 'temperature', factor: 5 / 9, offset: -160 / 9, symbol: '°F' },
  '%': { dimension: 'ratio', factor: 1, offset: 0, symbol: '%' },
  '1': { dimension: 'ratio', factor: 100, offset: 0, symbol: '' },
  hPa: { dimension: 'pressure', factor: 1, offset: 0, symbol: 'hPa' },
  kPa: { dimension: 'pressure', factor: 10, offset: 0, symbol: 'kPa' },
  Pa: { dimension: 'pressure', factor: 0.01, offset: 0, symbol: 'Pa' },
  mm: { dimension: 'rain-depth', factor: 1, offset: 0, symbol: 'mm' },
  'mm/h': { dimension: 'rain-rate', factor: 1, offset: 0, symbol: 'mm/h' },
  m: { dimension: 'length', factor: 1, offset: 0, symbol: 'm' },
  cm: { dimension: 'length', factor: 0.01, offset: 0, symbol: 'cm' },
  'm/s': { dimension: 'speed', factor: 3.6, offset: 0, symbol: 'm/s' },
  'km/h': { dimension: 'speed', factor: 1, offset: 0, symbol: 'km/h' },
  kn: { dimension: 'speed', factor: 1.852, offset: 0, symbol: 'kn' },
  deg: { dimension: 'angle', factor: 1, offset: 0, symbol: '°' },
  'g/l': { dimension: 'salinity', factor: 1, offset: 0, symbol: 'g/l' },
  // 1 ‰ is taken as 1 g/kg ≈ 1 g/l, as Vietnamese hydromet bulletins do.
  ppt: { dimension: 'salinity', factor: 1, offset: 0, symbol: '‰' },
  'uS/cm': { dimension: 'conductivity', factor: 1, offset: 0, symbol: 'µS/cm' },
  'mS/cm': { dimension: 'conductivity', factor: 1000, offset: 0, symbol: 'mS/cm' },
  pH: { dimension: 'ph', factor: 1, offset: 0, symbol: '' },
  NTU: { dimension: 'turbidity', factor: 1, offset: 0, symbol: 'NTU' },
  'mg/l': { dimension: 'mass-concentration-water', factor: 1, offset: 0, symbol: 'mg/l' },
  'ug/l': { dimension: 'mass-concentration-water', factor: 0.001, offset: 0, symbol: 'µg/l' },
  'm3/s': { dimension: 'discharge', factor: 1, offset: 0, symbol: 'm³/s' },
  'l/s': { dimension: 'discharge', factor: 0.001, offset: 0, symbol: 'l/s' },
  'veh/h': { dimension: 'traffic-flow', factor: 1, offset: 0, symbol: 'xe/h' },
  dBA: { dimension: 'sound', factor: 1, offset: 0, symbol: 'dBA' },
  'W/m2': { dimension: 'irradiance', factor: 1, offset: 0, symbol: 'W/m²' },
  V: { dimension: 'voltage', factor: 1, offset: 0, symbol: 'V' },
  mV: { dimension: 'voltage', factor: 0.001, offset: 0, symbol: 'mV' },
  dBm: { dimension: 'signal', factor: 1, offset: 0, symbol: 'dBm' },
  count: { dimension: 'count', factor: 1, offset: 0, symbol: '' },
  'frame/s': { dimension: 'frame-rate', factor: 1, offset: 0, symbol: 'fps' },
  'kbit/s': { dimension: 'bit-rate', factor: 1, offset: 0, symbol: 'kbit/s' },
} as const;

export type UnitCode = keyof typeof UNITS;

/** Other spellings that devices use for the same unit. */
const UNIT_ALIASES: Record<string, UnitCode> = {
  'µg/m³': 'ug/m3',
  'μg/m³': 'ug/m3',
  'µg/m3': 'ug/m3',
  'mg/m³': 'mg/m3',
  '°C': 'degC',
  C: 'degC',
  '°F': 'degF',
  F: 'degF',
  '‰': 'ppt',
  psu: 'ppt',
  'µS/cm': 'uS/cm',
  'm³/s': 'm3/s',
  'W/m²': 'W/m2',
  '°': 'deg',
  kmh: 'km/h',
  'dB(A)': 'dBA',
  mbar: 'hPa',
};

const q = (
  unit: UnitCode,
  vi: string,
  en: string,
  decimals: number,
  min?: number,
  max?: number,
): Quantity => ({
  unit,
  vi,
  en,
  decimals,
  ...(min === undefined ? {} : { min }),
  ...(max === undefined ? {} : { max }),
});

export const QUANTITIES = {
  pm25: q('ug/m3', 'PM2,5', 'PM2.5', 1, 0, 2000),
  pm10: q('ug/m3', 'PM10', 'PM10', 1, 0, 3000),
  so2: q('ug/m3', 'SO₂', 'SO₂', 1, 0, 10000),
  no2: q('ug/m3', 'NO₂', 'NO₂', 1, 0, 10000),
  co: q('ug/m3', 'CO', 'CO', 0, 0, 200000),
  o3: q('ug/m3', 'O₃', 'O₃', 1, 0, 3000),
  temperature: q('degC', 'Nhiệt độ', 'Temperature', 1, -60, 70),
  dew_point: q('degC', 'Điểm sương', 'Dew point', 1, -80, 50),
  humidity: q('%', 'Độ ẩm', 'Humidity', 0, 0, 100),
  pressure: q('hPa', 'Khí áp', 'Pressure', 1, 800, 1100),
  rainfall: q('mm', 'Lượng mưa', 'Rainfall', 1, 0, 500),
  rain_rate: q('mm/h', 'Cường độ mưa', 'Rain rate', 1, 0, 500),
  wind_speed: q('m/s', 'Tốc độ gió', 'Wind speed', 1, 0, 115),
  wind_direction: q('deg', 'Hướng gió', 'Wind direction', 0, 0, 360),
  irradiance: q('W/m2', 'Bức xạ', 'Irradiance', 0, 0, 1600),
  water_level: q('m', 'Mực nước', 'Water level', 2, -20, 100),
  discharge: q('m3/s', 'Lưu lượng nước', 'Discharge', 1, 0, 200000),
  salinity: q('ppt', 'Độ mặn', 'Salinity', 1, 0, 60),
  conductivity: q('uS/cm', 'Độ dẫn điện', 'Conductivity', 0, 0, 100000),
  water_temperature: q('degC', 'Nhiệt độ nước', 'Water temperature', 1, -5, 60),
  ph: q('pH', 'pH', 'pH', 2, 0, 14),
  turbidity: q('NTU', 'Độ đục', 'Turbidity', 0, 0, 10000),
  dissolved_oxygen: q('mg/l', 'Oxy hòa tan', 'Dissolved oxygen', 1, 0, 30),
  traffic_flow: q('veh/h', 'Lưu lượng xe', 'Traffic flow', 0, 0, 20000),
  traffic_speed: q('km/h', 'Tốc độ dòng xe', 'Traffic speed', 0, 0, 250),
  occupancy: q('%', 'Độ chiếm dụng', 'Occupancy', 0, 0, 100),
  noise: q('dBA', 'Tiếng ồn', 'Noise', 0, 0, 160),
  speed: q('km/h', 'Tốc độ', 'Speed', 0, 0, 400),
  battery: q('V', 'Điện áp pin', 'Battery', 2, 0, 100),
  signal: q('dBm', 'Mức sóng', 'Signal', 0, -150, 0),
  camera_up: q('count', 'Camera hoạt động', 'Camera up', 0, 0, 1),
} as const satisfies Record<string, Quantity>;

export type QuantityCode = keyof typeof QUANTITIES;

export function isQuantity(code: string): code is QuantityCode {
  return Object.hasOwn(QUANTITIES, code);
}

/** Description of any quantity: the registered one, or a plain stand-in for a device's own quantity. */
export function describeQuantity(code: string): Quantity {
  return isQuantity(code) ? QUANTITIES[code] : { unit: 'count', vi: code, en: code, decimals: 2 };
}

/** Canonical code of a unit as a device spells it, or undefined. */
export function parseUnit(text: string): UnitCode | undefined {
  const trimmed = text.trim();
  if (Object.hasOwn(UNITS, trimmed)) return trimmed as UnitCode;
  return Object.hasOwn(UNIT_ALIASES, trimmed) ? UNIT_ALIASES[trimmed] : undefined;
}

export function unitSymbol(unit: UnitCode): string {
  return UNITS[unit].symbol;
}

/** Converts between units of one dimension; undefined when the dimensions differ. */
export function convert(value: number, from: UnitCode, to: UnitCode): number | undefined {
  if (from === to) return value;
  const a = UNITS[from];
  const b = UNITS[to];
  if (a.dimension !== b.dimension) return undefined;
  return (value * a.factor + a.offset - b.offset) / b.factor;
}
