export { drawShapes, shapesToSvg } from './canvas.ts';
export { AlarmGlyph, CameraGlyph, DeviceGlyph, Glyph, UnitGlyph } from './glyph.tsx';
export {
  type AlarmDrawing,
  alarmShapes,
  cameraShapes,
  deviceShapes,
  type Shape,
  unitShapes,
  unitTextToken,
} from './shapes.ts';
