export { drawShapes } from './canvas.ts';
export { AlarmGlyph, CameraGlyph, DeviceGlyph, UnitGlyph } from './glyph.tsx';
export {
  alarmShapes,
  cameraShapes,
  deviceShapes,
  type Shape,
  unitShapes,
  unitTextToken,
} from './shapes.ts';
