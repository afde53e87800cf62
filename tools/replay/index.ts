export { type Credential, type CredentialBook, fileCredentials } from './credentials.ts';
export { loadMapping, ReplayMapping } from './mapping.ts';
export { createPublisher, type Publisher } from './publisher.ts';
export { type ApiCall, type FileReport, formatReports, type ReplayOptions, replay } from './replay.ts';
