import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { configLeaves, defaultYaml, loadConfig } from './config.ts';

const dir = mkdtempSync(join(tmpdir(), 'haidang-config-'));
afterAll(() => rmSync(dir, { recursive: true }));
const env = (extra: Record<string, string> = {}) => ({ HAIDANG_DATA_DIR: dir, ...extra });

describe('the configuration', () => {
  it('takes defaults, then the file, then the environment, and says where each value came from', () => {
    writeFileSync(join(dir, 'haidang.yaml'), 'http:\n  port: 9000\n  host: 0.0.0.0\n');
    const { settings, sources } = loadConfig(env({ HAIDANG_HTTP__PORT: '9001' }));
    expect(settings.http).toMatchObject({ port: 9001, host: '0.0.0.0' });
    expect(settings.mqtt.port).toBe(1883);
    const from = (path: string) => sources.find((source) => source.path === path)?.from;
    expect(from('http.port')).toBe('HAIDANG_HTTP__PORT');
    expect(from('http.host')).toBe(join(dir, 'haidang.yaml'));
    expect(from('mqtt.port')).toBe('default');
    rmSync(join(dir, 'haidang.yaml'));
  });

  it('refuses an unknown key and names the nearest known one', () => {
    expect(() => loadConfig(env({ HAIDANG_HTPP__PORT: '1' }))).toThrow(
      /HAIDANG_HTPP__PORT, did you mean HAIDANG_HTTP__PORT/,
    );
    writeFileSync(join(dir, 'haidang.yaml'), 'http:\n  prot: 1\n');
    expect(() => loadConfig(env())).toThrow(/unknown setting "http.prot", did you mean http.port/);
    rmSync(join(dir, 'haidang.yaml'));
  });

  it('refuses a value that does not fit and names the place it came from', () => {
    expect(() => loadConfig(env({ HAIDANG_HTTP__PORT: 'eighty' }))).toThrow(
      /http.port \(HAIDANG_HTTP__PORT\)/,
    );
  });

  it('never prints a secret', () => {
    const { sources, settings } = loadConfig(env({ HAIDANG_DB__URL: 'postgresql://u:hunter2@db/x' }));
    expect(settings.db.url).toContain('hunter2');
    expect(JSON.stringify(sources)).not.toContain('hunter2');
  });

  it('understands lists and switches as the environment writes them', () => {
    const { settings } = loadConfig(env({ HAIDANG_ROLES: 'api, ingest', HAIDANG_DEMO: 'true' }));
    expect(settings.roles).toEqual(['api', 'ingest']);
    expect(settings.demo).toBe(true);
  });

  it('describes every setting, and the generated reference is up to date', () => {
    expect(configLeaves().filter((leaf) => leaf.meaning === '')).toEqual([]);
    const file = fileURLToPath(new URL('../../config/default.yaml', import.meta.url));
    expect(readFileSync(file, 'utf8')).toBe(defaultYaml());
  });
});
