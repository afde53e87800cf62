/**
 * The map's colours: the console's tokens, and the shades of ground and water that only a map needs. Canvas and
 * WebGL want literal colours, so they are here rather than in style sheets.
 */
import { type Palette, type ThemeName, TOKENS } from '../../theme/index.ts';

/** Classes of `landcover` that config/README.md names; an unknown one is drawn as plain land. */
export type LandCover =
  | 'tidal'
  | 'orchard'
  | 'aquaculture'
  | 'mangrove'
  | 'forest'
  | 'builtup'
  | 'industrial'
  | 'park';

interface Ground {
  name: ThemeName;
  /** Other countries: two shades below land. */
  foreign: string;
  /** The country around the running province: one shade below land. */
  neighbour: string;
  /** A seam of lighter water along coasts. */
  shoal: string;
  coast: string;
  cover: Record<LandCover, string>;
  canal: string;
  roads: { national: string; provincial: string; street: string; casing: string };
  country: string;
  province: string;
  commune: string;
  grid: string;
  gridText: string;
  waterText: string;
  countryText: string;
  strongText: string;
}

export type MapPalette = Palette & Ground;

export const PALETTES: Record<ThemeName, MapPalette> = {
  dark: {
    ...TOKENS.dark,
    name: 'dark',
    foreign: '#0d1419',
    neighbour: '#10171c',
    shoal: '#0e2130',
    coast: '#2b3f4d',
    cover: {
      tidal: '#112029',
      orchard: '#152420',
      aquaculture: '#10212b',
      mangrove: '#14281f',
      forest: '#16271f',
      builtup: '#1c272f',
      industrial: '#20262f',
      park: '#172a22',
    },
    canal: '#102633',
    roads: { national: '#3d4f5d', provincial: '#33424e', street: '#26333d', casing: '#0f161b' },
    country: '#3f5060',
    province: '#4d6170',
    commune: '#3c4c59',
    grid: '#8fa0ae',
    gridText: '#4d6172',
    waterText: '#5f8aa5',
    countryText: '#62727f',
    strongText: '#ccd7df',
  },
  light: {
    ...TOKENS.light,
    name: 'light',
    foreign: '#e4e6e2',
    neighbour: '#ebece7',
    shoal: '#dbe9f0',
    coast: '#a4becd',
    cover: {
      tidal: '#e1e9e8',
      orchard: '#e8eedd',
      aquaculture: '#d8e6ea',
      mangrove: '#d7e5d0',
      forest: '#dae7d2',
      builtup: '#e9e7e0',
      industrial: '#e6e3e4',
      park: '#d5e8cc',
    },
    canal: '#bcd5e2',
    roads: { national: '#ffffff', provincial: '#ffffff', street: '#ffffff', casing: '#cfd3ce' },
    country: '#a9b3b9',
    province: '#8d9ca6',
    commune: '#b5bfc4',
    grid: '#526674',
    gridText: '#8197a5',
    waterText: '#3f7796',
    countryText: '#7f8b93',
    strongText: '#26343e',
  },
};

/** The colour with the given opacity (0…1), as `#rrggbbaa`. Takes `#rrggbb` or `#rrggbbaa`. */
export function alpha(colour: string, opacity: number): string {
  const byte = Math.round(Math.min(1, Math.max(0, opacity)) * 255);
  return `${colour.slice(0, 7)}${byte.toString(16).padStart(2, '0')}`;
}
