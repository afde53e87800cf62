/** The face of the map: the view itself, and its layers for the console's menu. */
import type { Bilingual } from '../../core/text.ts';
import { LAYERS } from './registry.ts';

export { MapView } from './map-view.tsx';

export interface MapLayerInfo extends Bilingual {
  id: string;
  /** What one sees when it is on. */
  about: Bilingual;
  group: 'data' | 'base';
  defaultOn: boolean;
}

export const MAP_LAYERS: readonly MapLayerInfo[] = LAYERS.flatMap(({ id, menu }) =>
  menu ? [{ id, ...menu }] : [],
)
  .sort((a, b) => a.order - b.order)
  .map(({ id, vi, en, about, group, defaultOn }) => ({ id, vi, en, about, group, defaultOn }));
