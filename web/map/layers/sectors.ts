import type { Coordinate } from 'ol/coordinate';
import type Feature from 'ol/Feature';
import type { FeatureLike } from 'ol/Feature';
import type Point from 'ol/geom/Point';
import Polygon from 'ol/geom/Polygon';
import VectorLayer from 'ol/layer/Vector';
import VectorSource from 'ol/source/Vector';
import Style from 'ol/style/Style';
import type { Camera } from '../../../core/api/cameras.ts';
import { viewPolygon } from '../../../gis/fov.ts';
import { isDomainShown, isSame, useCameras, useSelection, useUi } from '../../state/index.ts';
import { type MapLayer, Z } from '../contract.ts';
import { keepOnly, putPoint } from '../features.ts';
import { endAll, onChange } from '../follow.ts';
import { fromDegrees, stretchAt } from '../project.ts';
import { wedgeRangeM } from '../styles/cameras.ts';
import { alpha } from '../styles/palette.ts';

const FROM_ZOOM = 10.5;

/** What cameras look at: soft wedges by heading, angle and range; those without a picture see nothing. */
const sectors: MapLayer = {
  id: 'sectors',
  menu: {
    vi: 'Vùng nhìn camera',
    en: 'View sectors',
    about: { vi: 'Hướng, góc và tầm nhìn của camera', en: 'Heading, angle and range of cameras' },
    group: 'data',
    defaultOn: true,
    order: 25,
  },
  create({ palette }) {
    const source = new VectorSource<Feature<Point>>({ wrapX: false });
    // A gradient belongs to no canvas in particular; the layer's own context is a recorder that makes none.
    const pen = document.createElement('canvas').getContext('2d');
    const layer = new VectorLayer({
      source,
      zIndex: Z.sectors,
      minZoom: FROM_ZOOM,
      renderBuffer: 400,
      style: (feature, resolution) => [styleOf(feature, resolution)],
    });

    function styleOf(feature: FeatureLike, resolution: number): Style {
      const camera = feature.get('camera') as Camera;
      const colours = palette();
      const { selected, hovered } = useSelection.getState();
      const own = { kind: 'camera', id: camera.id } as const;
      const lit = isSame(own, selected) || isSame(own, hovered);
      const colour = lit ? colours.lamp : colours.info;
      const stretch = stretchAt(camera.position);
      const rangeM = wedgeRangeM(camera.rangeM, resolution / stretch);
      const rings = viewPolygon({ ...camera, rangeM }).map((ring) => ring.map((point) => fromDegrees(point)));
      return new Style({
        geometry: new Polygon(rings),
        renderer(coordinates, state) {
          const [outline] = coordinates as Coordinate[][];
          if (!outline || !pen) return;
          // A sector's ring begins at the camera; a full circle's middle is the mean of its points.
          const [x, y] = allRound(camera) ? middleOf(outline) : (outline[0] as [number, number]);
          const reach = ((rangeM * stretch) / resolution) * state.pixelRatio;
          const gradient = pen.createRadialGradient(x, y, 0, x, y, reach);
          gradient.addColorStop(0, alpha(colour, lit ? 0.42 : 0.3));
          gradient.addColorStop(0.65, alpha(colour, lit ? 0.24 : 0.15));
          gradient.addColorStop(1, alpha(colour, lit ? 0.1 : 0.05));
          const { context } = state;
          context.fillStyle = gradient;
          context.beginPath();
          outline.forEach(([px = 0, py = 0], i) => {
            if (i === 0) context.moveTo(px, py);
            else context.lineTo(px, py);
          });
          context.fill();
          if (lit) {
            context.strokeStyle = alpha(colour, 0.5);
            context.lineWidth = state.pixelRatio;
            context.stroke();
          }
        },
      });
    }

    const draw = () => {
      const ui = useUi.getState();
      const seen = new Set<string>();
      for (const camera of useCameras.getState().byId.values()) {
        const sees = camera.enabled && (camera.state === 'online' || camera.state === 'degraded');
        if (!sees || !isDomainShown(ui, camera.domain)) continue;
        seen.add(camera.id);
        putPoint(source, camera.id, fromDegrees(camera.position), { camera });
      }
      keepOnly(source, seen);
    };
    const cameraOf = (kind: 'selected' | 'hovered') => {
      const thing = useSelection.getState()[kind];
      return thing?.kind === 'camera' ? thing.id : null;
    };
    const ends = [
      onChange(useCameras, (state) => state.byId, draw),
      onChange(useUi, (ui) => ui.hiddenDomains, draw),
      onChange(
        useSelection,
        () => `${cameraOf('selected')} ${cameraOf('hovered')}`,
        () => layer.changed(),
      ),
    ];
    draw();
    return {
      layers: [layer],
      restyle: () => layer.changed(),
      dispose: () => endAll(ends),
    };
  },
};
export default sectors;

function allRound({ headingDeg, fovDeg }: Camera): boolean {
  return headingDeg === null || fovDeg === null || fovDeg >= 360;
}

function middleOf(ring: readonly Coordinate[]): [number, number] {
  const points = ring.slice(1);
  const sum = points.reduce<[number, number]>(([x, y], [px = 0, py = 0]) => [x + px, y + py], [0, 0]);
  return [sum[0] / points.length, sum[1] / points.length];
}
