import { z } from 'zod';

const days = (meaning: string) =>
  z
    .preprocess(
      (value) => (value === 'forever' ? null : value),
      z.coerce.number().int().min(30).max(36_500).nullable().default(null),
    )
    .describe(`${meaning}: days that they are kept, at least 30; unset or \`forever\` = for ever`);

/** How long each kind of data is kept. Nothing is deleted unless somebody says so. */
export const RetentionSettings = z.strictObject({
  valuesDays: days('single values'),
  positionsDays: days('positions of movers'),
  minutesDays: days('summaries per minute'),
  hoursDays: days('summaries per hour'),
  daysDays: days('summaries per day'),
});
export type RetentionSettings = z.output<typeof RetentionSettings>;
