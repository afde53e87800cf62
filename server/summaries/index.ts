/** Summaries of what was measured, per minute, hour and local day: keeping them, and reading figures from them. */

export { createSummaryKeeper } from './keeper.ts';
export { bucketFigures } from './sql/figures.ts';
