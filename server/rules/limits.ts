/** One limit, from above or from below: parameters, comparison and words that many kinds share. */
import { z } from 'zod';
import type { Language } from '../../core/format.ts';
import { quantityName, valueWithUnit } from './words.ts';

export const LimitShape = {
  above: z.number().optional().describe('counts when strictly greater'),
  below: z.number().optional().describe('counts when strictly less'),
};
interface LimitParams {
  above?: number | undefined;
  below?: number | undefined;
}

/** 1 = above, −1 = below: everything is compared as value × sign. */
export interface Limit {
  sign: 1 | -1;
  limit: number;
}

export const hasOneLimit = (p: LimitParams) => (p.above === undefined) !== (p.below === undefined);
export const ONE_LIMIT = 'give either above or below';

/** A condition on one value, as several kinds have in their parameters. */
export const ValueCondition = z
  .strictObject({ quantity: z.string().regex(/^[a-z][a-z0-9_]{0,63}$/), ...LimitShape })
  .refine(hasOneLimit, ONE_LIMIT);
export type ValueCondition = z.infer<typeof ValueCondition>;

export function limitOf(p: LimitParams): Limit {
  return p.above === undefined ? { sign: -1, limit: p.below ?? 0 } : { sign: 1, limit: p.above };
}

export function isOver({ sign, limit }: Limit, value: number): boolean {
  return value * sign > limit * sign;
}

/** `PM2,5 > 150 µg/m³`. */
export function limitWords(quantity: string, limit: Limit, language: Language): string {
  const sign = limit.sign === 1 ? '>' : '<';
  return `${quantityName(quantity, language)} ${sign} ${valueWithUnit(quantity, limit.limit, language)}`;
}

export function meets(condition: ValueCondition, quantity: string, value: number): boolean {
  return condition.quantity === quantity && isOver(limitOf(condition), value);
}
