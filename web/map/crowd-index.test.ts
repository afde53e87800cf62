import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SEVERITIES } from '../../core/api/common.ts';
import type { Bbox } from '../../core/reading.ts';
import { buildCrowd, CLUSTERS_UNTIL_ZOOM, type CrowdPoint } from './crowd-index.ts';

const WORLD: Bbox = [-180, -85, 180, 85];
const points = fc.uniqueArray(
  fc.record({
    id: fc.integer({ min: 0, max: 500 }).map(String),
    lon: fc.double({ min: 105.2, max: 105.8, noNaN: true }),
    lat: fc.double({ min: 9, max: 9.4, noNaN: true }),
    severity: fc.option(fc.constantFrom(...SEVERITIES), { nil: null }),
    alone: fc.boolean(),
  }),
  { selector: (point) => point.id, maxLength: 120 },
);
const zooms = fc.double({ min: 4, max: 18, noNaN: true });

describe('the crowd', () => {
  it('counts everybody exactly once at every zoom', () => {
    fc.assert(
      fc.property(points, zooms, (crowd, zoom) => {
        const { clusters, singles } = buildCrowd(crowd).view(WORLD, zoom);
        expect(clusters.reduce((sum, { count }) => sum + count, 0) + singles.size).toBe(crowd.length);
      }),
    );
  });

  it('never melts what must stand alone', () => {
    fc.assert(
      fc.property(points, zooms, (crowd, zoom) => {
        const { singles } = buildCrowd(crowd).view(WORLD, zoom);
        for (const { id, alone } of crowd) if (alone) expect(singles.has(id)).toBe(true);
      }),
    );
  });

  it('says the worst severity of those it has melted, and how many are in alarm', () => {
    fc.assert(
      fc.property(points, (crowd) => {
        const { clusters, singles } = buildCrowd(crowd).view(WORLD, 4);
        const melted = crowd.filter(({ id }) => !singles.has(id));
        const alarmed = melted.filter(({ severity }) => severity !== null);
        expect(clusters.reduce((sum, cluster) => sum + cluster.alarmed, 0)).toBe(alarmed.length);
        const worst =
          SEVERITIES.find((severity) => alarmed.some((point) => point.severity === severity)) ?? null;
        const said =
          SEVERITIES.find((severity) => clusters.some((cluster) => cluster.worst === severity)) ?? null;
        expect(said).toBe(worst);
      }),
    );
  });

  it('melts nothing close up, and opens a cluster at the zoom it names', () => {
    const crowd: CrowdPoint[] = Array.from({ length: 6 }, (_, i) => ({
      id: String(i),
      lon: 105.5 + i * 0.004,
      lat: 9.2,
      severity: null,
      alone: false,
    }));
    const index = buildCrowd(crowd);
    expect(index.view(WORLD, CLUSTERS_UNTIL_ZOOM).clusters).toEqual([]);
    const [cluster] = index.view(WORLD, 8).clusters;
    expect(cluster?.count).toBe(6);
    const opened = index.view(WORLD, (cluster?.opensAtZoom ?? 0) + 0.2);
    expect(opened.clusters.length + opened.singles.size).toBeGreaterThan(1);
  });

  it('leaves three neighbours as three dots', () => {
    const crowd = [0, 1, 2].map((i) => ({
      id: String(i),
      lon: 105.5,
      lat: 9.2 + i * 1e-4,
      severity: null,
      alone: false,
    }));
    expect(buildCrowd(crowd).view(WORLD, 6).singles.size).toBe(3);
  });
});
