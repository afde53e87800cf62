export { useConnection } from '../../state/connection.ts';
export {
  readingsFromLive,
  useAlerts,
  useCameras,
  useDevices,
  useLatest,
  useUnits,
} from '../../state/stores.ts';
