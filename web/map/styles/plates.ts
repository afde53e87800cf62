/** The small plates beside devices: the one number an operator asks of this kind of device first. */
import type { Severity } from '../../../core/api/common.ts';
import { describeQuantity, isQuantity } from '../../../core/quantities.ts';
import { age, fixed, quantityUnit } from '../../i18n/format.ts';
import type { Language } from '../../state/index.ts';
import type { Offset } from '../room.ts';
import { alpha, type MapPalette } from './palette.ts';

export interface PlateLook {
  text: string;
  colour: string;
  border: string;
  ground: string;
  cornerPx: number;
  dashed: boolean;
  opacity: number;
}

export interface PlateValue {
  quantity: string;
  value: number;
  timeMs: number;
}

/** First of these that a device measures. */
const ASKED_FIRST = [
  'pm25',
  'pm10',
  'water_level',
  'salinity',
  'traffic_speed',
  'temperature',
  'rain_rate',
  'noise',
  'water_temperature',
];
/** Housekeeping of the device itself: never on a plate. */
const NEVER = new Set(['battery', 'signal', 'camera_up', 'speed']);
/** The unit does not say what it is, so the plate does. */
const SHORT_NAMES: Record<string, string> = {
  pm25: 'PM2.5',
  pm10: 'PM10',
  pm1: 'PM1',
  o3: 'O₃',
  no2: 'NO₂',
  so2: 'SO₂',
  co: 'CO',
};

export function plateQuantity(quantities: readonly string[], wanted?: string): string | undefined {
  if (wanted !== undefined && quantities.includes(wanted)) return wanted;
  return (
    ASKED_FIRST.find((quantity) => quantities.includes(quantity)) ??
    // A device's own quantity has no unit to go by: a bare number on a map says nothing.
    quantities.find((quantity) => isQuantity(quantity) && !NEVER.has(quantity))
  );
}

/** `PM2,5 168`, `2,31 m`, `4,1 ‰`; a value older than three of its intervals carries its age instead of pride. */
export function plateText(
  value: PlateValue,
  nowMs: number,
  staleAfterMs: number,
  language: Language,
): string {
  const { decimals } = describeQuantity(value.quantity);
  const short = SHORT_NAMES[value.quantity];
  const symbol = quantityUnit(value.quantity, language);
  const figure = fixed(value.value, short && value.value >= 10 ? 0 : decimals, language);
  const name = short && language === 'vi' ? short.replace('.', ',') : short;
  const text = name ? `${name} ${figure}` : symbol ? `${figure} ${symbol}` : figure;
  const ageMs = nowMs - value.timeMs;
  return ageMs > staleAfterMs ? `${text} · ${age(ageMs, language)}` : text;
}

export function plateLook(
  text: string,
  severity: Severity | null,
  { stale, valid }: { stale: boolean; valid: boolean },
  palette: MapPalette,
): PlateLook {
  const shape = { text, ground: palette.panel, cornerPx: 4, dashed: !valid };
  if (severity !== null) {
    const colour = palette[`${severity}Text`];
    return { ...shape, colour, border: palette[severity], opacity: stale ? 0.8 : 1 };
  }
  return { ...shape, colour: palette.muted, border: palette.line, opacity: stale ? 0.7 : 0.96 };
}

/** A road's number: the same plate, part of the ground. */
export function shieldLook(text: string, palette: MapPalette): PlateLook {
  return {
    text,
    colour: palette.mapLabel,
    border: alpha(palette.border, 0.9),
    ground: palette.landAlt,
    cornerPx: 3,
    dashed: false,
    opacity: 1,
  };
}

/**
 * Where a plate may stand round its sign, the best first: right, left, below, above, then one step further out, where
 * a selected sign's ring still leaves room. `besidePx` is the sign's half width.
 */
export function plateSides(widthPx: number, besidePx: number): readonly Offset[] {
  return [6, 20].flatMap((gap): Offset[] => {
    const far = widthPx / 2 + besidePx + gap;
    const down = besidePx + 9 + gap;
    return [
      [far, 0],
      [-far, 0],
      [0, down],
      [0, -down],
      [far, down],
      [-far, down],
      [far, -down],
      [-far, -down],
    ];
  });
}
