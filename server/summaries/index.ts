/** Summaries of what was measured, per minute, hour and local day: keeping them, and reading figures from them. */
export { bucketFigures, type Figures } from './figures.ts';
export { createSummaryKeeper, type SummaryKeeper } from './keeper.ts';
