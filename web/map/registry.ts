/** The layers there are: every file in `layers/`, found by listing the folder. */
import type { MapLayer } from './contract.ts';

const files = import.meta.glob<MapLayer>(['./layers/*.ts', '!./layers/*.test.ts'], {
  eager: true,
  import: 'default',
});

export const LAYERS: readonly MapLayer[] = Object.values(files);
