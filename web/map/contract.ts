/**
 * What a map layer is. A layer is one file in `layers/`, found by listing that folder: it says what it shows, draws
 * it from the console's tables, and answers what lies under the pointer. It never writes to the tables.
 */
import type { Coordinate } from 'ol/coordinate';
import type BaseLayer from 'ol/layer/Base';
import type OlMap from 'ol/Map';
import type { Bilingual } from '../../core/text.ts';
import type { Language, Selected } from '../state/index.ts';
import type { Crowd } from './crowd.ts';
import type { Crowding } from './crowding.ts';
import type { Geography } from './geography/loader.ts';
import type { Movers } from './movers.ts';
import type { Sprites } from './sprites.ts';
import type { MapPalette } from './styles/palette.ts';

/**
 * Bottom to top, in one place. It is also the order in which room is given, from the top down: first to what asks
 * for a person, then to names, then to quiet value plates.
 */
export const Z = {
  land: 0,
  geography: 10,
  areas: 20,
  roads: 25,
  graticule: 30,
  sectors: 40,
  links: 45,
  values: 46,
  names: 48,
  alarmValues: 49,
  devices: 52,
  clusters: 54,
  cameras: 56,
  units: 70,
  alerts: 80,
  pulse: 82,
  selection: 84,
  islands: 86,
  tools: 90,
} as const;

/**
 * Layers that declutter share this group: units and alarms are obstacles that names and value plates keep clear of.
 */
export const LABELS = 'labels';

export interface MapContext {
  /** What lives; drawn anew whenever something in it moves. */
  readonly map: OlMap;
  /** The ground under it, with the same view: drawn only when the view or the colours change. */
  readonly ground: OlMap;
  readonly geography: Geography;
  palette(): MapPalette;
  language(): Language;
  /** Server time, epoch milliseconds: ages are told by it. */
  now(): number;
  /** True = nothing may move by itself (the system asks for reduced motion). */
  still(): boolean;
  readonly sprites: Sprites;
  readonly crowd: Crowd;
  readonly movers: Movers;
  readonly crowding: Crowding;
  /** Where the selected or hovered thing of any layer stands now. */
  locate(selected: Selected): Spot | undefined;
}

/** A place on the map, and how many pixels beside it the sign stands (x right, y down). */
export interface Spot {
  at: Coordinate;
  dx: number;
  dy: number;
}

export interface Picked {
  /** What becomes selected; null for things that only lead elsewhere (a cluster). */
  selected: Selected | null;
  spot: Spot;
  /** Smaller wins, then distance. */
  order: number;
  distancePx: number;
  title: string;
  lines: readonly string[];
  /** What a click does instead of selecting. */
  act?(): void;
}

export interface LayerHandle {
  layers: readonly BaseLayer[];
  /** Things within `tolerancePx` of a place on the map. */
  pick?(at: Coordinate, tolerancePx: number): Picked[];
  /** Where a selected thing stands now (movers move), in map coordinates; undefined = not mine or unknown. */
  locate?(selected: Selected): Spot | undefined;
  /** Signs that names and plates should keep clear of. */
  occupies?(): Iterable<Spot & { radiusPx: number }>;
  /** Absent = every layer of the handle is shown or hidden. */
  setVisible?(on: boolean): void;
  /** Palette, language, screen density or fonts changed: draw everything anew. */
  restyle?(): void;
  dispose?(): void;
}

export interface MapLayer {
  id: string;
  /** Its row in the console's layer menu; absent = always shown. */
  menu?: Bilingual & {
    /** What one sees when it is on. */
    about: Bilingual;
    group: 'data' | 'base';
    defaultOn: boolean;
    /** Place in the menu, top to bottom. */
    order: number;
  };
  /** Absent = `live`. Ground is under everything that lives, whatever its `Z`. */
  floor?: 'ground' | 'live';
  create(context: MapContext): LayerHandle;
}
