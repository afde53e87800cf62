/**
 * The colours of the console, once. `tokens.css` has the same values as CSS variables (`--hd-…`, kebab-case);
 * a test compares the two and measures the contrast of every pair of text and ground.
 *
 * `faint` is for lines and decoration only, never for text. `…Text` is the shade of a colour that may be text.
 */
export const TOKENS = {
  dark: {
    bg: '#0d1318',
    panel: '#131b22',
    raised: '#1a242d',
    line: '#24313c',
    text: '#d7e0e7',
    muted: '#8fa0ae',
    faint: '#566775',
    lamp: '#f2b84b',
    lampText: '#f2b84b',
    onLamp: '#1a1205',
    critical: '#ff5c5c',
    major: '#ff9d42',
    minor: '#e8d15a',
    info: '#6fb3ff',
    ok: '#5f7382',
    criticalText: '#ff6b6b',
    majorText: '#ff9d42',
    minorText: '#e8d15a',
    infoText: '#6fb3ff',
    water: '#0b1a26',
    land: '#141d22',
    landAlt: '#18232a',
    green: '#16271f',
    road: '#33424e',
    roadMinor: '#26333d',
    border: '#3c4c59',
    river: '#0f2331',
    mapLabel: '#8495a3',
    mapHalo: '#10181e',
  },
  light: {
    bg: '#eef2f4',
    panel: '#ffffff',
    raised: '#f4f7f9',
    line: '#dbe3e8',
    text: '#1b2730',
    muted: '#526674',
    faint: '#90a1ad',
    lamp: '#b77a00',
    lampText: '#855700',
    onLamp: '#1a1205',
    critical: '#d42f2f',
    major: '#c9690a',
    minor: '#9a8300',
    info: '#1f6fd1',
    ok: '#8fa1ad',
    criticalText: '#c02626',
    majorText: '#9c4f00',
    minorText: '#6f5e00',
    infoText: '#1b66c2',
    water: '#cfe0ea',
    land: '#f3f3ee',
    landAlt: '#ecede6',
    green: '#dfe9d8',
    road: '#ffffff',
    roadMinor: '#fbfbf8',
    border: '#b5bfc4',
    river: '#c3dae6',
    mapLabel: '#566570',
    mapHalo: '#f7f7f3',
  },
} as const;

export type ThemeName = keyof typeof TOKENS;
export type Token = keyof (typeof TOKENS)['dark'];
export type Palette = Readonly<Record<Token, string>>;

/** Grounds on which text stands, and what may stand on them: each pair reaches WCAG AA (4.5 : 1). */
export const TEXT_PAIRS: readonly (readonly [text: Token, ground: Token])[] = [
  ...(['bg', 'panel', 'raised'] as const).flatMap((ground) =>
    (['text', 'muted', 'lampText', 'criticalText', 'majorText', 'minorText', 'infoText'] as const).map(
      (text) => [text, ground] as const,
    ),
  ),
  ['onLamp', 'lamp'],
  ['mapLabel', 'land'],
  ['mapLabel', 'landAlt'],
  ['mapLabel', 'green'],
  ['text', 'land'],
  ['text', 'water'],
];

/** Relative luminance contrast of two `#rrggbb` colours, 1…21 (WCAG 2.2, success criterion 1.4.3). */
export function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export function cssName(token: Token): string {
  return `--hd-${token.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
