/** The media plane: cameras from RTSP to the browser, snapshots, and the health of every camera. */
export type { MediaPlanePorts } from './assemble.ts';
export type { CameraDirectory, CameraRecord, CameraSecrets } from './cameras.ts';
export { FAILURE_CODES, type FailureCode } from './failure.ts';
export {
  createMediaPlane,
  type MediaPlane,
  type MediaStatus,
  type PlayGrant,
} from './media-plane.ts';
export type { Verdict } from './probe/health.ts';
export { SCENE_NAMES } from './scenes/scenes.ts';
export { MediaSettings } from './settings.ts';
export {
  type Snapshot,
  type SnapshotRequest,
  type SnapshotWidth,
  WIDTHS as SNAPSHOT_WIDTHS,
} from './snapshots/snapshots.ts';
export { CLOSE as VIEWER_CLOSE_CODES } from './viewer/viewers.ts';
