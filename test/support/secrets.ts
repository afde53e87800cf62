import type { SecretStore } from '../../core/ports.ts';

/** Secrets in memory, to be looked at. */
export function memorySecrets(): SecretStore & { values: Map<string, string> } {
  const values = new Map<string, string>();
  return {
    values,
    get: async (name) => values.get(name),
    set: async (name, value) => void values.set(name, value),
    async update(name, change) {
      const next = change(values.get(name));
      values.set(name, next);
      return next;
    },
    delete: async (name) => void values.delete(name),
  };
}
