/** Measuring a distance by hand: click, click, double-click. Geodesic, on WGS 84. */

import type { Coordinate } from 'ol/coordinate';
import type Feature from 'ol/Feature';
import LineString from 'ol/geom/LineString';
import Point from 'ol/geom/Point';
import Draw from 'ol/interaction/Draw';
import VectorLayer from 'ol/layer/Vector';
import type OlMap from 'ol/Map';
import VectorSource from 'ol/source/Vector';
import CircleStyle from 'ol/style/Circle';
import Fill from 'ol/style/Fill';
import Stroke from 'ol/style/Stroke';
import Style from 'ol/style/Style';
import Text from 'ol/style/Text';
import { distanceM } from '../../gis/geo.ts';
import type { Language } from '../state/index.ts';
import { Z } from './contract.ts';
import { length } from './format.ts';
import { holdPointer } from './pointer.ts';
import { toDegrees } from './project.ts';
import { FONT } from './styles/glyphs.ts';
import { alpha, type MapPalette } from './styles/palette.ts';

export interface Measure {
  dispose(): void;
}

export interface MeasureOptions {
  map: OlMap;
  target: HTMLElement;
  palette(): MapPalette;
  language(): Language;
  /** The sum so far, or null when nothing is drawn. */
  onSum(text: string | null): void;
}

/** Metres along a line of map coordinates. */
function lengthM(line: readonly Coordinate[]): number {
  let sum = 0;
  for (let i = 1; i < line.length; i++) {
    const [a, b] = [line[i - 1], line[i]];
    if (a && b) sum += distanceM(toDegrees(a), toDegrees(b));
  }
  return sum;
}

/** Begins measuring; `dispose` removes the line and gives the clicks back. */
export function startMeasure({ map, target, palette, language, onSum }: MeasureOptions): Measure {
  const source = new VectorSource<Feature<LineString>>({ wrapX: false });
  const style = (line: LineString): Style[] => {
    const colours = palette();
    const coordinates = line.getCoordinates();
    const last = coordinates.at(-1);
    const text = length(lengthM(coordinates), language());
    const stroke = (colour: string, width: number, lineDash?: number[]) =>
      new Style({ stroke: new Stroke({ color: colour, width, ...(lineDash ? { lineDash } : {}) }) });
    return [
      stroke(alpha(colours.bg, 0.8), 5),
      stroke(colours.text, 2, [6, 4]),
      ...coordinates.map(
        (at) =>
          new Style({
            geometry: new Point(at),
            image: new CircleStyle({
              radius: 3.5,
              fill: new Fill({ color: colours.panel }),
              stroke: new Stroke({ color: colours.text, width: 1.5 }),
            }),
          }),
      ),
      ...(last && coordinates.length > 1
        ? [
            new Style({
              geometry: new Point(last),
              text: new Text({
                text,
                font: `600 12px ${FONT}`,
                offsetY: -16,
                fill: new Fill({ color: colours.text }),
                backgroundFill: new Fill({ color: colours.panel }),
                backgroundStroke: new Stroke({ color: colours.line, width: 1 }),
                padding: [3, 6, 2, 6],
              }),
            }),
          ]
        : []),
    ];
  };
  const lineOf = (geometry: unknown) => (geometry instanceof LineString ? geometry : undefined);
  const layer = new VectorLayer({
    source,
    zIndex: Z.tools,
    style: (feature) => {
      const line = lineOf(feature.getGeometry());
      return line ? style(line) : [];
    },
  });
  const draw = new Draw({
    source,
    type: 'LineString',
    stopClick: true,
    style: (feature) => {
      const line = lineOf(feature.getGeometry());
      return line ? style(line) : [];
    },
  });
  draw.on('drawstart', ({ feature }) => {
    source.clear();
    const line = lineOf(feature.getGeometry());
    line?.on('change', () => onSum(length(lengthM(line.getCoordinates()), language())));
  });
  const keys = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    draw.abortDrawing();
    source.clear();
    onSum(null);
  };
  target.addEventListener('keydown', keys);
  holdPointer(true);
  map.addLayer(layer);
  map.addInteraction(draw);
  return {
    dispose() {
      target.removeEventListener('keydown', keys);
      map.removeInteraction(draw);
      map.removeLayer(layer);
      holdPointer(false);
      onSum(null);
    },
  };
}
