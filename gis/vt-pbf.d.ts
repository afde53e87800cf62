/** The part of vt-pbf that we use; the package has no types of its own. */
declare module 'vt-pbf' {
  import type { LegacyTile } from 'geojson-vt';

  const vtPbf: {
    fromGeojsonVt(
      layers: Record<string, Pick<LegacyTile, 'features'>>,
      options?: { version?: 1 | 2; extent?: number },
    ): Uint8Array<ArrayBuffer>;
  };
  export default vtPbf;
}
