export {
  compareAlarms,
  countUnacknowledged,
  lastChangeMs,
  needsAcknowledgement,
  worstAlarm,
} from './alarm-order.ts';
export type { Api, Loaded } from './api.ts';
export { ARRIVAL_MS, useArrivals } from './arrivals.ts';
export { serverNow, useConnection } from './connection.ts';
export type { EntityState, EntityStore, LoadStatus } from './entities.ts';
export { ApiError, isApiError } from './http.ts';
export { useNow } from './now.ts';
export { api, loadCentre, login, logout, queryClient, reload, restore, retryNow, start } from './runtime.ts';
export {
  type FocusRequest,
  hover,
  isSame,
  requestFocus,
  type Selected,
  select,
  useSelection,
} from './selection.ts';
export { may, useMay, useSession } from './session.ts';
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
  SIDE_WIDTH,
  setLayer,
  type Theme,
  toggleDomain,
  useUi,
} from './ui.ts';
