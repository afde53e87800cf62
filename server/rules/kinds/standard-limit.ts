import { z } from 'zod';
import { formatSpan } from '../../../core/format.ts';
import { LIMIT_TABLES, type LimitRow, type LimitTable, limitAt } from '../../../core/limit-tables.ts';
import { isValidQuality } from '../../../core/quality.ts';
import { Delays, defineCondition } from '../condition.ts';
import { hourly } from '../examples.ts';
import { addToHour, HourParams, type HourSums, hourOf, hourStartMs, meansBack } from '../hours.ts';
import { QuantityName, quantityName, valueWithUnit } from '../words.ts';

/** A mean needs so many of its hours. */
const LEAST_SHARE = 0.75;

const Params = z
  .strictObject({
    table: z.enum(LIMIT_TABLES.map(({ id }) => id)).describe('regulation'),
    quantity: QuantityName,
    averagingH: z
      .union([z.literal(0), z.literal(1), z.literal(8), z.literal(24)])
      .describe('hours of the mean; 0 = each value'),
    class: z.string().max(8).optional().describe('class of the water body'),
    ...HourParams,
    ...Delays,
  })
  .refine(
    (p) =>
      LIMIT_TABLES.some(
        ({ id, rows }) =>
          id === p.table &&
          rows.some(
            (row) =>
              row.quantity === p.quantity &&
              row.averagingH === p.averagingH &&
              row.class === (p.class ?? null),
          ),
      ),
    'the table has no such limit',
  );
type Params = z.infer<typeof Params>;

interface Rule extends Params {
  limits: LimitTable;
  timeZone: string;
}

interface Memory {
  sums: HourSums;
  hour: number;
}

interface Facts {
  mean: number;
  limit: LimitRow | null;
}

/**
 * A limit of a national technical regulation, by its table and by the date of the value. Means are of whole hours and
 * judged once, when the hour is over; a mean needs three quarters of its hours.
 */
