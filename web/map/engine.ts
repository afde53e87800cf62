/** The map itself, without React: view, layers, pointer, and what the tools can ask of it. */

import { defaults as defaultControls } from 'ol/control/defaults';
import { defaults as defaultInteractions } from 'ol/interaction/defaults';
import KeyboardPan from 'ol/interaction/KeyboardPan';
import KeyboardZoom from 'ol/interaction/KeyboardZoom';
import OlMap from 'ol/Map';
import View from 'ol/View';
import type { LonLat } from '../../core/reading.ts';
import { isLayerOn, serverNow, useAlerts, useCameras, useConnection, useUi } from '../state/index.ts';
import type { MapContext, MapLayer, Picked } from './contract.ts';
import { createCrowd } from './crowd.ts';
import { createCrowding } from './crowding.ts';
import { endAll, onChange } from './follow.ts';
import { costOfNextFrame } from './frame-cost.ts';
import { createGeography, type Geography } from './geography/loader.ts';
import { createMovers } from './movers.ts';
import { followPointer } from './pointer.ts';
import { fromDegrees, toDegrees } from './project.ts';
import { LAYERS } from './registry.ts';
import { Sprites } from './sprites.ts';
import { FONT } from './styles/glyphs.ts';
import { PALETTES } from './styles/palette.ts';
import { startTravel, type Travel } from './travel.ts';
import { MAX_ZOOM, MIN_ZOOM, type ViewState } from './view-state.ts';

export interface EngineOptions {
  target: HTMLElement;
  /** Behind the target, of the same size. */
  groundTarget: HTMLElement;
  geography: Geography;
  /** Where to look at first. */
  start: ViewState;
  onHover(hovered: Picked | null, pixel: readonly [number, number] | null): void;
  onPointer(position: LonLat | null): void;
}

export interface Engine {
  map: OlMap;
  ground: OlMap;
  travel: Travel;
  dispose(): void;
}

const still = () => window.matchMedia('(prefers-reduced-motion: reduce)').matches;

export function createEngine({
  target,
  groundTarget,
  geography,
  start,
  onHover,
  onPointer,
}: EngineOptions): Engine {
  const view = new View({
    center: fromDegrees([start.lon, start.lat]),
    zoom: start.zoom,
    minZoom: MIN_ZOOM,
    maxZoom: MAX_ZOOM,
    enableRotation: false,
    constrainResolution: false,
    multiWorld: false,
    smoothExtentConstraint: true,
  });
  // Two pictures, one view: a car that moves must not cost drawing every road again.
  const ground = new OlMap({ target: groundTarget, view, controls: [], interactions: [] });
  const map = new OlMap({
    target,
    view,
    controls: defaultControls({ attribution: false, rotate: false, zoom: false }),
    interactions: defaultInteractions({
      altShiftDragRotate: false,
      pinchRotate: false,
      keyboard: false,
      zoomDuration: still() ? 0 : 200,
    }),
    // A click must act at once; the pause that a possible double click needs is only for empty ground.
    moveTolerance: 3,
  });
  const focused = () => document.activeElement === target;
  map.addInteraction(new KeyboardPan({ condition: focused, pixelDelta: 96, duration: still() ? 0 : 120 }));
  map.addInteraction(new KeyboardZoom({ condition: focused, duration: still() ? 0 : 150 }));

  const sprites = new Sprites();
  const crowd = createCrowd(map);
  const movers = createMovers({
    nowMs: () => performance.now(),
    resolution: () => view.getResolution() ?? 1,
    costOfNextFrame,
    still,
  });
  const crowding = createCrowding(map, () => made.map(({ handle }) => handle));
  const context: MapContext = {
    map,
    ground,
    geography,
    sprites,
    crowd,
    movers,
    crowding,
    palette: () => PALETTES[useUi.getState().theme],
    language: () => useUi.getState().language,
    now: serverNow,
    still,
    locate: (selected) => {
      for (const { handle } of made) {
        const spot = handle.locate?.(selected);
        if (spot) return spot;
      }
      return undefined;
    },
  };
  const made: { layer: MapLayer; handle: ReturnType<MapLayer['create']> }[] = [];
  for (const layer of LAYERS) {
    const handle = layer.create(context);
    made.push({ layer, handle });
    const floor = layer.floor === 'ground' ? ground : map;
    for (const olLayer of handle.layers) floor.addLayer(olLayer);
  }

  const paintGround = () => {
    groundTarget.style.backgroundColor = context.palette().water;
  };
  const showHide = () => {
    const ui = useUi.getState();
    for (const { layer, handle } of made) {
      if (!layer.menu) continue;
      const on = isLayerOn(ui, { id: layer.id, defaultOn: layer.menu.defaultOn });
      if (handle.setVisible) handle.setVisible(on);
      else for (const olLayer of handle.layers) olLayer.setVisible(on);
    }
  };
  const restyle = () => {
    sprites.clear();
    paintGround();
    for (const { handle } of made) handle.restyle?.();
  };
  paintGround();
  showHide();

  const ends = [
    crowd.subscribe(crowding.touch),
    movers.onMove(crowding.touch),
    onChange(useAlerts, (state) => state.byId, crowding.touch),
    onChange(useCameras, (state) => state.byId, crowding.touch),
    onChange(useUi, (ui) => ui.layers, showHide),
    onChange(useUi, (ui) => `${ui.theme} ${ui.language}`, restyle),
    followPointer({
      map,
      target,
      isOn: (layer) =>
        !layer.menu || isLayerOn(useUi.getState(), { id: layer.id, defaultOn: layer.menu.defaultOn }),
      made,
      onHover,
      onPointer: (at) => onPointer(at && toDegrees(at)),
    }),
  ];
  // Letters drawn before the font has come are drawn again.
  void Promise.all(
    ['400', '500', '600', '700', 'italic 400', 'italic 500'].map((hand) =>
      document.fonts.load(`${hand} 12px ${FONT}`, 'Ắ'),
    ),
  ).then(restyle);
  const density = window.matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`);
  density.addEventListener('change', restyle);

  const travel = startTravel({ map, context, still });

  return {
    map,
    ground,
    travel,
    dispose() {
      density.removeEventListener('change', restyle);
      travel.dispose();
      endAll(ends);
      for (const { handle } of made) handle.dispose?.();
      crowding.dispose();
      crowd.dispose();
      movers.dispose();
      for (const floor of [map, ground]) {
        floor.setTarget(undefined);
        floor.dispose();
      }
    },
  };
}

/** Geography as the product serves it. */
export function productGeography(failed: (what: string, error: unknown) => void): Geography {
  return createGeography({
    async file(path) {
      const response = await fetch(path, { credentials: 'same-origin' });
      if (!response.ok) throw new Error(`${path}: HTTP ${response.status}`);
      return response.json();
    },
    // Before the centre has answered it is worth a try.
    hasProvince: () => useConnection.getState().centre?.province.hasMapLayers ?? true,
    failed,
  });
}
