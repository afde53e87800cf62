import { seededRandom } from '../../core/clock.ts';
import {
  type Box,
  disc,
  GRAIN,
  type Light,
  type Moving,
  type Placed,
  type Rgb,
  rect,
  type Scene,
  shade,
  skyOver,
  sprite,
  WIDTH,
} from './draw.ts';
import { bus, car, lampPost, laneMoves, motorbike, type Thing, tree, umbrella, walker } from './things.ts';

export type SceneMaker = (light: Light, seed: number) => Scene;

const FACADES: readonly Rgb[] = [
  [236, 214, 160],
  [168, 206, 198],
  [226, 170, 150],
  [208, 212, 220],
  [190, 202, 150],
  [222, 190, 208],
  [150, 178, 210],
];
const PAINTS: readonly Rgb[] = [
  [206, 42, 46],
  [232, 232, 236],
  [44, 74, 140],
  [40, 42, 48],
  [168, 172, 178],
  [214, 168, 40],
];
const CLOTHES: readonly Rgb[] = [
  [60, 110, 190],
  [220, 90, 110],
  [90, 160, 100],
  [240, 190, 70],
  [140, 90, 170],
];

export function picker(seed: number): <T>(items: readonly [T, ...T[]] | readonly T[]) => T {
  const random = seededRandom(seed);
  return <T>(items: readonly T[]) => {
    const item = items[Math.floor(random.next() * items.length)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  };
}

/** A row of narrow houses, each with its floors, balconies and shop sign; none where the gap is. */
function houses(light: Light, seed: number, ground: number, gap?: readonly [number, number]): Box[] {
  const random = seededRandom(seed);
  const boxes: Box[] = [];
  let x = -20;
  let index = 0;
  while (x < WIDTH) {
    const w = 44 + Math.floor(random.next() * 30);
    if (gap && x < gap[1] && x + w > gap[0]) {
      x = gap[1];
      continue;
    }
    const floors = 2 + Math.floor(random.next() * 3);
    const h = 34 * floors + 12;
    const colour = FACADES[(index + Math.floor(random.next() * 3)) % FACADES.length] ?? [200, 200, 200];
    boxes.push({ x, y: ground - h, w: w - 1, h, colour: shade(colour, light) });
    boxes.push({ x: x - 1, y: ground - h - 4, w: w + 1, h: 4, colour: shade([150, 84, 66], light) });
    for (let floor = 1; floor < floors; floor++) {
      const y = ground - 34 * floor - 32;
      boxes.push({ x: x + 3, y: y + 26, w: w - 7, h: 3, colour: shade([120, 120, 124], light) });
      for (const part of [0.16, 0.58]) {
        const lit = light.lampsOn && random.next() < 0.55;
        const glass: Rgb = lit ? [250, 214, 120] : shade([64, 84, 100], light);
        boxes.push({ x: x + w * part, y: y + 6, w: w * 0.25, h: 19, colour: glass });
      }
    }
    const sign = PAINTS[Math.floor(random.next() * PAINTS.length)] ?? [200, 40, 40];
    boxes.push({
      x: x + 2,
      y: ground - 38,
      w: w - 5,
      h: 9,
      colour: light.lampsOn ? sign : shade(sign, light),
    });
    boxes.push({
      x: x + 4,
      y: ground - 28,
      w: w - 9,
      h: 28,
      colour: light.lampsOn ? [206, 172, 104] : shade([86, 78, 74], light),
    });
    x += w;
    index++;
  }
  return boxes;
}

const grey = (level: number, light: Light, i: 0 | 1 | 2) => `${(level * light.tint[i]).toFixed(1)}`;

/** Pavement and asphalt with a little grain below the houses. */
function streetGround(light: Light, kerb: number): Scene['ground'] {
  return skyOver(
    light,
    190,
    (i) =>
      `if(lt(Y,${kerb}),${grey(168, light, i)}+8*${GRAIN}*${light.tint[i]},${grey(78, light, i)}+(Y-${kerb})*0.08+14*${GRAIN}*${light.tint[i]})`,
  );
}

function dashes(y: number, light: Light): Box[] {
  return Array.from({ length: 9 }, (_, i) => ({
    x: i * 76 + 10,
    y,
    w: 40,
    h: 3,
    colour: shade([232, 228, 214], light),
  }));
}

function traffic(light: Light, seed: number): { far: Thing[]; middle: Thing[]; near: Thing[] } {
  const pick = picker(seed);
  const bike = (toLeft: boolean, scale: number) =>
    motorbike(light, pick(CLOTHES), pick(PAINTS), toLeft, scale);
  return {
    far: [bike(true, 0.85), car(light, pick(PAINTS), true, 0.85), bike(true, 0.85), bike(true, 0.85)],
    middle: [
      car(light, pick(PAINTS), false),
      bike(false, 1),
      bus(
        light,
        pick([
          [34, 120, 84],
          [196, 52, 48],
          [230, 150, 40],
        ] as const),
        false,
      ),
    ],
    near: [bike(false, 1.25), bike(false, 1.25), car(light, pick(PAINTS), false, 1.25)],
  };
}

export const road: SceneMaker = (light, seed) => {
  const { far, middle, near } = traffic(light, seed);
  const spread = [0.1, 0.6, 0.3, 0.8];
  const placed: Placed[] = [50, 250, 470].map((x) => ({
    picture: tree(light, [70, 134, 66]).picture,
    x,
    y: 92,
  }));
  placed.push(
    { picture: lampPost(light).picture, x: 180, y: 50 },
    { picture: lampPost(light).picture, x: 560, y: 50 },
  );
  return {
    ground: streetGround(light, 212),
    boxes: [
      ...houses(light, seed, 196),
      { x: 0, y: 210, w: WIDTH, h: 3, colour: shade([214, 206, 190], light) },
      ...dashes(258, light),
      { x: 0, y: 300, w: WIDTH, h: 2, colour: shade([232, 200, 60], light) },
    ],
    placed,
    moving: [
      ...laneMoves({ baseline: 250, pxPerS: 74, toLeft: true, things: far }, spread),
      ...laneMoves({ baseline: 296, pxPerS: 96, toLeft: false, things: middle }, spread),
      ...laneMoves({ baseline: 348, pxPerS: 122, toLeft: false, things: near }, [0.5, 0.2, 0.7]),
    ],
  };
};

/** Seconds of one signal cycle: green 14, amber 2, red 12. */
const CYCLE_S = 28;
const GREEN_S = 14;
const RED_FROM_S = 16;

const PX_PER_S = 96;
/** The belt begins this far outside the picture. */
const BELT_LEAD = 340;

/**
 * Place at time T of something that drives on green, stands on red and stands at `offset − BELT_LEAD` then.
 * Continuous, because a cycle's drive is exactly one belt.
 */
function stopAndGo(offset: number, belt: number): string {
  const driven = `min(mod(T,${CYCLE_S}),${RED_FROM_S})*${PX_PER_S}`;
  return `mod(${driven}+${offset.toFixed(1)},${belt})-${BELT_LEAD}`;
}

export const junction: SceneMaker = (light, seed) => {
  const { far, middle, near } = traffic(light, seed + 7);
  // The belt is what one green lets through, so the same queue stands before the zebra at each red.
  const belt = PX_PER_S * RED_FROM_S;
  const moves: Moving[] = [];
  for (const [lane, things] of [far, middle, near].entries()) {
    const toLeft = lane === 0;
    let front = toLeft ? WIDTH - 400 : 306;
    for (const item of things) {
      const along = stopAndGo(front - item.w + BELT_LEAD, belt);
      front -= item.w + 14;
      moves.push({
        picture: item.picture,
        x: toLeft ? `${WIDTH}-(${along})-${item.w}` : along,
        y: String(([250, 296, 348][lane] ?? 296) - item.h),
      });
    }
  }
  const lamp = (colour: Rgb) => sprite(14, 14, [{ inside: disc(7, 7, 5), colour }]);
  const signal = (colour: Rgb, y: number, when: string): Moving => ({
    picture: lamp(colour),
    x: '433',
    y: String(y),
    when,
  });
  const walkers = [walker(light, [220, 90, 110], false), walker(light, [60, 110, 190], true)];
  return {
    ground: streetGround(light, 212),
    boxes: [
      ...houses(light, seed, 196, [300, 400]),
      // The side street and its zebra crossing.
      { x: 300, y: 150, w: 100, h: 62, colour: shade([88, 88, 92], light) },
      { x: 300, y: 120, w: 100, h: 40, colour: shade([120, 150, 120], light) },
      ...Array.from({ length: 9 }, (_, i) => ({
        x: 318,
        y: 216 + i * 16,
        w: 58,
        h: 7,
        colour: shade([236, 236, 232], light),
      })),
      ...dashes(258, light).filter((dash) => dash.x + dash.w < 300 || dash.x > 396),
      { x: 438, y: 120, w: 4, h: 96, colour: shade([70, 74, 78], light) },
      { x: 431, y: 112, w: 18, h: 52, colour: [26, 28, 30] },
    ],
    placed: [
      { picture: tree(light, [76, 140, 62]).picture, x: 210, y: 92 },
      { picture: tree(light, [60, 124, 70]).picture, x: 540, y: 92 },
      { picture: lampPost(light).picture, x: 110, y: 50 },
    ],
    moving: [
      signal([232, 44, 36], 115, `gte(mod(T,${CYCLE_S}),${RED_FROM_S})`),
      signal([250, 190, 40], 131, `between(mod(T,${CYCLE_S}),${GREEN_S},${RED_FROM_S})`),
      signal([60, 210, 90], 147, `lt(mod(T,${CYCLE_S}),${GREEN_S})`),
      ...moves.slice(0, far.length),
      // People cross while the cars stand.
      ...walkers.map((item, index): Moving => {
        const step = `(mod(T,${CYCLE_S})-${RED_FROM_S})`;
        return {
          picture: item.picture,
          x: String(330 + index * 22),
          y: index === 0 ? `170+${step}*12` : `310-${step}*12`,
          when: `gte(mod(T,${CYCLE_S}),${RED_FROM_S})`,
        };
      }),
      ...moves.slice(far.length),
    ],
  };
};

export const market: SceneMaker = (light, seed) => {
  const pick = picker(seed);
  const colours: readonly (readonly [Rgb, Rgb])[] = [
    [
      [214, 52, 50],
      [246, 240, 226],
    ],
    [
      [36, 112, 176],
      [246, 236, 120],
    ],
    [
      [40, 140, 90],
      [250, 244, 230],
    ],
    [
      [236, 150, 40],
      [90, 50, 130],
    ],
    [
      [200, 60, 120],
      [250, 240, 240],
    ],
  ];
  const stalls: Placed[] = colours.map(([one, other], index) => ({
    picture: umbrella(light, one, other).picture,
    x: 14 + index * 126,
    y: 138 + (index % 2) * 10,
  }));
  const front: Placed[] = [0, 1].map((index) => ({
    picture: umbrella(light, pick(FACADES), pick(PAINTS)).picture,
    x: 90 + index * 330,
    y: 272,
  }));
  const people = (toLeft: boolean, count: number) =>
    Array.from({ length: count }, () => walker(light, pick(CLOTHES), toLeft));
  return {
    ground: streetGround(light, 226),
    boxes: [
      ...houses(light, seed + 3, 196),
      { x: 0, y: 91, w: WIDTH, h: 1, colour: shade([90, 90, 94], light) },
      ...Array.from({ length: 12 }, (_, i) => ({
        x: i * 56,
        y: 92 + (i % 2) * 4,
        w: 30,
        h: 10,
        colour: PAINTS[i % PAINTS.length] ?? [200, 0, 0],
        alpha: 0.8,
      })),
    ],
    placed: [...stalls, ...front],
    moving: [
      ...laneMoves(
        { baseline: 258, pxPerS: 17, toLeft: true, things: people(true, 5), bobPx: 1 },
        [0.2, 0.7, 0.4],
      ),
      ...laneMoves(
        { baseline: 276, pxPerS: 21, toLeft: false, things: people(false, 5), bobPx: 1 },
        [0.6, 0.1, 0.5],
      ),
      ...laneMoves(
        {
          baseline: 352,
          pxPerS: 46,
          toLeft: false,
          things: [motorbike(light, pick(CLOTHES), pick(PAINTS), false, 1.2)],
        },
        [0.3],
      ),
    ],
  };
};

/** A lamp-lit or sunny square of shapes used by other scenes: a small pavilion. */
export function pavilion(light: Light): Thing {
  const w = 120;
  const picture = sprite(w, 70, [
    { inside: rect(20, 30, 24, 70), colour: shade([150, 60, 50], light) },
    { inside: rect(96, 30, 100, 70), colour: shade([150, 60, 50], light) },
    { inside: `between(Y,8,30)*lt(abs(X-60),18+(Y-8)*1.9)`, colour: shade([176, 70, 52], light) },
    { inside: `between(Y,26,30)*lt(abs(X-60),60)`, colour: shade([136, 52, 42], light) },
  ]);
  return { picture, w, h: 70 };
}
