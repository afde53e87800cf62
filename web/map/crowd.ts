/**
 * Follows devices, alarms, filters and the view, and tells the layers which devices stand alone, which have melted
 * into clusters. Rebuilt only when something that matters for it has changed, at most five times a second.
 */
import type OlMap from 'ol/Map';
import type { Severity } from '../../core/api/common.ts';
import {
  isDomainShown,
  isSame,
  useAlerts,
  useDevices,
  useLatest,
  useSelection,
  useUi,
  useUnits,
} from '../state/index.ts';
import { buildCrowd, type Cluster, type CrowdIndex, type CrowdPoint, type CrowdView } from './crowd-index.ts';
import { endAll, onChange } from './follow.ts';
import { toBbox } from './project.ts';
import { standsAlone, worse } from './styles/alerts.ts';
import { padBbox } from './view-state.ts';

export interface Crowd {
  clusters(): readonly Cluster[];
  singles(): ReadonlySet<string>;
  /** In a cluster at the present zoom, therefore not drawn by itself. */
  isMelted(deviceId: string): boolean;
  /** Severity of the worst open alarm on a device. */
  severityOf(deviceId: string): Severity | null;
  subscribe(listener: () => void): () => void;
  dispose(): void;
}

const REBUILD_EVERY_MS = 200;
/** Beyond the screen, in screens: panning does not run into emptiness. */
const PAD = 0.75;

export function createCrowd(map: OlMap): Crowd {
  const listeners = new Set<() => void>();
  let points = new Map<string, CrowdPoint>();
  let index: CrowdIndex = buildCrowd([]);
  let view: CrowdView = { clusters: [], singles: new Set() };
  let timer: ReturnType<typeof setTimeout> | undefined;

  const look = () => {
    const size = map.getSize();
    const zoom = map.getView().getZoom();
    if (!size || zoom === undefined) return;
    const extent = map.getView().calculateExtent(size);
    const bbox = padBbox(toBbox(extent), PAD);
    view = index.view(bbox, zoom);
    for (const listener of listeners) listener();
  };
  const rebuild = () => {
    timer = undefined;
    const next = collect();
    if (sameCrowd(points, next)) return;
    points = next;
    index = buildCrowd([...next.values()]);
    look();
  };
  const later = () => {
    timer ??= setTimeout(rebuild, REBUILD_EVERY_MS);
  };

  const ends = [
    useDevices.subscribe(later),
    useAlerts.subscribe(later),
    onChange(useUnits, (state) => state.byId.size, later),
    onChange(useUi, (ui) => ui.hiddenDomains, later),
    onChange(useSelection, (state) => state.selected, later),
    // Movers among the devices report their place with their values.
    onChange(useLatest, (state) => state.byId, later),
  ];
  map.on('moveend', look);
  rebuild();

  return {
    clusters: () => view.clusters,
    singles: () => view.singles,
    isMelted: (id) => points.has(id) && !view.singles.has(id),
    severityOf: (id) => points.get(id)?.severity ?? null,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    dispose() {
      endAll(ends);
      map.un('moveend', look);
      clearTimeout(timer);
    },
  };
}

function collect(): Map<string, CrowdPoint> {
  const ui = useUi.getState();
  const { selected } = useSelection.getState();
  const latest = useLatest.getState().byId;
  const alarms = new Map<string, { severity: Severity | null; alone: boolean }>();
  for (const alert of useAlerts.getState().byId.values()) {
    if (alert.subject.type !== 'device' || !isDomainShown(ui, alert.domain)) continue;
    const known = alarms.get(alert.subject.id);
    const chosen = isSame(selected, { kind: 'alert', id: alert.id });
    alarms.set(alert.subject.id, {
      severity: worse(known?.severity ?? null, alert.severity),
      alone: (known?.alone ?? false) || standsAlone(alert) || chosen,
    });
  }
  // A unit's tracker is the unit, which has a sign of its own.
  const trackers = new Set<string | null>();
  for (const unit of useUnits.getState().byId.values()) trackers.add(unit.trackerDeviceId);
  const next = new Map<string, CrowdPoint>();
  for (const device of useDevices.getState().byId.values()) {
    const position = latest.get(device.id)?.position ?? device.position;
    if (!position || trackers.has(device.id) || !isDomainShown(ui, device.domain)) continue;
    const alarm = alarms.get(device.id);
    next.set(device.id, {
      id: device.id,
      lon: position[0],
      lat: position[1],
      severity: alarm?.severity ?? null,
      alone: (alarm?.alone ?? false) || (selected?.kind === 'device' && selected.id === device.id),
    });
  }
  return next;
}

function sameCrowd(a: ReadonlyMap<string, CrowdPoint>, b: ReadonlyMap<string, CrowdPoint>): boolean {
  if (a.size !== b.size) return false;
  for (const [id, point] of b) {
    const known = a.get(id);
    if (
      !known ||
      known.lon !== point.lon ||
      known.lat !== point.lat ||
      known.severity !== point.severity ||
      known.alone !== point.alone
    )
      return false;
  }
  return true;
}
