import type { Coordinate } from 'ol/coordinate';
import type Feature from 'ol/Feature';
import type { FeatureLike } from 'ol/Feature';
import LineString from 'ol/geom/LineString';
import MultiLineString from 'ol/geom/MultiLineString';
import MultiPolygon from 'ol/geom/MultiPolygon';
import Polygon from 'ol/geom/Polygon';
import VectorLayer from 'ol/layer/Vector';
import VectorSource from 'ol/source/Vector';
import Fill from 'ol/style/Fill';
import Stroke from 'ol/style/Stroke';
import Style from 'ol/style/Style';
import type { Area } from '../../../core/api/areas.ts';
import { isSame, type Selected, useAreas, useSelection } from '../../state/index.ts';
import { coastPoints, inlandParts } from '../borders.ts';
import { type MapLayer, type Picked, Z } from '../contract.ts';
import { onChange } from '../follow.ts';
import { fromDegrees } from '../project.ts';
import { communeLook, provinceLook } from '../styles/ground.ts';
import { alpha } from '../styles/palette.ts';

/** Property that holds an area's border without its coast. */
const BORDER = 'border';

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
  create({ map, geography, palette }) {
    const source = new VectorSource<Feature>({ wrapX: false });
    const layer = new VectorLayer({ source, zIndex: Z.areas, renderBuffer: 30, style });
    void Promise.all([geography.province('areas'), geography.province('land')]).then(([areas, land]) => {
      const coast = coastPoints(
        land.filter((feature) => feature.get('kind') === 'coastline').flatMap(linesOf),
      );
      source.addFeatures(
        areas.map((area) => {
          const feature = area.clone();
          const parts = linesOf(area).flatMap((ring) => inlandParts(ring, coast));
          feature.set(BORDER, new MultiLineString(parts), true);
          return feature;
        }),
      );
    });

    function style(feature: FeatureLike): Style[] {
      const zoom = map.getView().getZoom() ?? 0;
      const colours = palette();
      const own = selectedOf(feature);
      const { selected, hovered } = useSelection.getState();
      const isSelected = own !== null && isSame(own, selected);
      const isHovered = own !== null && isSame(own, hovered);
      const province = feature.get('level') === 'province';
      const border = province ? provinceLook(zoom, colours) : communeLook(zoom, colours);
      const styles: Style[] = [];
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
        () => layer.changed(),
      ),
      onChange(
        useSelection,
        (state) => (state.hovered?.kind === 'area' ? state.hovered.id : null),
        () => layer.changed(),
      ),
    ];
    return {
      layers: [layer],
      pick(at) {
        const picked: Picked[] = [];
        source.forEachFeatureIntersectingExtent(
          [...at, ...at] as [number, number, number, number],
          (feature) => {
            const selected = selectedOf(feature);
            if (feature.get('level') === 'province' || selected === null) return;
            picked.push({
              selected,
              spot: { at, dx: 0, dy: 0 },
              order: 9,
              distancePx: 0,
              title: String(feature.get('fullName') ?? feature.get('name') ?? ''),
              lines: [],
            });
          },
        );
        return picked;
      },
      locate(selected) {
        const area = selected.kind === 'area' ? useAreas.getState().byId.get(selected.id) : undefined;
        return area ? { at: fromDegrees(area.centroid), dx: 0, dy: 0 } : undefined;
      },
      restyle: () => layer.changed(),
      dispose() {
        for (const end of ends) end();
      },
    };
  },
};
export default areas;

/** All rings or lines of a feature, as they come. */
function linesOf(feature: Feature): Coordinate[][] {
  const geometry = feature.getGeometry();
  if (geometry instanceof LineString) return [geometry.getCoordinates()];
  if (geometry instanceof MultiLineString || geometry instanceof Polygon) return geometry.getCoordinates();
  return geometry instanceof MultiPolygon ? geometry.getCoordinates().flat() : [];
}

let byCode: { rows: ReadonlyMap<string, Area>; ids: Map<string, string> } | undefined;

/** The drawn areas carry the national code; the registry knows the id. */
function selectedOf(feature: FeatureLike): Selected | null {
  const rows = useAreas.getState().byId;
  if (byCode?.rows !== rows)
    byCode = { rows, ids: new Map([...rows.values()].map((area) => [area.code, area.id])) };
  const id = byCode.ids.get(String(feature.get('code') ?? ''));
  return id === undefined ? null : { kind: 'area', id };
}
