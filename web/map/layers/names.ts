import Feature from 'ol/Feature';
import LineString from 'ol/geom/LineString';
import Point from 'ol/geom/Point';
import VectorLayer from 'ol/layer/Vector';
import VectorSource from 'ol/source/Vector';
import Style from 'ol/style/Style';
import { isLayerOn, useAreas, useUi } from '../../state/index.ts';
import { LABELS, type MapContext, type MapLayer, Z } from '../contract.ts';
import { endAll, onChange } from '../follow.ts';
import { fromDegrees } from '../project.ts';
import type { Offset } from '../room.ts';
import { drawPlate, plateWidth } from '../styles/glyphs.ts';
import { nameLook, nameStyle, riverNameLook } from '../styles/names.ts';
import { shieldLook } from '../styles/plates.ts';

/** National roads are numbered first. */
const SHIELDS_FROM_ZOOM = { national: 8.8, other: 10.8 };
/** Where along a road its number may stand, and from which zoom; the clutter decides. */
const SHIELD_SHARES = [
  { share: 0.5, minZoom: 0 },
  { share: 0.18, minZoom: 12.5 },
  { share: 0.82, minZoom: 12.5 },
];

/** All names of the ground: places, waters, countries, road numbers. Placed by rank; what has no room is left out. */
const names: MapLayer = {
  id: 'names',
  menu: {
    vi: 'Địa danh',
    en: 'Place names',
    about: {
      vi: 'Tên xã, phường, sông, biển; số hiệu đường',
      en: 'Names of communes, wards, rivers and seas; road numbers',
    },
    group: 'base',
    defaultOn: true,
    order: 10,
  },
  create(context) {
    const { map, geography, palette, language, crowding, sprites } = context;
    const source = new VectorSource<Feature>({ wrapX: false });
    const styles = new Map<string, Style | undefined>();
    const layer = new VectorLayer({
      source,
      zIndex: Z.names,
      declutter: LABELS,
      renderBuffer: 160,
      style(feature) {
        const zoom = map.getView().getZoom() ?? 0;
        const minZoom = Number(feature.get('minZoom') ?? 0);
        if (zoom < minZoom || zoom > Number(feature.get('maxZoom') ?? 30)) return undefined;
        const name = String((language() === 'en' && feature.get('nameEn')) || feature.get('name') || '');
        const kind = String(feature.get('kind') ?? '');
        const rank = Number(feature.get('rank') ?? 5);
        const aside = feature.get('aside') as Offset | undefined;
        const key = `${kind} ${name} ${rank} ${Math.floor(zoom)} ${aside ?? ''}`;
        if (!styles.has(key)) styles.set(key, styleOf(context, kind, name, rank, zoom, aside));
        return styles.get(key);
      },
    });
    const add = (features: readonly Feature[]) => source.addFeatures([...features]);
    void geography.base('labels').then((features) => {
      // The archipelagos have a layer of their own, which nothing can switch off.
      add(features.filter((feature) => feature.get('kind') !== 'archipelago'));
    });
    void geography
      .province('waterways')
      .then((features) =>
        add(features.filter((f) => f.get('name') && f.getGeometry() instanceof LineString).map(riverName)),
      );
    void geography.province('roads').then((features) => {
      if (isLayerOn(useUi.getState(), { id: 'roads', defaultOn: true })) add(shields(features));
    });
    const places = geography.province('places');
    void places.then((features) => {
      add(features);
      if (features.length === 0) namesOfAreas();
    });

    /** A province without drawn places is named by its registered areas. */
    let fromAreas: Feature[] = [];
    const namesOfAreas = () => {
      for (const feature of fromAreas) source.removeFeature(feature);
      fromAreas = [...useAreas.getState().byId.values()].map((area) => {
        const province = area.level === 'province';
        return new Feature({
          geometry: new Point(fromDegrees(area.centroid)),
          kind: province ? 'province' : 'commune',
          name: province ? area.name : area.fullName,
          nameEn: area.fullNameEn,
          rank: province ? 0 : 3,
          minZoom: province ? 6.5 : 9.8,
          maxZoom: province ? 9.8 : 30,
        });
      });
      add(fromAreas);
    };
    /** Names step aside from signs; only those that have to, and only when the signs have come to rest. */
    const stepAside = () => {
      const extent = map.getView().calculateExtent(map.getSize());
      const zoom = map.getView().getZoom() ?? 0;
      source.forEachFeatureInExtent(extent, (feature) => {
        const at = feature.getGeometry();
        const look =
          at instanceof Point
            ? nameLook(
                String(feature.get('kind')),
                String(feature.get('name')),
                Number(feature.get('rank') ?? 5),
                zoom,
                palette(),
              )
            : null;
        if (!(at instanceof Point) || !look?.aside) return;
        const widthPx = sprites.measure((pen) => {
          pen.font = look.font;
          return pen.measureText(look.text).width + 6;
        });
        const { offset } = crowding.place(at.getCoordinates(), { widthPx, heightPx: 16 }, look.aside);
        const known = feature.get('aside') as Offset | undefined;
        if (known?.[0] !== offset[0] || known?.[1] !== offset[1]) feature.set('aside', offset);
      });
    };
    const ends = [
      crowding.subscribe(stepAside),
      onChange(
        useAreas,
        (state) => state.byId,
        () => {
          if (fromAreas.length > 0) namesOfAreas();
          else void places.then((features) => features.length === 0 && namesOfAreas());
        },
      ),
    ];
    return {
      layers: [layer],
      restyle() {
        styles.clear();
        layer.changed();
      },
      dispose: () => endAll(ends),
    };

    function styleOf(
      { sprites }: MapContext,
      kind: string,
      name: string,
      rank: number,
      zoom: number,
      aside: Offset | undefined,
    ) {
      const colours = palette();
      if (kind === 'river' || kind === 'canal') {
        if (zoom < (kind === 'river' ? 9 : 11.5)) return undefined;
        return nameStyle(riverNameLook(name, kind === 'river', zoom, colours), 'line');
      }
      if (kind === 'shield') {
        if (zoom < SHIELDS_FROM_ZOOM[rank === 0 ? 'national' : 'other']) return undefined;
        const widthPx = sprites.measure((pen) => plateWidth(pen, name));
        return new Style({
          image: sprites.icon(
            `shield ${name} ${colours.name}`,
            // Air round the plate: two numbers never stand shoulder to shoulder.
            { widthPx: widthPx + 40, heightPx: 44 },
            (pen) => drawPlate(pen, shieldLook(name, colours), widthPx),
            { declutterMode: 'declutter' },
          ),
          zIndex: -6,
        });
      }
      const look = nameLook(kind, name, rank, zoom, colours);
      return look ? nameStyle(look, 'point', aside) : undefined;
    }
  },
};
export default names;

function riverName(feature: Feature): Feature {
  return new Feature({
    geometry: feature.getGeometry(),
    kind: feature.get('class'),
    name: feature.get('name'),
    nameEn: feature.get('nameEn'),
  });
}

function shields(roads: readonly Feature[]): Feature[] {
  return roads.flatMap((road) => {
    const line = road.getGeometry();
    const ref: unknown = road.get('ref');
    if (!(line instanceof LineString) || typeof ref !== 'string' || road.get('bridge')) return [];
    return SHIELD_SHARES.map(
      ({ share, minZoom }) =>
        new Feature({
          geometry: new Point(line.getCoordinateAt(share)),
          kind: 'shield',
          minZoom,
          name: ref,
          rank: road.get('class') === 'national' ? 0 : 5,
        }),
    );
  });
}
