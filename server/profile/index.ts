export { loadProfile } from './load.ts';
export { mountMapFiles } from './map-files.ts';
export { centreRoutes } from './routes.ts';
