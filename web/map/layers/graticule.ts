import Graticule from 'ol/layer/Graticule';
import Fill from 'ol/style/Fill';
import Stroke from 'ol/style/Stroke';
import Text from 'ol/style/Text';
import type { MapContext, MapLayer } from '../contract.ts';
import { Z } from '../contract.ts';
import { degrees } from '../format.ts';
import { FONT } from '../styles/glyphs.ts';
import { alpha } from '../styles/palette.ts';

/** Meridians and parallels, hardly there, with their degrees at two edges of the screen. */
const graticule: MapLayer = {
  id: 'graticule',
  floor: 'ground',
  menu: {
    vi: 'Lưới toạ độ',
    en: 'Graticule',
    about: { vi: 'Kinh tuyến và vĩ tuyến (WGS 84)', en: 'Meridians and parallels (WGS 84)' },
    group: 'base',
    defaultOn: true,
    order: 30,
  },
  create(context) {
    // The library's layer takes its looks only at birth, so a new palette makes a new one in the same place.
    let layer = make(context);
    const { ground } = context;
    return {
      get layers() {
        return [layer];
      },
      restyle() {
        const old = layer;
        layer = make(context);
        layer.setVisible(old.getVisible());
        ground.removeLayer(old);
        ground.addLayer(layer);
      },
    };
  },
};
export default graticule;

function make({ palette }: MapContext): Graticule {
  const colours = palette();
  const text = (align: CanvasTextAlign, baseline: CanvasTextBaseline) =>
    new Text({
      font: `400 10.5px ${FONT}`,
      fill: new Fill({ color: colours.gridText }),
      stroke: new Stroke({ color: alpha(colours.mapHalo, 0.5), width: 2 }),
      textAlign: align,
      textBaseline: baseline,
    });
  return new Graticule({
    zIndex: Z.graticule,
    strokeStyle: new Stroke({ color: alpha(colours.grid, colours.name === 'dark' ? 0.075 : 0.12), width: 1 }),
    targetSize: 190,
    showLabels: true,
    wrapX: false,
    lonLabelFormatter: (lon) => degrees(lon, 'lon'),
    latLabelFormatter: (lat) => degrees(lat, 'lat'),
    lonLabelPosition: 0.996,
    latLabelPosition: 0.996,
    lonLabelStyle: text('left', 'top'),
    latLabelStyle: text('right', 'bottom'),
  });
}
