/**
 * A small drawing language for FFmpeg's filter graph. A picture is a list of shapes, each a test in X and Y
 * with a colour; still pictures are painted once and looped, so that a frame costs only its moving sprites.
 */
export const WIDTH = 640;
export const HEIGHT = 360;
const FPS = 12;

export type Rgb = readonly [number, number, number];

export interface Shape {
  /** FFmpeg expression in X and Y, non-zero inside. */
  inside: string;
  colour: Rgb;
  /** Opacity 0–1; 1 when left out. */
  alpha?: number | string;
}

/** Colours of one time of day. */
export interface Light {
  skyTop: Rgb;
  skyBottom: Rgb;
  /** What every painted thing is multiplied by. */
  tint: Rgb;
  lampsOn: boolean;
}

const DAY: Light = { skyTop: [108, 164, 214], skyBottom: [206, 226, 238], tint: [1, 1, 1], lampsOn: false };
const DAWN: Light = {
  skyTop: [96, 122, 168],
  skyBottom: [246, 204, 164],
  tint: [0.84, 0.78, 0.78],
  lampsOn: true,
};
const DUSK: Light = {
  skyTop: [62, 66, 118],
  skyBottom: [240, 142, 92],
  tint: [0.72, 0.58, 0.56],
  lampsOn: true,
};
const NIGHT: Light = { skyTop: [8, 12, 28], skyBottom: [26, 34, 60], tint: [0.3, 0.34, 0.46], lampsOn: true };

/** Light at a local hour (0–24) near the tropics, where dusk is short. */
export function lightAt(hour: number): Light {
  if (hour < 5 || hour >= 18.6) return NIGHT;
  if (hour < 6.3) return DAWN;
  return hour < 17.3 ? DAY : DUSK;
}

export const rect = (x0: number, y0: number, x1: number, y1: number) =>
  `between(X,${x0},${x1})*between(Y,${y0},${y1})`;
export const disc = (x: number, y: number, r: number) => `lt(hypot(X-${x},Y-${y}),${r})`;
export const ellipse = (x: number, y: number, rx: number, ry: number) =>
  `lt(hypot((X-${x})/${rx},(Y-${y})/${ry}),1)`;
/** A trapezoid between two heights: left and right edges run straight from the top to the bottom. */
export function trapezoid(
  y0: number,
  left0: number,
  right0: number,
  y1: number,
  left1: number,
  right1: number,
) {
  const at = (from: number, to: number) => `(${from}+(Y-${y0})*${((to - from) / (y1 - y0)).toFixed(4)})`;
  return `between(Y,${y0},${y1})*gte(X,${at(left0, left1)})*lte(X,${at(right0, right1)})`;
}

/** Cheap noise in 0–1 that depends on the pixel only: texture of asphalt, leaves, water. */
export const GRAIN = 'mod(abs(sin(X*12.9898+Y*78.233)*43758.5453),1)';

export function shade(colour: Rgb, light: Light): Rgb {
  return [0, 1, 2].map((i) => Math.round((colour[i] ?? 0) * (light.tint[i] ?? 1))) as unknown as Rgb;
}

const hex = (colour: Rgb) =>
  `0x${colour
    .map((part) =>
      Math.max(0, Math.min(255, Math.round(part)))
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;

/** A transparent picture with shapes; later ones lie on top. */
export function sprite(width: number, height: number, shapes: readonly Shape[]): string {
  const nest = (value: (shape: Shape) => string, otherwise: string) =>
    shapes.reduce((rest, shape) => `if(${shape.inside},${value(shape)},${rest})`, otherwise);
  const channel = (index: 0 | 1 | 2) => nest((shape) => String(Math.round(shape.colour[index])), '0');
  const alpha = nest(
    (shape) => (typeof shape.alpha === 'string' ? shape.alpha : String(Math.round(255 * (shape.alpha ?? 1)))),
    '0',
  );
  return (
    `color=c=black:s=${width}x${height}:r=${FPS}:d=1,format=rgba,` +
    `geq=r='${channel(0)}':g='${channel(1)}':b='${channel(2)}':a='${alpha}',format=yuva420p,${STILL}`
  );
}

/** Keeps the first frame only and shows it for ever. */
const STILL = `trim=end_frame=1,loop=loop=-1:size=1,setpts=N/${FPS}/TB`;

export interface Box {
  x: number;
  y: number;
  w: number;
  h: number;
  colour: Rgb;
  alpha?: number;
}

export interface Placed {
  picture: string;
  x: number;
  y: number;
}

export interface Moving {
  picture: string;
  /** Expressions in T, the seconds of the scene, and for `x` also W, the width. */
  x: string;
  y: string;
  /** Shown only while this expression in T is non-zero. */
  when?: string;
}

export interface Scene {
  /** Vertical expressions of the ground: colour by X and Y. */
  ground: { r: string; g: string; b: string };
  boxes: readonly Box[];
  placed: readonly Placed[];
  moving: readonly Moving[];
}

/** Sky from top to `horizon`, below it the given expression; for `Scene.ground`. */
export function skyOver(
  light: Light,
  horizon: number,
  below: (channel: 0 | 1 | 2) => string,
): Scene['ground'] {
  const channel = (i: 0 | 1 | 2) => {
    const [top, bottom] = [light.skyTop[i], light.skyBottom[i]];
    return `if(lt(Y,${horizon}),${top}+${bottom - top}*Y/${horizon},${below(i)})`;
  };
  return { r: channel(0), g: channel(1), b: channel(2) };
}

/**
 * The whole graph. `startS` is the scene's own time at the first frame: two graphs made for the same moment
 * show the same picture, so a snapshot and a stream of one camera agree.
 */
export function composeGraph(scene: Scene, startS: number, onBackground: string, onTop: string): string {
  const time = (expression: string) => expression.replace(/\bT\b/g, `(t+${startS.toFixed(3)})`);
  const parts: string[] = [];
  const { r, g, b } = scene.ground;
  let ground = `color=c=black:s=${WIDTH}x${HEIGHT}:r=${FPS}:d=1,format=gbrp,geq=r='${r}':g='${g}':b='${b}',format=yuv420p`;
  for (const box of scene.boxes)
    ground += `,drawbox=x=${Math.round(box.x)}:y=${Math.round(box.y)}:w=${Math.round(box.w)}:h=${Math.round(box.h)}:color=${hex(box.colour)}@${box.alpha ?? 1}:t=fill`;
  parts.push(`${ground}[g0]`);
  let last = 'g0';
  for (const [index, item] of scene.placed.entries()) {
    parts.push(`${item.picture}[p${index}]`);
    parts.push(
      `[${last}][p${index}]overlay=x=${Math.round(item.x)}:y=${Math.round(item.y)}:shortest=1[g${index + 1}]`,
    );
    last = `g${index + 1}`;
  }
  parts.push(`[${last}]${onBackground === '' ? '' : `${onBackground},`}${STILL}[m0]`);
  last = 'm0';
  for (const [index, item] of scene.moving.entries()) {
    parts.push(`${item.picture}[s${index}]`);
    const when = item.when === undefined ? '' : `:enable='${time(item.when)}'`;
    parts.push(`[${last}][s${index}]overlay=x='${time(item.x)}':y='${time(item.y)}'${when}[m${index + 1}]`);
    last = `m${index + 1}`;
  }
  parts.push(`[${last}]${onTop === '' ? 'null' : onTop}[out0]`);
  return parts.join(';');
}
