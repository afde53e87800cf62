/** Names on the map: which, how large, in what hand; water leans, land stands, the sea is spaced wide. */
import CircleStyle from 'ol/style/Circle';
import Fill from 'ol/style/Fill';
import Stroke from 'ol/style/Stroke';
import Style from 'ol/style/Style';
import Text from 'ol/style/Text';
import type { Offset } from '../room.ts';
import { FONT } from './glyphs.ts';
import { alpha, type MapPalette } from './palette.ts';

/** Up and down first: a line of text moves least that way. */
const NEAR: readonly Offset[] = [
  [0, 0],
  [0, -14],
  [0, 14],
  [0, -24],
  [0, 24],
  [34, -12],
  [-34, -12],
  [34, 12],
  [-34, 12],
];
const CHIEF: readonly Offset[] = [
  [0, -24],
  [0, -38],
  [0, 28],
  [0, -52],
  [0, 42],
  [60, -30],
  [-60, -30],
];

export interface NameLook {
  text: string;
  font: string;
  colour: string;
  haloPx: number;
  halo: string;
  /** Smaller is placed first. */
  order: number;
  /** Where it may stand if its own place is taken, the best first; absent = only there. */
  aside?: readonly Offset[];
  /** A small dot at the place itself. */
  dot?: boolean;
  /** The chief town is named whatever stands in it. */
  always?: boolean;
  maxAngle?: number;
}

/** U+2009 between the letters and a wide gap between words: the canvas knows no letter spacing. */
export function spaced(text: string): string {
  return text
    .normalize('NFC')
    .split(' ')
    .map((word) => [...word].join('\u2009'))
    .join('\u2003');
}

const font = (weight: number, sizePx: number, italic = false) =>
  `${italic ? 'italic ' : ''}${weight} ${sizePx}px ${FONT}`;

/** Kinds of `places` and `labels`, config/README.md. */
export function nameLook(
  kind: string,
  name: string,
  rank: number,
  zoom: number,
  palette: MapPalette,
): NameLook | null {
  const land = { haloPx: 3, halo: alpha(palette.mapHalo, 0.88), colour: palette.mapLabel, order: rank };
  const water = { haloPx: 2.5, halo: alpha(palette.water, 0.8), colour: palette.waterText, order: rank };
  switch (kind) {
    case 'sea':
      return { ...water, text: spaced(name), font: font(500, zoom < 6 ? 15 : 17, true), order: -2 };
    case 'ocean':
      return { ...water, text: spaced(name), font: font(500, 15, true), order: -1 };
    case 'gulf':
      return { ...water, text: name, font: font(400, 13, true), order: 0 };
    case 'bay':
    case 'mouth':
      return { ...water, text: name, font: font(400, kind === 'bay' ? 13 : 11.5, true), order: 3 };
    case 'lake':
      return { ...water, text: name, font: font(400, 11.5, true), order: 4 };
    case 'country':
      return { ...land, text: spaced(name), font: font(600, 12), colour: palette.countryText, order: 1 };
    case 'city':
      return {
        ...land,
        text: name,
        font: font(500, 12),
        colour: palette.strongText,
        order: 0,
        aside: [[0, -11]],
        dot: true,
      };
    case 'province':
      return {
        ...land,
        text: spaced(name.toLocaleUpperCase('vi')),
        font: font(600, 13),
        colour: palette.strongText,
        order: 0,
      };
    case 'ward':
      return rank <= 1
        ? {
            ...land,
            text: name,
            font: font(600, zoom < 10 ? 14 : 17),
            colour: palette.strongText,
            haloPx: 3.5,
            aside: CHIEF,
            always: true,
          }
        : { ...land, text: name, font: font(500, zoom < 12 ? 12 : 14), aside: NEAR };
    case 'commune':
      return { ...land, text: name, font: font(400, zoom < 12 ? 12 : 14), aside: NEAR };
    case 'cape':
    case 'island':
    case 'forest':
    case 'hamlet':
      return { ...land, text: name, font: font(400, 11.5, kind !== 'hamlet'), aside: NEAR };
    default:
      return { ...land, text: name, font: font(400, 11.5) };
  }
}

/** River and canal names follow the line; a name longer than its bend is not written at all. */
export function riverNameLook(name: string, main: boolean, zoom: number, palette: MapPalette): NameLook {
  return {
    text: name,
    font: font(400, main ? (zoom < 11 ? 12 : 13.5) : 11.5, true),
    colour: palette.waterText,
    haloPx: 2.5,
    halo: alpha(palette.river, 0.85),
    order: main ? 2 : 5,
    maxAngle: 0.45,
  };
}

export function nameStyle(look: NameLook, placement: 'point' | 'line' = 'point', aside?: Offset): Style {
  const [dx, dy] = aside ?? look.aside?.[0] ?? [0, 0];
  return new Style({
    ...(look.dot
      ? {
          image: new CircleStyle({
            radius: 2.2,
            fill: new Fill({ color: look.colour }),
            stroke: new Stroke({ color: look.halo, width: 1.5 }),
            declutterMode: 'none',
          }),
        }
      : {}),
    text: new Text({
      text: look.text,
      font: look.font,
      fill: new Fill({ color: look.colour }),
      stroke: new Stroke({ color: look.halo, width: look.haloPx }),
      placement,
      padding: placement === 'point' ? [3, 5, 3, 5] : [2, 2, 2, 2],
      declutterMode: look.always ? 'obstacle' : 'declutter',
      offsetX: dx,
      offsetY: dy,
      ...(placement === 'line'
        ? { maxAngle: look.maxAngle ?? 0.45, repeat: 620, overflow: false }
        : { overflow: true }),
    }),
    // The first placed keeps its place; within a layer that is the order of drawing.
    zIndex: -look.order,
  });
}

/** `Quần đảo Hoàng Sa (Việt Nam)` on two lines, whole: the country's name is part of it. */
export function archipelagoLines(name: string): string {
  return name.replace(/\s*\(/, '\n(');
}
