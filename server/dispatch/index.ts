/** Units of the forces, and sending them to alerts. */
import type { Clock } from '../../core/clock.ts';
import type { AgencyDirectory, AreaDirectory, AuditTrail, Bus, Database } from '../../core/ports.ts';
import type { ProvinceProfile } from '../../core/profile.ts';
import type { Alerts } from '../alerts/index.ts';
import type { Route } from '../http/index.ts';
import { createDispatchService, type DispatchService } from './dispatches.ts';
import { DISPATCH_SETTINGS, type DispatchSettings } from './recommend.ts';
import { dispatchRoutes } from './routes.ts';
import { createUnitService, type TrackerDirectory, type UnitService } from './units.ts';

export type { DispatchSettings } from './recommend.ts';

export interface DispatchCapability {
  routes: Route[];
  units: UnitService;
  dispatches: DispatchService;
}

export function createDispatch(deps: {
  database: Database;
  bus: Bus;
  clock: Clock;
  audit: Pick<AuditTrail, 'record'>;
  alerts: Pick<Alerts, 'append' | 'announce' | 'lockInScope' | 'inScope'>;
  devices: TrackerDirectory;
  areas: Pick<AreaDirectory, 'nameOf'>;
  agencies: AgencyDirectory;
  profile: Pick<ProvinceProfile, 'dispatch'>;
  settings?: Partial<DispatchSettings>;
}): DispatchCapability {
  const units = createUnitService(deps);
  const dispatches = createDispatchService({ ...deps, settings: { ...DISPATCH_SETTINGS, ...deps.settings } });
  return { routes: dispatchRoutes(units, dispatches), units, dispatches };
}
