export { fileCredentials } from './credentials.ts';
export { loadMapping, ReplayMapping } from './mapping.ts';
export { type ApiCall, formatReports, replay } from './replay.ts';
