/** Summaries of what was measured, per minute, hour and local day: keeping them, and reading figures from them. */

export { createSummaryKeeper, type SummaryKeeper } from './keeper.ts';
export { bucketFigures, type Figures } from './sql/figures.ts';
