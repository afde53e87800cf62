import { z } from 'zod';
import { AQI_POLLUTANTS, type AqiPollutant, aqiBand, hourlyIndex } from '../../../core/air-quality.ts';
import { isValidQuality } from '../../../core/quality.ts';
import { Delays, defineCondition } from '../condition.ts';
import { hourly } from '../examples.ts';
import { addToHour, HourParams, type HourSums, hourOf, meansBack } from '../hours.ts';
import { quantityName } from '../words.ts';

/** Nowcast looks back twelve hours. */
const KEEP_H = 12;

const Params = z
  .strictObject({
    above: z
      .number()
      .int()
      .min(0)
      .max(499)
      .describe('raised when the index is greater: 100 = worse than “Trung bình”'),
    clearBelow: z.number().int().min(0).max(499).optional().describe('cleared when less; absent = not above'),
    pollutants: z
      .array(z.enum(AQI_POLLUTANTS))
      .min(1)
      .max(6)
      .default([...AQI_POLLUTANTS])
      .describe('those that the station measures; with hourly means the hour is judged when all have come'),
    ...HourParams,
    ...Delays,
  })
  .refine(
    (p) => p.clearBelow === undefined || p.clearBelow <= p.above,
    'clearBelow is not greater than above',
  );
type Params = z.infer<typeof Params>;

interface Memory {
  sums: Partial<Record<AqiPollutant, HourSums>>;
  /** The hour that is being filled. */
  hour: number;
  /** Which pollutants have said something in it, valid or not. */
  here: AqiPollutant[];
  /** The last hour that was judged. */
  judged: number;
}

interface Facts {
  index: number;
  dominant: AqiPollutant;
}

/**
 * The hourly VN_AQI of a station over a limit (Decision 1459/QĐ-TCMT). An hour is judged once: with hourly means as
 * soon as every pollutant of the station has come, otherwise with the first value of a later hour. So it does not
 * matter in which order the pollutants of an hour arrive.
 */
export default defineCondition<Params, Params, Memory, Facts>({
  id: 'vn-aqi',
  vi: 'Chỉ số VN_AQI giờ',
  en: 'Hourly VN_AQI',
  subject: 'device',
  input: 'values',
  params: Params,
  many: true,
  prepare: (params) => params,

  look(memory, item, rule) {
    if (item.kind !== 'value') return null;
    const pollutant = rule.pollutants.find((known) => known === item.quantity);
    if (!pollutant) return null;
    const hour = hourOf(item.timeMs, rule.stampedAtEnd);
    let next: Memory = memory ?? { sums: {}, hour, here: [], judged: hour - 1 };
    // An hour that was judged stays judged.
    if (hour <= next.judged || hour < next.hour) return null;
    let judge: number | null = null;
    if (hour > next.hour) {
      if (next.judged < next.hour) judge = next.hour;
      next = { ...next, hour, here: [] };
    }
    const look = judge === null ? null : verdict(next, judge, rule);
    if (rule.hourlyMeans && next.here.includes(pollutant)) return look && { ...look, memory: next };
    const sums = isValidQuality(item.quality)
      ? { ...next.sums, [pollutant]: addToHour(next.sums[pollutant] ?? [], hour, item.value, KEEP_H + 1) }
      : next.sums;
    const here = next.here.includes(pollutant) ? next.here : [...next.here, pollutant];
    next = { sums, hour, here, judged: judge ?? next.judged };
    const whole = rule.hourlyMeans && rule.pollutants.every((wanted) => here.includes(wanted));
    if (whole) {
      next.judged = hour;
      return { ...verdict(next, hour, rule), memory: next };
    }
    if (look) return { ...look, memory: next };
    return {
      memory: next,
      holds: null,
      amount: null,
      facts: { index: 0, dominant: pollutant },
      evidence: {},
    };
  },

  fact({ index, dominant }, rule, language, holding) {
    const band = aqiBand(index)[language];
    const fact = `VN_AQI = ${index} (${band}, ${quantityName(dominant, language)})`;
    return holding && index > rule.above ? `${fact} > ${rule.above}` : fact;
  },

  describe(params, language) {
    const clear = params.clearBelow;
    return language === 'vi'
      ? `VN_AQI giờ trên ${params.above}${clear === undefined ? '' : `, hết khi dưới ${clear}`}`
      : `Hourly VN_AQI above ${params.above}${clear === undefined ? '' : `, cleared below ${clear}`}`;
  },

  examples: [
    {
      name: 'the third hour of bad air; an hour is judged when its last pollutant has come',
      params: {
        above: 100,
        clearBelow: 90,
        pollutants: ['pm25', 'no2'],
        hourlyMeans: true,
        stampedAtEnd: false,
      },
      items: [
        ...of('pm25', [40], 7),
        ...of('no2', [60], 7),
        ...of('pm25', [60], 8),
        ...of('no2', [60], 8),
        ...of('no2', [60], 9),
        ...of('pm25', [90], 9),
        ...of('pm25', [20], 10),
        ...of('no2', [60], 10),
      ],
      expect: [
        null,
        null,
        null,
        {
          kind: 'raise',
          vi: 'VN_AQI = 103 (Kém, PM2,5) > 100 lúc 08:00',
          en: 'VN_AQI = 103 (Poor, PM2.5) > 100 at 08:00',
        },
        null,
        { kind: 'update' },
        null,
        null,
      ],
    },
  ],
});

function of(quantity: AqiPollutant, values: readonly number[], from: number) {
  return hourly(values, { from }).map((item) => ({ ...item, quantity }));
}

function verdict(memory: Memory, hour: number, rule: Params) {
  const means: Partial<Record<AqiPollutant, (number | null)[]>> = {};
  for (const pollutant of rule.pollutants) means[pollutant] = meansBack(memory.sums[pollutant], hour, KEEP_H);
  const air = hourlyIndex(means);
  const facts: Facts = { index: air?.index ?? 0, dominant: air?.dominant ?? 'pm25' };
  return {
    holds: air === null ? null : air.index > rule.above,
    ...(air === null
      ? {}
      : { safe: rule.clearBelow === undefined ? air.index <= rule.above : air.index < rule.clearBelow }),
    amount: air?.index ?? null,
    facts,
    evidence: {
      index: facts.index,
      dominant: facts.dominant,
      parts: air?.parts ?? {},
      hour: new Date(hour * 3_600_000).toISOString(),
      limit: rule.above,
      method: 'VN_AQI, 1459/QĐ-TCMT',
    },
  };
}
