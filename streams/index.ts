/** The media plane: cameras from RTSP to the browser, snapshots, and the health of every camera. */
export type { MediaPlanePorts } from './assemble.ts';
export type { CameraRecord } from './cameras.ts';
export { createMediaPlane, type MediaPlane } from './media-plane.ts';
export type { Verdict } from './probe/health.ts';
export { MediaSettings } from './settings.ts';
