export {
  compareAlarms,
  countUnacknowledged,
  lastChangeMs,
  needsAcknowledgement,
  worstAlarm,
} from './alarm-order.ts';
export { useArrivals } from './arrivals.ts';
export { serverNow, useConnection } from './connection.ts';
export type { EntityStore } from './entities.ts';
export { ApiError, isApiError } from './http.ts';
export { useNow } from './now.ts';
export { answerPasskey, isDeclined, makePasskey } from './passkeys.ts';
export {
  api,
  loadCentre,
  lockConsole,
  login,
  logout,
  lookAgain,
  queryClient,
  reload,
  retryNow,
  secondFactor,
  signInWithPasskey,
  start,
} from './runtime.ts';
export {
  hover,
  isSame,
  type Place,
  requestFocus,
  reveal,
  type Selected,
  select,
  useSelectedId,
  useSelection,
} from './selection.ts';
export { useMay, useSession } from './session.ts';
export { useStepUp } from './step-up.ts';
export {
  type DeviceReadings,
  type Reading,
  timeOf,
  useAlerts,
  useAreas,
  useCameras,
  useDevices,
  useDispatches,
  useLatest,
  useUnits,
} from './stores.ts';
export {
  isDomainShown,
  isLayerOn,
  type Language,
  setLayer,
  toggleDomain,
  useUi,
} from './ui.ts';
