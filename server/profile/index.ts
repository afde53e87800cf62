export { loadPersonalData, loadProfile, loadRoles, loadTerms } from './load.ts';
export { mountMapFiles } from './map-files.ts';
export { loadPlaces } from './places.ts';
export { centreRoutes } from './routes.ts';
