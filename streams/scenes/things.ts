import {
  disc,
  ellipse,
  type Light,
  type Moving,
  type Rgb,
  rect,
  type Shape,
  shade,
  sprite,
  trapezoid,
  WIDTH,
} from './draw.ts';

/** Things that stand or move in the scenes, drawn facing right unless told otherwise. */
export interface Thing {
  picture: string;
  w: number;
  h: number;
}

const BLACK: Rgb = [24, 24, 28];
const GLASS: Rgb = [70, 92, 110];
const LAMP: Rgb = [255, 238, 180];
const TAIL: Rgb = [220, 40, 30];

function mirrored(w: number, shapes: readonly Shape[], toLeft: boolean): readonly Shape[] {
  if (!toLeft) return shapes;
  return shapes.map((shape) => ({ ...shape, inside: shape.inside.replace(/\bX\b/g, `(${w - 1}-X)`) }));
}

function thing(w: number, h: number, shapes: readonly Shape[], toLeft: boolean): Thing {
  return { picture: sprite(w, h, mirrored(w, shapes, toLeft)), w, h };
}

function lights(light: Light, x: number, y: number, reach: number): Shape[] {
  if (!light.lampsOn) return [];
  return [
    { inside: trapezoid(y - 2, x, x + 1, y + 9, x, x + reach), colour: LAMP, alpha: 0.28 },
    { inside: disc(x - 2, y, 2.4), colour: LAMP },
  ];
}

export function car(light: Light, colour: Rgb, toLeft: boolean, scale = 1): Thing {
  const s = (value: number) => Math.round(value * scale);
  const body = shade(colour, light);
  const glass = shade(GLASS, light);
  const shapes: Shape[] = [
    { inside: ellipse(s(34), s(29), s(33), s(4)), colour: [0, 0, 0], alpha: 0.3 },
    { inside: rect(s(2), s(12), s(66), s(25)), colour: body },
    { inside: trapezoid(s(2), s(20), s(44), s(13), s(11), s(55)), colour: body },
    { inside: trapezoid(s(4), s(21), s(31), s(12), s(15), s(31)), colour: glass },
    { inside: trapezoid(s(4), s(33), s(43), s(12), s(33), s(51)), colour: glass },
    { inside: rect(s(2), s(20), s(66), s(21)), colour: shade([60, 60, 66], light) },
    { inside: rect(s(1), s(14), s(4), s(18)), colour: TAIL },
    { inside: disc(s(16), s(25), s(6.4)), colour: shade(BLACK, light) },
    { inside: disc(s(52), s(25), s(6.4)), colour: shade(BLACK, light) },
    { inside: disc(s(16), s(25), s(2.6)), colour: shade([150, 150, 155], light) },
    { inside: disc(s(52), s(25), s(2.6)), colour: shade([150, 150, 155], light) },
    ...lights(light, s(66), s(16), s(26)),
  ];
  return thing(s(94), s(34), shapes, toLeft);
}

export function motorbike(light: Light, shirt: Rgb, helmet: Rgb, toLeft: boolean, scale = 1): Thing {
  const s = (value: number) => Math.round(value * scale);
  const shapes: Shape[] = [
    { inside: ellipse(s(17), s(37), s(17), s(3)), colour: [0, 0, 0], alpha: 0.3 },
    { inside: disc(s(7), s(32), s(5.5)), colour: shade(BLACK, light) },
    { inside: disc(s(28), s(32), s(5.5)), colour: shade(BLACK, light) },
    { inside: trapezoid(s(22), s(4), s(22), s(29), s(8), s(27)), colour: shade([176, 36, 40], light) },
    { inside: trapezoid(s(16), s(25), s(28), s(27), s(26), s(30)), colour: shade([60, 60, 66], light) },
    { inside: trapezoid(s(18), s(9), s(18), s(28), s(16), s(22)), colour: shade([44, 50, 74], light) },
    { inside: trapezoid(s(8), s(9), s(18), s(20), s(8), s(17)), colour: shade(shirt, light) },
    { inside: rect(s(15), s(12), s(25), s(14)), colour: shade([224, 180, 150], light) },
    { inside: disc(s(14), s(5), s(4.6)), colour: shade(helmet, light) },
    { inside: rect(s(0), s(24), s(3), s(26)), colour: TAIL },
    ...lights(light, s(30), s(21), s(18)),
  ];
  return thing(s(50), s(40), shapes, toLeft);
}

