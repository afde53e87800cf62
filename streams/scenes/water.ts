import {
  type Box,
  GRAIN,
  HEIGHT,
  type Light,
  type Moving,
  type Rgb,
  type Scene,
  shade,
  skyOver,
  sprite,
  WIDTH,
} from './draw.ts';
import { pavilion, picker, type SceneMaker } from './street.ts';
import { boat, laneMoves, palm, tree } from './things.ts';

const HULLS: readonly Rgb[] = [
  [40, 96, 140],
  [150, 54, 44],
  [52, 116, 84],
  [120, 84, 52],
];

/** Water that gets darker towards the viewer, with short horizontal glints. */
function waterGround(light: Light, horizon: number, bank: number, near: Rgb, far: Rgb): Scene['ground'] {
  return skyOver(light, horizon, (i) => {
    const top = far[i] * light.tint[i];
    const low = near[i] * light.tint[i];
    const green = ([96, 138, 82][i] ?? 0) * light.tint[i];
    const glint = `${(26 * light.tint[i]).toFixed(1)}*gt(sin(X/(9+Y/40)+sin(Y*1.7)*9),0.93)*gt(sin(Y*2.1),0.2)`;
    return `if(lt(Y,${bank}),${green.toFixed(1)}+16*${GRAIN},${top.toFixed(1)}+(Y-${bank})*${((low - top) / (HEIGHT - bank)).toFixed(4)}+${glint})`;
  });
}

/** Bands of ripples that drift: what tells the eye that water flows. */
function ripples(light: Light, from: number, towards: 1 | -1): Moving[] {
  const white = shade([226, 240, 246], light);
  return [0, 1, 2, 3].map((band) => {
    const y = from + 22 + band * 36;
    const w = WIDTH + 160;
    const picture = sprite(w, 12, [
      {
        inside: `gt(sin(X*6.2832/80+${band})+0.6*sin(X*6.2832/40),1.25)*lt(abs(Y-6),1.6)`,
        colour: white,
        alpha: 0.5,
      },
      { inside: `gt(sin(X*6.2832/160+${band * 2}),0.9)*lt(abs(Y-2),1.2)`, colour: white, alpha: 0.35 },
    ]);
    const drift = `mod(T*${10 + band * 7},160)`;
    return { picture, x: towards === 1 ? `${drift}-160` : `-(${drift})`, y: `${y}+1.6*sin(T*0.9+${band})` };
  });
}

/** A gauge board in the water, black and white every ten centimetres, red every half metre. */
function gaugeBoard(x: number, y: number, light: Light): Box[] {
  const boxes: Box[] = [{ x, y, w: 16, h: 120, colour: shade([244, 244, 240], light) }];
  for (let i = 0; i < 12; i++)
    boxes.push({
      x: x + (i % 2) * 8,
      y: y + i * 10,
      w: 8,
      h: 10,
      colour: i % 5 === 0 ? [206, 40, 36] : shade([30, 30, 34], light),
    });
  return boxes;
}

export const river: SceneMaker = (light, seed) => {
  const pick = picker(seed);
  return {
    ground: waterGround(light, 118, 138, [72, 92, 78], [150, 158, 130]),
    boxes: [
      { x: 0, y: 134, w: WIDTH, h: 6, colour: shade([116, 96, 70], light) },
      ...[60, 200, 420].flatMap((x): Box[] => [
        {
          x,
          y: 106,
          w: 44,
          h: 30,
          colour: shade(
            pick([
              [206, 184, 150],
              [170, 190, 196],
              [214, 164, 140],
            ]),
            light,
          ),
        },
        { x: x - 3, y: 98, w: 50, h: 9, colour: shade([148, 82, 60], light) },
        {
          x: x + 8,
          y: 114,
          w: 10,
          h: 12,
          colour: light.lampsOn ? [250, 210, 120] : shade([70, 84, 96], light),
        },
        { x: x + 4, y: 134, w: 3, h: 18, colour: shade([90, 72, 54], light) },
        { x: x + 36, y: 134, w: 3, h: 18, colour: shade([90, 72, 54], light) },
      ]),
      ...gaugeBoard(588, 196, light),
    ],
    placed: [
      { picture: palm(light).picture, x: 4, y: 22 },
      { picture: palm(light).picture, x: 136, y: 28 },
      { picture: tree(light, [58, 120, 66]).picture, x: 282, y: 34 },
      { picture: palm(light).picture, x: 352, y: 24 },
      { picture: tree(light, [72, 130, 60]).picture, x: 500, y: 36 },
      { picture: palm(light).picture, x: 560, y: 26 },
    ],
    moving: [
      ...ripples(light, 140, 1),
      ...laneMoves(
        { baseline: 206, pxPerS: 19, toLeft: true, things: [boat(light, pick(HULLS), true, 0.7)], bobPx: 1 },
        [0.4],
      ),
      ...laneMoves(
        {
          baseline: 272,
          pxPerS: 31,
          toLeft: false,
          things: [boat(light, pick(HULLS), false), boat(light, pick(HULLS), false, 0.9)],
          bobPx: 1.6,
        },
        [0.1, 0.4],
      ),
      ...laneMoves(
        { baseline: 344, pxPerS: 26, toLeft: true, things: [boat(light, pick(HULLS), true, 1.35)], bobPx: 2 },
        [0.2],
      ),
    ],
  };
};