export default defineCondition<Params, Rule, Memory, Facts>({
  id: 'standard-limit',
  vi: 'Vượt quy chuẩn (QCVN)',
  en: 'National regulation (QCVN)',
  subject: 'device',
  input: 'values',
  params: Params,
  quantity: (params) => params.quantity,
  prepare: (params, tools) => ({
    ...params,
    limits: tableOf(params.table),
    timeZone: tools.timeZone,
  }),

  look(memory, item, rule) {
    if (item.kind !== 'value' || !isValidQuality(item.quality)) return null;
    if (rule.averagingH === 0) {
      return {
        memory: memory ?? { sums: [], hour: 0 },
        ...verdict(item.value, item.timeMs, rule),
        idle: true,
      };
    }
    const hour = hourOf(item.timeMs, rule.stampedAtEnd);
    const before = memory ?? { sums: [], hour };
    if (hour < before.hour) return null;
    if (rule.hourlyMeans) {
      if (before.sums.at(-1)?.[0] === hour) return null;
      const sums = addToHour(before.sums, hour, item.value, rule.averagingH);
      return {
        memory: { sums, hour },
        ...verdict(meanOf(sums, hour, rule.averagingH), hourStartMs(hour), rule),
      };
    }
    const ended = hour > before.hour ? meanOf(before.sums, before.hour, rule.averagingH) : null;
    const sums = addToHour(before.sums, hour, item.value, rule.averagingH + 1);
    return { memory: { sums, hour }, ...verdict(ended, hourStartMs(before.hour), rule) };
  },

  fact({ mean, limit }, rule, language, holding) {
    const name = quantityName(rule.quantity, language);
    const span = rule.averagingH === 0 ? '' : formatSpan(rule.averagingH * 3600, language);
    const of = span && (language === 'vi' ? ` trung bình ${span}` : ` ${span} mean`);
    const fact = `${name}${of} = ${valueWithUnit(rule.quantity, mean, language)}`;
    return holding && limit
      ? `${fact}, ${limitText(mean, limit, language)} (${rule.limits[language].split(',')[0]})`
      : fact;
  },

  describe(params, language) {
    const table = tableOf(params.table);
    const name = quantityName(params.quantity, language);
    const span = params.averagingH === 0 ? '' : formatSpan(params.averagingH * 3600, language);
    const ofClass =
      params.class === undefined
        ? ''
        : language === 'vi'
          ? `, mức ${params.class}`
          : `, class ${params.class}`;
    const of = span && (language === 'vi' ? ` trung bình ${span}` : ` as ${span} mean`);
    return language === 'vi'
      ? `${name}${of} không đạt ${table.vi}${ofClass}`
      : `${name}${of} does not meet ${table.en}${ofClass}`;
  },

  examples: [
    {
      name: 'one hour of ozone over QCVN 05',
      params: {
        table: 'qcvn-05-2023',
        quantity: 'o3',
        averagingH: 1,
        hourlyMeans: true,
        stampedAtEnd: false,
      },
      items: hourly([180, 200, 201, 150]),
      expect: [
        null,
        null,
        {
          kind: 'raise',
          vi: 'O₃ trung bình 1 giờ = 201 µg/m³, quá 200 µg/m³ (QCVN 05:2023/BTNMT) lúc 09:00',
          en: 'O₃ 1 hour mean = 201 µg/m³, over 200 µg/m³ (QCVN 05:2023/BTNMT) at 09:00',
        },
        { kind: 'clear' },
      ],
    },
    {
      name: 'the limit of PM2.5 fell with the year 2026, and a day needs eighteen hours',
      params: {
        table: 'qcvn-05-2023',
        quantity: 'pm25',
        averagingH: 24,
        hourlyMeans: true,
        stampedAtEnd: false,
      },
      items: hourly(Array.from({ length: 18 }, () => 46)),
      expect: [...Array.from({ length: 17 }, () => null), { kind: 'raise' }],
    },
    {
      name: 'acid water in a river of class B',
      params: {
        table: 'qcvn-08-2023-rivers',
        quantity: 'ph',
        averagingH: 0,
        class: 'B',
        hourlyMeans: false,
        stampedAtEnd: false,
      },
      items: hourly([6, 5.9, 6]),
      expect: [
        null,
        { kind: 'raise', vi: 'pH = 5,9, dưới 6 (QCVN 08:2023/BTNMT) lúc 08:00' },
        { kind: 'clear' },
      ],
    },
  ],
});

function tableOf(id: string): LimitTable {
  const table = LIMIT_TABLES.find((known) => known.id === id);
  // The parameters name one of the tables; the first is never reached by a parsed rule.
  return table ?? (LIMIT_TABLES[0] as LimitTable);
}

function meanOf(sums: HourSums, hour: number, hours: number): number | null {
  const known = meansBack(sums, hour, hours).filter((mean): mean is number => mean !== null);
  if (known.length < hours * LEAST_SHARE) return null;
  return known.reduce((sum, mean) => sum + mean, 0) / known.length;
}

function verdict(mean: number | null, timeMs: number, rule: Rule) {
  const wanted = { quantity: rule.quantity, averagingH: rule.averagingH, class: rule.class ?? null };
  const limit = limitAt(rule.limits, wanted, timeMs, rule.timeZone) ?? null;
  const over =
    mean === null || limit === null
      ? null
      : Math.max(
          mean - (limit.max ?? Number.POSITIVE_INFINITY),
          (limit.min ?? Number.NEGATIVE_INFINITY) - mean,
        );
  return {
    holds: over === null ? null : over > 0,
    amount: over === null ? null : mean,
    facts: { mean: mean ?? 0, limit },
    evidence: {
      quantity: rule.quantity,
      mean,
      averagingH: rule.averagingH,
      table: rule.table,
      max: limit?.max ?? null,
      min: limit?.min ?? null,
      inForceFrom: limit?.from ?? null,
    },
  };
}

/** The side of the limit that the value does not meet. */
function limitText(mean: number, limit: LimitRow, language: 'vi' | 'en'): string {
  const under = limit.min !== undefined && mean < limit.min;
  const words = under ? { vi: 'dưới', en: 'under' } : { vi: 'quá', en: 'over' };
  return `${words[language]} ${valueWithUnit(limit.quantity, (under ? limit.min : limit.max) ?? 0, language)}`;
}
