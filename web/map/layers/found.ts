import Feature from 'ol/Feature';
import Point from 'ol/geom/Point';
import VectorLayer from 'ol/layer/Vector';
import VectorSource from 'ol/source/Vector';
import Style from 'ol/style/Style';
import { useSelection } from '../../state/index.ts';
import { type MapLayer, Z } from '../contract.ts';
import { onChange } from '../follow.ts';
import { fromDegrees } from '../project.ts';
import { alpha } from '../styles/palette.ts';

const SHOWN_MS = 12_000;
/** Map units: a mover may have gone a little further since it was asked for. */
const SAME_PLACE = 300;

/** The place that was searched for, marked for a while: a name alone has no sign of its own. */
const found: MapLayer = {
  id: 'found',
  create({ palette, sprites, locate }) {
    const source = new VectorSource<Feature<Point>>({ wrapX: false });
    const layer = new VectorLayer({
      source,
      zIndex: Z.selection,
      updateWhileAnimating: true,
      updateWhileInteracting: true,
      style: () =>
        new Style({
          image: sprites.icon(
            `found ${palette().name}`,
            { widthPx: 46, heightPx: 46 },
            (pen) => {
              const cross = new Path2D('M-19 0H-8M8 0H19M0-19V-8M0 8V19');
              cross.addPath(new Path2D('M-13 0A13 13 0 1 1 13 0 13 13 0 1 1-13 0Z'));
              pen.lineCap = 'round';
              pen.strokeStyle = alpha(palette().bg, 0.7);
              pen.lineWidth = 4.5;
              pen.stroke(cross);
              pen.strokeStyle = palette().lamp;
              pen.lineWidth = 1.7;
              pen.stroke(cross);
            },
            { declutterMode: 'none' },
          ),
        }),
    });
    let timer: ReturnType<typeof setTimeout> | undefined;
    const end = onChange(
      useSelection,
      (state) => state.focus,
      (focus) => {
        clearTimeout(timer);
        source.clear();
        if (focus?.mode !== 'go' || !focus.position || focus.bbox) return;
        const at = fromDegrees(focus.position);
        // What is selected wears its ring already.
        const { selected } = useSelection.getState();
        const own = selected && locate(selected)?.at;
        if (own && Math.hypot((own[0] ?? 0) - (at[0] ?? 0), (own[1] ?? 0) - (at[1] ?? 0)) < SAME_PLACE)
          return;
        source.addFeature(new Feature(new Point(at)));
        timer = setTimeout(() => source.clear(), SHOWN_MS);
      },
    );
    return {
      layers: [layer],
      restyle: () => layer.changed(),
      dispose() {
        end();
        clearTimeout(timer);
      },
    };
  },
};
export default found;
