import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

interface Locked {
  version?: string;
  resolved?: string;
  integrity?: string;
  link?: boolean;
  hasInstallScript?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
}

const REGISTRY = 'https://registry.npmjs.org/';
const read = (file: string) =>
  JSON.parse(readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), 'utf8'));
const declared = read('package.json') as Record<
  'dependencies' | 'devDependencies' | 'optionalDependencies',
  Record<string, string>
>;
const { packages } = read('package-lock.json') as { packages: Record<string, Locked> };
const locked = Object.entries(packages).filter(([path]) => path !== '');

/** Packages that run something when they are installed, and why they may. */
const MAY_RUN: Record<string, string> = {
  node: 'puts the runtime into place',
  'ffmpeg-static': 'optional; fetches FFmpeg when there is a way out',
  '@scarf/scarf': 'counts installations of the API page; switched off in package.json',
  fsevents: 'optional; for developers on macOS',
};

describe('what the product is made of', () => {
  it('is named with exact versions', () => {
    const loose = Object.entries({
      ...declared.dependencies,
      ...declared.devDependencies,
      ...declared.optionalDependencies,
    }).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version));
    expect(loose).toEqual([]);
  });

  it('takes every package from the one registry, with its hash', () => {
    // The lock file leaves the registry out where it is the usual one.
    const strange = locked.filter(
      ([, { resolved = REGISTRY, integrity = '', link, optional, os, cpu }]) =>
        link ||
        !resolved.startsWith(REGISTRY) ||
        // npm does not fetch, and so not hash, the builds for other machines.
        (!integrity.startsWith('sha512-') && !(optional && (os ?? cpu))),
    );
    expect(strange.map(([path]) => path)).toEqual([]);
  });

  it('runs nothing at its installation but what is named here', () => {
    const running = locked
      .filter(([, { hasInstallScript }]) => hasInstallScript)
      .map(([path]) => path.split('node_modules/').at(-1) ?? path);
    expect(running.filter((name) => !Object.hasOwn(MAY_RUN, name))).toEqual([]);
  });
});
