import { z } from 'zod';
import { formatSpan } from '../../../core/format.ts';
import { isValidQuality } from '../../../core/quality.ts';
import { defineCondition } from '../condition.ts';
import { from } from '../examples.ts';
import { limitOf, limitWords, meets, ValueCondition } from '../limits.ts';
import { SpanS } from '../words.ts';

const Params = z.strictObject({
  first: ValueCondition.describe('A'),
  second: ValueCondition.describe('B, after A'),
  without: ValueCondition.optional().describe('C, which must not come between A and B'),
  withinS: z.number().min(1).max(604_800).describe('seconds from A to B at most'),
  per: z
    .enum(['device', 'group'])
    .default('device')
    .describe('all from one device, or from any devices of the rule'),
  showS: z.number().min(1).max(86_400).default(300).describe('seconds that the alarm stands after B'),
  offS: SpanS.optional(),
});
type Params = z.infer<typeof Params>;

interface Memory {
  /** The latest two times of A and of C, the newest first: what has the same time as B does not lie before it. */
  a: number[];
  c: number[];
  /** The latest B that completed a sequence, and its A. */
  done: [fromMs: number, toMs: number] | null;
}
interface Facts {
  spanS: number;
}

/** First A, then B, and no C between: the gate opened, the pump started, and nobody had signed on. */
export default defineCondition<Params, Params, Memory, Facts>({
  id: 'sequence',
  vi: 'Chuỗi sự kiện',
  en: 'Sequence',
  subject: 'device',
  subjectOf: (params) => params.per,
  input: 'values',
  params: Params,
  many: true,
  prepare: (params) => params,

  look(memory, item, rule) {
    if (item.kind === 'position' || (item.kind === 'value' && !isValidQuality(item.quality))) return null;
    let { a, c, done } = memory ?? { a: [], c: [], done: null };
    const { timeMs } = item;
    if (item.kind === 'value') {
      const is = (condition: ValueCondition | undefined) =>
        condition !== undefined && meets(condition, item.quantity, item.value);
      const known = [rule.first, rule.second, rule.without].some((step) => step?.quantity === item.quantity);
      if (!known) return null;
      if (is(rule.second)) {
        const begin = a.find((time) => time < timeMs);
        const broken = begin !== undefined && c.some((time) => begin < time && time < timeMs);
        if (begin !== undefined && !broken && timeMs - begin <= rule.withinS * 1000) done = [begin, timeMs];
      }
      if (is(rule.first)) a = newestTwo(a, timeMs);
      if (is(rule.without)) c = newestTwo(c, timeMs);
    }
    const holds = done !== null && timeMs - done[1] < rule.showS * 1000;
    const spanS = done === null ? 0 : (done[1] - done[0]) / 1000;
    return {
      memory: { a, c, done: holds ? done : null },
      holds,
      amount: null,
      facts: { spanS },
      evidence:
        done === null
          ? {}
          : { firstAt: new Date(done[0]).toISOString(), thenAt: new Date(done[1]).toISOString() },
    };
  },

  deadlineMs: (memory, rule, raised) => (raised && memory.done ? memory.done[1] + rule.showS * 1000 : null),

  fact({ spanS }, rule, language, holding) {
    const [first, then] = [words(rule.first, language), words(rule.second, language)];
    if (!holding) return language === 'vi' ? `${first} → ${then}: hết hiệu lực` : `${first} → ${then}: over`;
    const span = formatSpan(spanS, language);
    const without = rule.without ? words(rule.without, language) : '';
    return language === 'vi'
      ? `${first}, ${span} sau ${then}${without && `, không có ${without}`},`
      : `${first}, ${span} later ${then}${without && `, without ${without}`},`;
  },

  describe(params, language) {
    const [first, then] = [words(params.first, language), words(params.second, language)];
    const span = formatSpan(params.withinS, language);
    const without = params.without ? words(params.without, language) : '';
    return language === 'vi'
      ? `${first}, rồi ${then} trong ${span}${without && `, mà không có ${without} ở giữa`}`
      : `${first}, then ${then} within ${span}${without && `, without ${without} between`}`;
  },

  examples: [
    {
      name: 'water rises and the pump draws nothing, unless somebody switched it off between',
      params: {
        first: { quantity: 'water_level', above: 2 },
        second: { quantity: 'discharge', below: 1 },
        without: { quantity: 'switched_off', above: 0 },
        withinS: 1800,
        per: 'device',
        showS: 300,
      },
      items: [
        from('s', 0, 2.5, { quantity: 'water_level' }),
        from('s', 5, 1, { quantity: 'switched_off' }),
        from('s', 10, 0, { quantity: 'discharge' }),
        from('s', 20, 2.5, { quantity: 'water_level' }),
        from('s', 30, 0, { quantity: 'discharge' }),
        from('s', 36, 0, { quantity: 'switched_off' }),
      ],
      expect: [
        null,
        null,
        null,
        null,
        {
          kind: 'raise',
          vi: 'Mực nước > 2 m, 10 phút sau Lưu lượng nước < 1 m³/s, không có switched_off > 0, lúc 07:30',
          en: 'Water level > 2 m, 10 minutes later Discharge < 1 m³/s, without switched_off > 0, at 07:30',
        },
        { kind: 'clear' },
      ],
    },
  ],
});

function newestTwo(times: readonly number[], timeMs: number): number[] {
  if (times.includes(timeMs)) return [...times];
  return [...times, timeMs].sort((x, y) => y - x).slice(0, 2);
}

function words(condition: ValueCondition, language: 'vi' | 'en'): string {
  return limitWords(condition.quantity, limitOf(condition), language);
}
