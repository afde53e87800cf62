import { slug } from '../../core/text.ts';

/** Ids to try for a name, the plain one first: `tram-a`, `tram-a-2`, `tram-a-3` … */
export function* idsFor(name: string, fallback: string): Generator<string> {
  const base = slug(name) || fallback;
  yield base;
  for (let n = 2; ; n++) {
    const suffix = `-${n}`;
    yield `${base.slice(0, 64 - suffix.length)}${suffix}`;
  }
}
