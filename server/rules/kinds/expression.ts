import { Environment } from '@marcbachmann/cel-js';
import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { formatNumber } from '../../../core/format.ts';
import { isValidQuality } from '../../../core/quality.ts';
import { Delays, defineCondition } from '../condition.ts';
import { from } from '../examples.ts';
import { MaxAge } from '../members.ts';
import { QuantityName, quantityName } from '../words.ts';

/**
 * What an expression may cost, bounded when it is parsed. CEL can loop over lists, nested as deep as one likes, and match
 * texts with patterns that never end; both need a method or a text, and a condition on numbers needs neither.
 */
const FORBIDDEN = /["'`{]|\.\s*[A-Za-z_]/;
const LIMITS = { maxAstNodes: 400, maxDepth: 30, maxListElements: 50, maxMapEntries: 0, maxCallArguments: 4 };

const Params = z.strictObject({
  inputs: z.array(QuantityName).min(1).max(20).describe('quantities of the device that the expression names'),
  expression: z
    .string()
    .min(1)
    .max(1000)
    .describe('CEL, true when it is wrong: pm25 > 100.0 && humidity < 60.0'),
  maxAgeS: MaxAge,
  ...Delays,
});
type Params = z.infer<typeof Params>;

interface Rule extends Params {
  judge(values: Record<string, number>): boolean;
}

type Memory = Record<string, [timeMs: number, value: number]>;

/** Any condition on the newest values of one device, in the Common Expression Language. */
export default defineCondition<Params, Rule, Memory, { values: Record<string, number> }>({
  id: 'expression',
  vi: 'Biểu thức tự do (CEL)',
  en: 'Free expression (CEL)',
  subject: 'device',
  input: 'values',
  params: Params,
  many: true,
  prepare: (params) => ({ ...params, judge: compile(params) }),

  look(memory, item, rule) {
    if (item.kind !== 'value' || !isValidQuality(item.quality) || !rule.inputs.includes(item.quantity))
      return null;
    if ((memory?.[item.quantity]?.[0] ?? 0) >= item.timeMs) return null;
    const next: Memory = { ...memory, [item.quantity]: [item.timeMs, item.value] };
    const now = Math.max(...Object.values(next).map(([time]) => time));
    const values: Record<string, number> = {};
    for (const [quantity, [time, value]] of Object.entries(next)) {
      if (now - time <= rule.maxAgeS * 1000) values[quantity] = value;
    }
    const whole = rule.inputs.every((quantity) => quantity in values);
    return {
      memory: next,
      holds: whole ? rule.judge(values) : null,
      amount: null,
      facts: { values },
      evidence: { expression: rule.expression, values },
      // A single input is what the newest value says by itself.
      idle: rule.inputs.length === 1,
    };
  },

  fact({ values }, rule, language, holding) {
    const list = Object.entries(values)
      .map(([quantity, value]) => `${quantityName(quantity, language)} = ${formatNumber(value, 2, language)}`)
      .join(', ');
    return `${list}: ${rule.expression} ${language === 'vi' ? (holding ? 'đúng' : 'không còn đúng') : holding ? 'is true' : 'is no longer true'}`;
  },

  describe(params, language) {
    return language === 'vi'
      ? `Biểu thức ${params.expression} đúng`
      : `The expression ${params.expression} is true`;
  },

  examples: [
    {
      name: 'dust in dry air; the hold counts from the first time that both are known',
      params: { inputs: ['pm25', 'humidity'], expression: 'pm25 > 100 && humidity < 60', maxAgeS: 3600 },
      items: [
        from('s', 0, 150, { quantity: 'pm25' }),
        from('s', 1, 80, { quantity: 'humidity' }),
        from('s', 2, 50, { quantity: 'humidity' }),
        from('s', 3, 90, { quantity: 'pm25' }),
      ],
      expect: [
        null,
        null,
        {
          kind: 'raise',
          vi: 'PM2,5 = 150, Độ ẩm = 50: pm25 > 100 && humidity < 60 đúng lúc 07:02',
          en: 'PM2.5 = 150, Humidity = 50: pm25 > 100 && humidity < 60 is true at 07:02',
        },
        { kind: 'clear' },
      ],
    },
    {
      name: 'arithmetic of whole and broken numbers',
      params: {
        inputs: ['temperature', 'dew_point'],
        expression: 'abs(temperature - dew_point) * 2 <= 3',
        maxAgeS: 600,
      },
      items: [from('s', 0, 20, { quantity: 'temperature' }), from('s', 1, 19, { quantity: 'dew_point' })],
      expect: [null, { kind: 'raise' }],
    },
  ],
});

/** Throws `rule.invalid` with the place of the mistake. */
function compile({ inputs, expression }: Params): (values: Record<string, number>) => boolean {
  const environment = new Environment({ limits: LIMITS, unlistedVariablesAreDyn: false });
  for (const quantity of inputs) environment.registerVariable(quantity, 'double');
  environment.registerFunction('abs(double): double', (x: number) => Math.abs(x));
  environment.registerFunction('least(double, double): double', (a: number, b: number) => Math.min(a, b));
  environment.registerFunction('most(double, double): double', (a: number, b: number) => Math.max(a, b));
  // People write 2, CEL reads an integer: let it stand beside measured values.
  const mixed: Record<string, (a: number, b: number) => number> = {
    '+': (a, b) => a + b,
    '-': (a, b) => a - b,
    '*': (a, b) => a * b,
    '/': (a, b) => a / b,
  };
  for (const [sign, calculate] of Object.entries(mixed)) {
    environment.registerOperator(`double ${sign} int`, (a: number, b: bigint) => calculate(a, Number(b)));
    environment.registerOperator(`int ${sign} double`, (a: bigint, b: number) => calculate(Number(a), b));
  }
  try {
    if (FORBIDDEN.test(expression)) throw new Error('texts, maps and methods are not allowed');
    const checked = environment.check(expression);
    if (!checked.valid) throw checked.error ?? new Error('it does not check');
    if (checked.type !== 'bool') throw new Error(`it gives ${checked.type}, not bool`);
    const parsed = environment.parse(expression);
    return (values) => parsed(values) === true;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError('rule.invalid', { detail: `params.expression: ${reason.slice(0, 500)}` });
  }
}
