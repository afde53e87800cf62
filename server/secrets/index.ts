export { createSecretStore } from './service.ts';
