/** Where the map looks: flights to what is selected or asked for, the address, what the server is told. */
import type OlMap from 'ol/Map';
import { transformExtent } from 'ol/proj';
import type { Bbox } from '../../core/reading.ts';
import {
  useAlerts,
  useAreas,
  useCameras,
  useConnection,
  useDevices,
  useSelection,
  useUi,
  useUnits,
} from '../state/index.ts';
import type { MapContext } from './contract.ts';
import { endAll, onChange } from './follow.ts';
import { fromDegrees, toBbox, toDegrees } from './project.ts';
import {
  formatView,
  hashWithView,
  isComfortablyInside,
  mustReport,
  padBbox,
  parseView,
  REPORT_PAD,
  type ViewState,
  viewOfHash,
} from './view-state.ts';

const FLIGHT_MS = 550;
/** Seen from further away than this, a thing that one goes to is only a dot. */
const CLOSE_ZOOM = 13;
const REPORT_AFTER_MS = 300;
const MEMORY = 'haidang.map.view';
/** Panels and tools stand at the walls: what is flown to lands clear of them. */
const PADDING_PX = [70, 70, 110, 40];

export interface Travel {
  wholeProvince(): void;
  toSelection(): void;
  zoomBy(steps: number): void;
  dispose(): void;
}

/** The view to begin with: the address, else the last visit, else the province, else the country. */
export function firstView(): ViewState {
  const remembered = viewOfHash(location.hash) ?? remember();
  if (remembered) return remembered;
  const centre = useConnection.getState().centre;
  if (!centre) return { zoom: 6, lat: 16, lon: 108.5 };
  const [lon, lat] = centre.province.mapCenter;
  return { zoom: centre.province.mapZoom, lat, lon };
}

function remember(): ViewState | null {
  try {
    return parseView(sessionStorage.getItem(MEMORY) ?? localStorage.getItem(MEMORY) ?? '');
  } catch {
    return null;
  }
}

export function startTravel({
  map,
  context,
  still,
}: {
  map: OlMap;
  context: MapContext;
  still: () => boolean;
}): Travel {
  const view = map.getView();
  const duration = () => (still() ? 0 : FLIGHT_MS);
  let reported: Bbox | null = null;
  let reportTimer: ReturnType<typeof setTimeout> | undefined;

  const seen = (): Bbox => toBbox(view.calculateExtent(map.getSize()));
  const go = (at: number[], zoom?: number) => {
    view.cancelAnimations();
    view.animate({ center: at, ...(zoom === undefined ? {} : { zoom }), duration: duration() });
  };
  const frame = (bbox: Readonly<Bbox>, maxZoom?: number) => {
    view.cancelAnimations();
    view.fit(transformExtent([...bbox], 'EPSG:4326', 'EPSG:3857'), {
      padding: PADDING_PX,
      duration: duration(),
      ...(maxZoom === undefined ? {} : { maxZoom }),
    });
  };
  /** Flies only when the place is off screen: a map that moves by itself loses the eye. */
  const reveal = (at: number[]) => {
    if (!isComfortablyInside(seen(), toDegrees(at))) go(at);
  };

  /** An address may name something that has not been loaded yet: it is shown when it comes. */
  let awaited = false;
  const showSelected = () => {
    const { selected } = useSelection.getState();
    const spot = selected && context.locate(selected);
    awaited = selected !== null && !spot;
    if (spot) reveal(spot.at);
  };
  const onSelected = () => {
    showSelected();
    // The router writes the selection into the address, and may have dropped what is ours.
    queueMicrotask(address);
  };
  let served = useSelection.getState().focus?.serial ?? 0;
  const onFocus = () => {
    const { focus } = useSelection.getState();
    if (!focus || focus.serial <= served) return;
    served = focus.serial;
    if (focus.bbox) frame(focus.bbox, focus.mode === 'reveal' ? Math.max(view.getZoom() ?? 0, 10) : 15);
    else if (focus.position) {
      const at = fromDegrees(focus.position);
      if (focus.mode === 'go') go(at, Math.max(view.getZoom() ?? 0, CLOSE_ZOOM));
      else reveal(at);
    }
  };

  /** A map that is not on the screen looks at nothing, and has nothing to say about it. */
  const isShown = () => (map.getSize() ?? [0, 0]).every((side) => side > 0);
  const report = () => {
    if (!isShown()) return;
    const bbox = seen();
    if (!mustReport(reported, bbox)) return;
    reported = padBbox(bbox, REPORT_PAD);
    useUi.setState({ viewport: { bbox: reported, zoom: view.getZoom() ?? 0 } });
  };
  const rest = () => {
    clearTimeout(reportTimer);
    reportTimer = setTimeout(report, REPORT_AFTER_MS);
    address();
  };
  const address = () => {
    const center = view.getCenter();
    const zoom = view.getZoom();
    if (!center || zoom === undefined || !isShown()) return;
    const [lon, lat] = toDegrees(center);
    const text = formatView({ zoom, lat, lon });
    const hash = hashWithView(location.hash, { zoom, lat, lon });
    // Not a step of the browser's history: Back must leave the page, not replay every pan.
    if (hash !== location.hash) history.replaceState(history.state, '', hash);
    try {
      sessionStorage.setItem(MEMORY, text);
      localStorage.setItem(MEMORY, text);
    } catch {
      // No storage: the address still has it.
    }
  };
  const onHash = () => {
    const asked = viewOfHash(location.hash);
    const center = view.getCenter();
    if (!asked || !center) return;
    const [lon, lat] = toDegrees(center);
    if (formatView(asked) === formatView({ zoom: view.getZoom() ?? 0, lat, lon })) return;
    go(fromDegrees([asked.lon, asked.lat]), asked.zoom);
  };

  map.on('moveend', rest);
  window.addEventListener('hashchange', onHash);
  const ends = [
    onChange(useSelection, (state) => state.selected, onSelected),
    onChange(useSelection, (state) => state.focus, onFocus),
    ...[useAlerts, useDevices, useCameras, useUnits, useAreas].map((store) =>
      store.subscribe(() => {
        if (awaited) showSelected();
      }),
    ),
  ];
  if (useSelection.getState().selected && !viewOfHash(location.hash)) showSelected();
  // A page opened without a place learns the province's when the centre has answered.
  if (!viewOfHash(location.hash) && !remember() && !useConnection.getState().centre) {
    const end = onChange(
      useConnection,
      (state) => state.centre,
      () => {
        const { zoom, lat, lon } = firstView();
        go(fromDegrees([lon, lat]), zoom);
        end();
      },
    );
    ends.push(end);
  }

  return {
    wholeProvince() {
      void context.geography.province('areas').then((areas) => {
        const province = areas.find((area) => area.get('level') === 'province')?.getGeometry();
        const centre = useConnection.getState().centre;
        if (province) frame(toBbox(province.getExtent()));
        else if (centre) go(fromDegrees(centre.province.mapCenter), centre.province.mapZoom);
      });
    },
    toSelection() {
      const { selected } = useSelection.getState();
      const spot = selected && context.locate(selected);
      if (spot) go(spot.at, Math.max(view.getZoom() ?? 0, CLOSE_ZOOM));
    },
    zoomBy(steps) {
      view.cancelAnimations();
      view.animate({ zoom: (view.getZoom() ?? 0) + steps, duration: still() ? 0 : 180 });
    },
    dispose() {
      clearTimeout(reportTimer);
      map.un('moveend', rest);
      window.removeEventListener('hashchange', onHash);
      endAll(ends);
    },
  };
}
