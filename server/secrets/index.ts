export { open as openSealed, seal } from './seal.ts';
export { createSecretStore } from './service.ts';
