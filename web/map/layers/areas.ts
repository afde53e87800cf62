import type { Coordinate } from 'ol/coordinate';
import type Feature from 'ol/Feature';
import type { FeatureLike } from 'ol/Feature';
import Geometry from 'ol/geom/Geometry';
import VectorLayer from 'ol/layer/Vector';
import VectorSource from 'ol/source/Vector';
import Fill from 'ol/style/Fill';
import Stroke from 'ol/style/Stroke';
import Style from 'ol/style/Style';
import type { Area } from '../../../core/api/areas.ts';
import { isSame, type Selected, useAreas, useSelection } from '../../state/index.ts';
import { BORDER, giveBorders, linesOf } from '../area-border.ts';
import { areaTiles } from '../area-tiles.ts';
import { coastPoints } from '../borders.ts';
import { type MapLayer, type Picked, Z } from '../contract.ts';
import { endAll, onChange } from '../follow.ts';
import { fromDegrees } from '../project.ts';
import { communeLook, provinceLook } from '../styles/ground.ts';
import { alpha } from '../styles/palette.ts';

/** Areas of administration: dashed, named under the pointer, lit when selected. */
const areas: MapLayer = {
  id: 'areas',
  floor: 'ground',
  menu: {
    vi: 'Địa bàn',
    en: 'Areas',
    about: { vi: 'Ranh giới tỉnh, xã và phường', en: 'Borders of the province and its communes' },
    group: 'data',
    defaultOn: true,
    order: 70,
  },
  create({ ground, geography, palette }) {
    const source = new VectorSource<Feature>({ wrapX: false });
    const drawn = new VectorLayer({ source, zIndex: Z.areas, renderBuffer: 30, style });
    // Asked of the server only where nothing has been drawn.
    let tiles: ReturnType<typeof areaTiles> | undefined;
    const changed = () => {
      drawn.changed();
      tiles?.changed();
    };
    void Promise.all([geography.province('areas'), geography.province('land')]).then(([areas, land]) => {
      if (areas.length === 0) {
        tiles = areaTiles(style);
        tiles.setVisible(drawn.getVisible());
        ground.addLayer(tiles);
        return;
      }
      const coastline = land.filter((feature) => feature.get('kind') === 'coastline');
      const own = areas.map((area) => area.clone());
      giveBorders(own, coastPoints(coastline.flatMap(linesOf)));
      source.addFeatures(own);
    });

    function style(feature: FeatureLike): Style[] {
      const zoom = ground.getView().getZoom() ?? 0;
      const colours = palette();
      const own = selectedOf(feature);
      const { selected, hovered } = useSelection.getState();
      const isSelected = own !== null && isSame(own, selected);
      const isHovered = own !== null && isSame(own, hovered);
      const province = feature.get('level') === 'province';
      const border = province ? provinceLook(zoom, colours) : communeLook(zoom, colours);
      const styles: Style[] = [];
      // Where no ground is drawn the province itself is the ground.
      if (tiles && province) styles.push(new Style({ fill: new Fill({ color: colours.land }), zIndex: 0 }));
      if (border) {
        styles.push(
          new Style({
            geometry: BORDER,
            stroke: new Stroke({ color: border.colour, width: border.widthPx, lineDash: border.dash }),
            zIndex: province ? 2 : 1,
          }),
        );
      }
      if (isSelected) {
        styles.push(
          new Style({
            fill: new Fill({ color: alpha(colours.lamp, 0.06) }),
            stroke: new Stroke({ color: colours.lamp, width: 1.6 }),
            zIndex: 4,
          }),
        );
      } else if (isHovered && !province) {
        styles.push(
          new Style({
            fill: new Fill({ color: alpha(colours.text, 0.035) }),
            stroke: new Stroke({ color: alpha(colours.text, 0.55), width: 1.2 }),
            zIndex: 3,
          }),
        );
      }
      return styles;
    }

    const ends = [
      onChange(
        useSelection,
        (state) => (state.selected?.kind === 'area' ? state.selected.id : null),
        changed,
      ),
      onChange(useSelection, (state) => (state.hovered?.kind === 'area' ? state.hovered.id : null), changed),
    ];
    return {
      layers: [drawn],
      setVisible(on) {
        drawn.setVisible(on);
        tiles?.setVisible(on);
      },
      pick(at) {
        const point = [...at, ...at] as [number, number, number, number];
        const under = tiles
          ? tiles.getFeaturesInExtent(point).filter((feature) => holds(feature, at))
          : source.getFeaturesInExtent(point).filter((feature) => holds(feature, at));
        return under.flatMap((feature): Picked[] => {
          const selected = selectedOf(feature);
          if (feature.get('level') === 'province' || selected === null) return [];
          const title = String(feature.get('fullName') ?? feature.get('name') ?? '');
          return [{ selected, spot: { at, dx: 0, dy: 0 }, order: 9, distancePx: 0, title, lines: [] }];
        });
      },
      locate(selected) {
        const area = selected.kind === 'area' ? useAreas.getState().byId.get(selected.id) : undefined;
        return area ? { at: fromDegrees(area.centroid), dx: 0, dy: 0 } : undefined;
      },
      restyle: changed,
      dispose: () => endAll(ends),
    };
  },
};
export default areas;

let byCode: { rows: ReadonlyMap<string, Area>; ids: Map<string, string> } | undefined;

function holds(feature: FeatureLike, at: Coordinate): boolean {
  const geometry = feature.getGeometry();
  return geometry instanceof Geometry && geometry.intersectsCoordinate(at);
}

/** The drawn areas carry the national code; the registry knows the id. */
function selectedOf(feature: FeatureLike): Selected | null {
  const rows = useAreas.getState().byId;
  if (byCode?.rows !== rows)
    byCode = { rows, ids: new Map([...rows.values()].map((area) => [area.code, area.id])) };
  const id = byCode.ids.get(String(feature.get('code') ?? ''));
  return id === undefined ? null : { kind: 'area', id };
}