export function bus(light: Light, colour: Rgb, toLeft: boolean): Thing {
  const windows: Shape[] = [0, 1, 2, 3, 4].map((i) => ({
    inside: rect(10 + i * 22, 9, 27 + i * 22, 25),
    colour: light.lampsOn ? [226, 214, 150] : shade(GLASS, light),
  }));
  const shapes: Shape[] = [
    { inside: ellipse(66, 57, 66, 4), colour: [0, 0, 0], alpha: 0.3 },
    { inside: rect(2, 2, 130, 50), colour: shade(colour, light) },
    { inside: rect(2, 34, 130, 38), colour: shade([240, 240, 240], light) },
    ...windows,
    { inside: rect(119, 9, 130, 30), colour: shade(GLASS, light) },
    { inside: disc(28, 50, 8), colour: shade(BLACK, light) },
    { inside: disc(104, 50, 8), colour: shade(BLACK, light) },
    ...lights(light, 130, 42, 26),
  ];
  return thing(158, 62, shapes, toLeft);
}

export function boat(light: Light, hull: Rgb, toLeft: boolean, scale = 1): Thing {
  const s = (value: number) => Math.round(value * scale);
  const shapes: Shape[] = [
    { inside: ellipse(s(60), s(46), s(58), s(4)), colour: [10, 30, 40], alpha: 0.3 },
    { inside: trapezoid(s(30), s(4), s(118), s(46), s(16), s(98)), colour: shade(hull, light) },
    { inside: trapezoid(s(30), s(4), s(118), s(33), s(4), s(116)), colour: shade([232, 226, 206], light) },
    { inside: rect(s(24), s(14), s(64), s(30)), colour: shade([222, 214, 196], light) },
    { inside: rect(s(20), s(11), s(68), s(15)), colour: shade([120, 60, 50], light) },
    {
      inside: `${rect(s(28), s(18), s(60), s(25))}*lt(mod(X,${s(12)}),${s(7)})`,
      colour: light.lampsOn ? [240, 214, 130] : shade(GLASS, light),
    },
    // Two round eyes at the bow, as on every boat of the delta.
    { inside: disc(s(104), s(36), s(3.2)), colour: shade([250, 250, 250], light) },
    { inside: disc(s(105), s(36), s(1.6)), colour: shade(BLACK, light) },
    { inside: rect(s(76), s(4), s(77), s(30)), colour: shade([90, 70, 50], light) },
    { inside: trapezoid(s(4), s(78), s(79), s(12), s(78), s(92)), colour: shade([218, 37, 29], light) },
  ];
  return thing(s(122), s(52), shapes, toLeft);
}

/** A walker with a conical hat. */
export function walker(light: Light, clothes: Rgb, toLeft: boolean): Thing {
  const shapes: Shape[] = [
    { inside: ellipse(10, 43, 8, 2.4), colour: [0, 0, 0], alpha: 0.3 },
    { inside: rect(6, 28, 9, 42), colour: shade([40, 44, 60], light) },
    { inside: rect(11, 28, 14, 42), colour: shade([40, 44, 60], light) },
    { inside: trapezoid(12, 6, 14, 30, 4, 16), colour: shade(clothes, light) },
    { inside: disc(10, 9, 4), colour: shade([224, 180, 150], light) },
    { inside: trapezoid(1, 9, 11, 8, 1, 19), colour: shade([226, 204, 148], light) },
  ];
  return thing(21, 46, shapes, toLeft);
}

export function tree(light: Light, green: Rgb): Thing {
  const [r, g, b] = green;
  const dark: Rgb = [r * 0.7, g * 0.75, b * 0.7];
  const shapes: Shape[] = [
    { inside: rect(37, 60, 43, 108), colour: shade([94, 72, 52], light) },
    { inside: disc(40, 38, 34), colour: shade(dark, light) },
    { inside: disc(22, 46, 18), colour: shade(dark, light) },
    { inside: disc(34, 30, 24), colour: shade(green, light) },
    { inside: disc(56, 42, 18), colour: shade(green, light) },
    { inside: disc(28, 22, 10), colour: shade([r * 1.15, g * 1.12, b * 1.1], light) },
  ];
  return thing(80, 110, shapes, false);
}

