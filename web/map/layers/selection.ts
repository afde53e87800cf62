import type Feature from 'ol/Feature';
import type Point from 'ol/geom/Point';
import VectorLayer from 'ol/layer/Vector';
import VectorSource from 'ol/source/Vector';
import Style from 'ol/style/Style';
import { isSame, type Selected, useAlerts, useSelection } from '../../state/index.ts';
import { type MapLayer, Z } from '../contract.ts';
import { putPoint, removeFeature } from '../features.ts';
import { endAll, onChange } from '../follow.ts';
import { alpha } from '../styles/palette.ts';
import { ringLook } from '../styles/rings.ts';

/** The rings: the lamp's round what is selected, a thin one round what is under the pointer, here or in a list. */
const selection: MapLayer = {
  id: 'selection',
  create({ locate, movers, palette, sprites, crowd }) {
    const source = new VectorSource<Feature<Point>>({ wrapX: false });
    const layer = new VectorLayer({
      source,
      zIndex: Z.selection,
      renderBuffer: 60,
      updateWhileInteracting: true,
      updateWhileAnimating: true,
      style(feature) {
        const selected = feature.get('thing') as Selected;
        const role = feature.getId() as 'selected' | 'hovered';
        const alert = selected.kind === 'alert' ? useAlerts.getState().byId.get(selected.id) : undefined;
        const look = ringLook(selected.kind, role, alert?.severity ?? null);
        const colours = palette();
        const side = look.radiusPx * 2 + 8;
        return new Style({
          image: sprites.icon(
            `ring ${look.radiusPx} ${look.colour} ${look.inner} ${colours.name}`,
            { widthPx: side, heightPx: side },
            (pen) => {
              const ring = (radius: number, colour: string, width: number) => {
                pen.beginPath();
                pen.arc(0, 0, radius, 0, 2 * Math.PI);
                pen.lineWidth = width;
                pen.strokeStyle = colour;
                pen.stroke();
              };
              ring(look.radiusPx, alpha(colours.bg, 0.55), look.widthPx + 2.5);
              ring(look.radiusPx, colours[look.colour], look.widthPx);
              if (look.inner) ring(look.radiusPx - 7, alpha(colours[look.inner], 0.45), 2);
            },
            { dx: feature.get('dx') as number, dy: feature.get('dy') as number, declutterMode: 'none' },
          ),
        });
      },
    });

    const put = (role: 'selected' | 'hovered', thing: Selected | null) => {
      const spot = thing && thing.kind !== 'area' ? locate(thing) : undefined;
      if (spot) putPoint(source, role, spot.at, { thing, dx: spot.dx, dy: spot.dy });
      else removeFeature(source, role);
    };
    const draw = () => {
      const { selected, hovered } = useSelection.getState();
      put('selected', selected);
      put('hovered', hovered && !isSame(hovered, selected) ? hovered : null);
    };
    const ends = [
      useSelection.subscribe(draw),
      onChange(useAlerts, (state) => state.byId, draw),
      crowd.subscribe(draw),
      movers.onMove((id) => {
        const { selected, hovered } = useSelection.getState();
        if ([selected, hovered].some((thing) => thing?.kind === 'unit' && thing.id === id)) draw();
      }),
    ];
    draw();
    return {
      layers: [layer],
      restyle: () => layer.changed(),
      dispose: () => endAll(ends),
    };
  },
};
export default selection;