export const coast: SceneMaker = (light, seed) => {
  const pick = picker(seed);
  const foam = shade([244, 250, 252], light);
  const wave = (y: number, phase: number): Moving => ({
    picture: sprite(WIDTH + 80, 16, [
      { inside: 'lt(abs(Y-7-3*sin(X*6.2832/80)),2.2)', colour: foam, alpha: 0.85 },
      { inside: 'lt(abs(Y-11-2*sin(X*6.2832/40)),1)', colour: foam, alpha: 0.5 },
    ]),
    x: `-mod(T*12+${phase * 30},80)`,
    y: `${y}+9*sin(T*0.7+${phase})`,
  });
  return {
    ground: skyOver(light, 150, (i) => {
      const sea = ([40, 122, 150][i] ?? 0) * light.tint[i];
      const shallow = ([112, 190, 186][i] ?? 0) * light.tint[i];
      const sand = ([226, 204, 156][i] ?? 0) * light.tint[i];
      const edge = '(292+8*sin(X/70))';
      return `if(lt(Y,${edge}),${sea.toFixed(1)}+(Y-150)*${((shallow - sea) / 142).toFixed(4)},${sand.toFixed(1)}+12*${GRAIN}*${light.tint[i]})`;
    }),
    boxes: [
      { x: 0, y: 149, w: WIDTH, h: 2, colour: shade([186, 214, 224], light), alpha: 0.6 },
      { x: 440, y: 132, w: 150, h: 18, colour: shade([86, 118, 110], light) },
      { x: 470, y: 122, w: 80, h: 12, colour: shade([86, 118, 110], light) },
      // The lighthouse on its island.
      { x: 506, y: 78, w: 12, h: 46, colour: shade([240, 240, 236], light) },
      { x: 506, y: 90, w: 12, h: 8, colour: shade([206, 50, 44], light) },
      { x: 506, y: 106, w: 12, h: 8, colour: shade([206, 50, 44], light) },
      { x: 504, y: 70, w: 16, h: 9, colour: light.lampsOn ? [255, 236, 150] : shade([70, 80, 88], light) },
    ],
    placed: [
      { picture: palm(light).picture, x: 8, y: 196 },
      { picture: palm(light).picture, x: 70, y: 214 },
      { picture: pavilion(light).picture, x: 480, y: 286 },
    ],
    moving: [
      ...laneMoves(
        {
          baseline: 178,
          pxPerS: 9,
          toLeft: true,
          things: [boat(light, pick(HULLS), true, 0.5), boat(light, pick(HULLS), true, 0.45)],
          bobPx: 1,
        },
        [0.3, 0.8],
      ),
      ...laneMoves(
        {
          baseline: 236,
          pxPerS: 16,
          toLeft: false,
          things: [boat(light, pick(HULLS), false, 0.95)],
          bobPx: 2,
        },
        [0.5],
      ),
      wave(248, 0),
      wave(268, 2),
      wave(284, 4),
    ],
  };
};

export const bridge: SceneMaker = (light, seed) => {
  const scene = river(light, seed + 11);
  const deck = shade([176, 178, 182], light);
  return {
    ...scene,
    boxes: [
      ...scene.boxes.filter((box) => box.y > 130),
      { x: 0, y: 150, w: WIDTH, h: 14, colour: deck },
      { x: 0, y: 164, w: WIDTH, h: 4, colour: shade([120, 122, 126], light) },
      ...[80, 250, 420, 590].map(
        (x): Box => ({ x, y: 166, w: 22, h: 74, colour: shade([150, 152, 156], light) }),
      ),
      ...Array.from({ length: 32 }, (_, i): Box => ({ x: i * 20, y: 138, w: 2, h: 12, colour: deck })),
      { x: 0, y: 136, w: WIDTH, h: 2, colour: deck },
    ],
    placed: scene.placed.slice(2, 4),
    moving: [...bridgeTraffic(light, seed), ...scene.moving],
  };
};

function bridgeTraffic(light: Light, seed: number): Moving[] {
  const pick = picker(seed);
  const dot = (colour: Rgb, w: number) =>
    sprite(w, 12, [
      { inside: `between(Y,2,9)*between(X,0,${w - 1})`, colour: shade(colour, light) },
      {
        inside: `between(Y,3,6)*between(X,${w - 8},${w - 3})`,
        colour: light.lampsOn ? [255, 236, 170] : [70, 92, 110],
      },
    ]);
  const things = [26, 12, 12, 40, 26, 12].map((w) => ({
    picture: dot(
      pick([
        [200, 48, 46],
        [236, 236, 238],
        [50, 80, 150],
        [220, 170, 50],
      ]),
      w,
    ),
    w,
    h: 12,
  }));
  return laneMoves({ baseline: 151, pxPerS: 44, toLeft: false, things }, [0.2, 0.7, 0.4, 0.9, 0.1]);
}
