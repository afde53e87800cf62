export { createSecretStore, type SecretStoreOptions } from './service.ts';
