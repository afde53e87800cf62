/**
 * The map alone, with a made-up crowd: for the eye, the browser test and the measurement. Parameters:
 * `?devices=60&units=12&theme=dark&language=vi&tick=1000&select=1`; the view is in the hash as everywhere.
 */
import '../../strict-policy.ts';
import { createRoot } from 'react-dom/client';
import '../../theme/styles.ts';
import { noteArrival } from '../../state/arrivals.ts';
import { select, useSelection, useUi } from '../../state/index.ts';
import { MapView } from '../index.tsx';
import {
  readingsFromLive,
  useAlerts,
  useCameras,
  useConnection,
  useDevices,
  useLatest,
  useUnits,
} from './stores.ts';
import { type Line, makeCrowd } from './synthetic.ts';

const parameters = new URLSearchParams(location.search);
const numberOf = (name: string, usual: number) => Number(parameters.get(name) ?? usual);
const theme = parameters.get('theme') === 'light' ? 'light' : 'dark';
document.documentElement.dataset.mantineColorScheme = theme;
useUi.setState({ theme, language: parameters.get('language') === 'en' ? 'en' : 'vi' });
useConnection.setState({
  centre: {
    code: 'demo',
    nameVi: 'Trung tâm Giám sát, điều hành thông minh',
    nameEn: 'Intelligent Operations Centre',
    shortVi: 'IOC',
    province: {
      nameVi: 'Tỉnh Mẫu',
      nameEn: 'Sample Province',
      mapCenter: [105.5, 9.22],
      mapZoom: 10,
      timezone: 'Asia/Ho_Chi_Minh',
      hasMapLayers: true,
    },
    supervisingAgency: { id: 'x', nameVi: '', nameEn: '' },
    domains: [],
    demo: true,
    version: '0',
  },
});

interface Roads {
  features: { properties: { class: string }; geometry: { coordinates: [number, number][] } }[];
}
const roads = (await (await fetch('/basemap/province/roads.geojson')).json()) as Roads;
const lines: Line[] = roads.features
  .filter(({ properties }) => properties.class !== 'local')
  .map(({ geometry }) => geometry.coordinates);
const crowd = makeCrowd({
  roads: lines,
  devices: numberOf('devices', 60),
  units: numberOf('units', 12),
  seed: numberOf('seed', 7),
  nowMs: Date.now(),
});
useDevices.replaceAll(crowd.devices);
useLatest.replaceAll(readingsFromLive(crowd.latest));
useCameras.replaceAll(crowd.cameras);
useUnits.replaceAll(crowd.units);
useAlerts.replaceAll(crowd.alerts);
const selected = numberOf('select', 0);
if (selected) select({ kind: 'alert', id: selected });

const perTick = Math.max(1, Math.floor(crowd.devices.length / 10));
const ticks: number[] = [];
const tick = () => {
  const nowMs = Date.now();
  crowd.drive(nowMs);
  const readings = readingsFromLive(crowd.measure(perTick, nowMs));
  const startMs = performance.now();
  useUnits.put(crowd.units);
  useLatest.put(readings);
  ticks.push(performance.now() - startMs);
};
const tickMs = numberOf('tick', 1000);
if (tickMs > 0) setInterval(tick, tickMs);

const harness = {
  ticks,
  tick,
  crowd,
  select,
  stores: { useAlerts, useDevices, useSelection, useUi, useUnits },
  raise(id: number) {
    const first = crowd.alerts[0];
    if (!first) return;
    useAlerts.put([{ ...first, id, seq: 1000 + id, severity: 'critical', state: 'unacknowledged' }]);
    noteArrival({ id, severity: 'critical' }, Date.now());
  },
};

declare global {
  interface Window {
    harness: typeof harness;
  }
}
window.harness = harness;

const root = document.getElementById('root');
const ready = (engine: unknown) => Object.assign(window.harness, { engine });
if (root) createRoot(root).render(<MapView onReady={ready} />);
