import { composeGraph, lightAt } from './draw.ts';
import { junction, market, road, type SceneMaker } from './street.ts';
import { captions, clockText } from './text.ts';
import { bridge, coast, river } from './water.ts';

const SCENES: Readonly<Record<string, SceneMaker>> = { road, junction, market, river, bridge, coast };
export const SCENE_NAMES = Object.keys(SCENES);

export interface SceneRequest {
  scene: string;
  /** Burned into the picture; also what makes two cameras of one scene look different. */
  name: string;
  startMs: number;
  utcOffsetMin: number;
  /** Undefined = this FFmpeg cannot draw text. */
  fontFile: string | undefined;
}

/** Scene time wraps after a day, which keeps the numbers small enough for exact arithmetic. */
const DAY_S = 86_400;

/** The filter graph of a scene at a moment; the same request gives the same graph. Unknown scenes are roads. */
export function sceneGraph(request: SceneRequest): string {
  const localS = request.startMs / 1000 + request.utcOffsetMin * 60;
  const secondOfDay = ((localS % DAY_S) + DAY_S) % DAY_S;
  const make = SCENES[request.scene] ?? road;
  const scene = make(lightAt(secondOfDay / 3600), seedOf(request.name));
  const { fontFile } = request;
  return composeGraph(
    scene,
    secondOfDay,
    fontFile === undefined ? '' : captions(request.name, fontFile),
    fontFile === undefined ? '' : clockText(localS, fontFile),
  );
}

/** FNV-1a: any small stable hash would do. */
function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
