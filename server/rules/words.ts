/** Parts of the sentences and parameters that several rule kinds share. */
import { z } from 'zod';
import { formatNumber, type Language } from '../../core/format.ts';
import { describeQuantity, isQuantity, unitSymbol } from '../../core/quantities.ts';
import type { Bilingual } from '../../core/text.ts';

/** A registered quantity or a device's own, as the pipeline accepts them. */
export const QuantityName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,63}$/, 'a quantity is lower-case letters, digits and _');

/** A span in seconds, at most a year. */
export const SpanS = z.number().min(0).max(31_536_000);

export function both(make: (language: Language) => string): Bilingual {
  return { vi: make('vi'), en: make('en') };
}

export function quantityName(code: string, language: Language): string {
  return describeQuantity(code)[language];
}

/** `163 µg/m³`; a device's own quantity has no unit that we know. */
export function valueWithUnit(code: string, value: number, language: Language, withUnit = true): string {
  const quantity = describeQuantity(code);
  const symbol = withUnit && isQuantity(code) ? unitSymbol(quantity.unit) : '';
  return `${formatNumber(value, Math.max(quantity.decimals, 1), language)}${symbol && ` ${symbol}`}`;
}