export function palm(light: Light): Thing {
  const leaf = (dx: number, droop: number) =>
    `lt(abs(Y-(24+pow((X-40)*${dx},2)*${droop}-abs(X-40)*0.25)),3)*between((X-40)*${dx},0,1)`;
  const shapes: Shape[] = [
    {
      inside: 'between(X,38+6*sin(Y/60),43+6*sin(Y/60))*between(Y,24,118)',
      colour: shade([112, 92, 66], light),
    },
    { inside: leaf(1 / 38, 26), colour: shade([44, 112, 58], light) },
    { inside: leaf(-1 / 38, 26), colour: shade([44, 112, 58], light) },
    { inside: leaf(1 / 26, 40), colour: shade([58, 132, 66], light) },
    { inside: leaf(-1 / 26, 40), colour: shade([58, 132, 66], light) },
    { inside: `lt(abs(X-40),3)*between(Y,2,26)`, colour: shade([66, 140, 70], light) },
    { inside: disc(40, 27, 5), colour: shade([120, 96, 50], light) },
  ];
  return thing(80, 120, shapes, false);
}

export function lampPost(light: Light): Thing {
  const shapes: Shape[] = [
    { inside: rect(6, 8, 8, 150), colour: shade([110, 116, 122], light) },
    { inside: rect(6, 8, 34, 10), colour: shade([110, 116, 122], light) },
    { inside: rect(26, 9, 38, 13), colour: light.lampsOn ? LAMP : shade([170, 174, 178], light) },
    ...(light.lampsOn
      ? [{ inside: trapezoid(13, 28, 36, 150, 4, 62), colour: LAMP, alpha: '255*0.14*(1-(Y-13)/150)' }]
      : []),
  ];
  return thing(64, 152, shapes, false);
}

export function umbrella(light: Light, one: Rgb, other: Rgb): Thing {
  const shapes: Shape[] = [
    { inside: rect(49, 26, 51, 78), colour: shade([120, 110, 100], light) },
    { inside: trapezoid(4, 44, 56, 28, 2, 98), colour: shade(one, light) },
    {
      inside: `${trapezoid(4, 44, 56, 28, 2, 98)}*lt(mod((X-50)/(8+(Y-4)*1.8)+4,0.8),0.4)`,
      colour: shade(other, light),
    },
    // The stall: baskets of fruit on a table.
    { inside: rect(12, 62, 90, 78), colour: shade([134, 98, 62], light) },
    ...(
      [
        [22, [236, 130, 36]],
        [38, [214, 44, 48]],
        [54, [98, 168, 60]],
        [70, [240, 200, 60]],
        [82, [150, 70, 130]],
      ] as const
    ).map(([x, colour]): Shape => ({ inside: ellipse(x, 61, 8, 5), colour: shade(colour, light) })),
  ];
  return thing(100, 80, shapes, false);
}

/** One lane: things that keep their distance because they share one speed. */
export interface Lane {
  /** Bottom edge of what moves here, px. */
  baseline: number;
  pxPerS: number;
  toLeft: boolean;
  things: readonly Thing[];
  /** Stops for the red light: seconds of the cycle, and the place where the first one stands. */
  phase?: number;
  bobPx?: number;
}

/** Spreads a lane's things over a belt longer than the picture, which runs for ever. */
export function laneMoves(lane: Lane, spread: readonly number[]): Moving[] {
  const belt = WIDTH + 180 + lane.things.length * 90;
  return lane.things.map((item, index) => {
    const share = (spread[index % Math.max(1, spread.length)] ?? 0) * 0.6;
    const offset = ((index + share) / lane.things.length) * belt + (lane.phase ?? 0);
    const along = `mod(T*${lane.pxPerS}+${offset.toFixed(1)},${belt})-170`;
    const y = lane.baseline - item.h;
    return {
      picture: item.picture,
      x: lane.toLeft ? `${WIDTH}-(${along})-${item.w}` : along,
      y: lane.bobPx ? `${y}+${lane.bobPx}*sin(T*1.3+${index})` : String(y),
    };
  });
}
