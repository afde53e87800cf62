import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configLeaves } from '../../server/boot/config.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

interface Service {
  image?: string;
  build?: { dockerfile: string };
  environment: Record<string, string>;
  volumes: string[];
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
}
const compose = parse(read('docker-compose.yml')) as {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
};

describe('docker-compose.yml', () => {
  it('runs TimescaleDB with PostGIS and the product, both with a health check and a volume', () => {
    expect(Object.keys(compose.services)).toEqual(['database', 'haidang']);
    expect(compose.services.database?.image).toMatch(/^timescale\/timescaledb-ha:pg\d+/);
    for (const service of Object.values(compose.services)) {
      expect(service.healthcheck?.test.length).toBeGreaterThan(1);
      for (const volume of service.volumes)
        expect(Object.keys(compose.volumes)).toContain(volume.split(':')[0]);
    }
    expect(compose.services.haidang?.depends_on?.database?.condition).toBe('service_healthy');
  });

  it('has no default for any secret', () => {
    for (const service of Object.values(compose.services)) {
      for (const [key, value] of Object.entries(service.environment)) {
        if (/PASSWORD|TOKEN|SECRET|URL/.test(key)) expect(value, key).toMatch(/\$\{[A-Z_]+:\?/);
      }
    }
  });

  it('sets only settings that exist', () => {
    const known = new Set(configLeaves().map((leaf) => leaf.env));
    const used = Object.keys(compose.services.haidang?.environment ?? {}).filter((key) =>
      key.startsWith('HAIDANG_'),
    );
    expect(used.filter((key) => !known.has(key))).toEqual([]);
  });

  it('builds from a Dockerfile whose entry point exists', () => {
    const dockerfile = read(compose.services.haidang?.build?.dockerfile ?? '');
    expect(dockerfile).toContain('ENTRYPOINT ["/app/node_modules/node/bin/node", "/app/server/main.ts"]');
    expect(dockerfile).toMatch(/^USER node$/m);
  });
});
