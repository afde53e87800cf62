import { z } from 'zod';

const Item = z.strictObject({
  /** The standard's number, `1.2.4`. */
  id: z.string().regex(/^\d+\.\d+\.\d+$/),
  level: z.union([z.literal(1), z.literal(2)]),
  /** What it asks for, in our words. */
  about: z.string(),
  /** `otherwise`: on purpose not done as asked. */
  answer: z.enum(['pass', 'not-applicable', 'otherwise', 'not-yet']),
  how: z.string(),
  /** `path/of.test.ts: title of the test`. */
  tests: z.array(z.string()).default([]),
  docs: z.array(z.string()).default([]),
});

export const Asvs = z.array(
  z.strictObject({ chapter: z.string(), name: z.string(), items: z.array(Item).min(1) }),
);
export type Asvs = z.infer<typeof Asvs>;

const ANSWERS = {
  pass: 'pass',
  'not-applicable': 'not applicable',
  otherwise: 'otherwise, on purpose',
  'not-yet': '**not yet**',
} as const;

const cell = (text: string) => text.replaceAll('|', '\\|');

/** The answers as tables, one per chapter, after a line with how many there are of each kind. */
export function asvsTable(chapters: Asvs): string {
  const all = chapters.flatMap(({ items }) => items);
  const count = (answer: keyof typeof ANSWERS) => all.filter((item) => item.answer === answer).length;
  return [
    `${all.length} items: ${count('pass')} pass, ${count('not-applicable')} do not apply, ${count('otherwise')} are done otherwise on purpose, ${count('not-yet')} are not done yet.`,
    ...chapters.flatMap(({ chapter, name, items }) => [
      '',
      `### ${chapter} ${name}`,
      '',
      '| item | level | asks for | answer | how, and where it is tested |',
      '|---|---|---|---|---|',
      ...items.map(({ id, level, about, answer, how, tests, docs }) => {
        const proof = [
          ...tests.map((test) => {
            const [file = '', ...title] = test.split(': ');
            return `${title.join(': ')} (\`${file}\`)`;
          }),
          ...docs.map((file) => `\`${file}\``),
        ];
        const what = [how, ...(proof.length > 0 ? [proof.join('; ')] : [])].join('. ');
        return `| ${id} | ${level} | ${cell(about)} | ${ANSWERS[answer]} | ${cell(what)} |`;
      }),
    ]),
  ].join('\n');
}
