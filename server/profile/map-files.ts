import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Express } from 'express';

interface MapFilesDeps {
  /** `config/basemap` */
  basemapDir: string;
  /** `config/provinces` */
  provincesDir: string;
  /** Of the profile; absent = this province has no layers of its own. */
  mapFolder: string | undefined;
}

const TYPES: Record<string, string> = { geojson: 'application/geo+json', topojson: 'application/json' };

/**
 * Serves the base map without sign-in: `/basemap/<file>` and `/basemap/province/<file>`. Only the map files that were
 * there at the start are known, so no path from outside ever reaches the file system.
 */
export function mountMapFiles(app: Express, deps: MapFilesDeps): void {
  const files = new Map<string, string>();
  const offer = (prefix: string, dir: string) => {
    for (const name of readdirSync(dir))
      if (suffix(name) in TYPES) files.set(`${prefix}${name}`, join(dir, name));
  };
  offer('/basemap/', deps.basemapDir);
  if (deps.mapFolder) offer('/basemap/province/', join(deps.provincesDir, deps.mapFolder));

  app.get(/^\/basemap\//, (req, res, next) => {
    const file = files.get(req.path);
    if (!file) return void res.status(404).end();
    res.type(TYPES[suffix(file)] ?? 'application/json');
    // Small enough to ask again each time; the entity tag makes the answer 304 until the product is updated.
    res.sendFile(
      basename(file),
      { root: join(file, '..'), cacheControl: false, headers: { 'Cache-Control': 'no-cache' } },
      (error) => {
        if (error) next(error);
      },
    );
  });
}

const suffix = (name: string): string => name.slice(name.lastIndexOf('.') + 1);
