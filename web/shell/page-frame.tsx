import { type ComponentType, lazy, Suspense } from 'react';
import type { Permission } from '../../core/permissions.ts';
import { NoPermission, Skeleton } from '../parts/states.tsx';
import { useMay } from '../state/index.ts';
import type { Page } from './address.ts';
import css from './page-frame.module.css';

interface PageEntry {
  /** null = everybody who is signed in. */
  permission: Permission | null;
  view: ComponentType;
}

const PAGES: Record<Exclude<Page, 'map'>, PageEntry> = {
  alarms: {
    permission: 'alerts.read',
    view: lazy(() => import('../pages/alarms.tsx').then((m) => ({ default: m.AlarmsPage }))),
  },
  figures: {
    permission: 'alerts.read',
    view: lazy(() => import('../pages/figures.tsx').then((m) => ({ default: m.FiguresPage }))),
  },
  rules: {
    permission: 'rules.read',
    view: lazy(() => import('../pages/rules.tsx').then((m) => ({ default: m.RulesPage }))),
  },
  units: {
    permission: 'units.read',
    view: lazy(() => import('../pages/units.tsx').then((m) => ({ default: m.UnitsPage }))),
  },
  cameras: {
    permission: 'cameras.read',
    view: lazy(() => import('../pages/cameras.tsx').then((m) => ({ default: m.CamerasPage }))),
  },
  devices: {
    permission: 'devices.read',
    view: lazy(() => import('../pages/devices.tsx').then((m) => ({ default: m.DevicesPage }))),
  },
  quarantine: {
    permission: 'quarantine.read',
    view: lazy(() => import('../pages/quarantine.tsx').then((m) => ({ default: m.QuarantinePage }))),
  },
  users: {
    permission: 'users.read',
    view: lazy(() => import('../pages/users.tsx').then((m) => ({ default: m.UsersPage }))),
  },
  services: {
    permission: 'users.read',
    view: lazy(() => import('../pages/services.tsx').then((m) => ({ default: m.ServicesPage }))),
  },
  personal: {
    permission: 'personal.read',
    view: lazy(() => import('../pages/personal-data.tsx').then((m) => ({ default: m.PersonalDataPage }))),
  },
  powers: {
    permission: null,
    view: lazy(() => import('../pages/powers.tsx').then((m) => ({ default: m.PowersPage }))),
  },
  // Who asks, who decides and who only reads: all of them see accounts.
  accounts: {
    permission: 'users.read',
    view: lazy(() => import('../accounts/accounts-page.tsx').then((m) => ({ default: m.AccountsPage }))),
  },
  account: {
    permission: null,
    view: lazy(() => import('../pages/account.tsx').then((m) => ({ default: m.AccountPage }))),
  },
  audit: {
    permission: 'audit.read',
    view: lazy(() => import('../pages/audit.tsx').then((m) => ({ default: m.AuditPage }))),
  },
  activity: {
    permission: null,
    view: lazy(() => import('../pages/activity.tsx').then((m) => ({ default: m.ActivityPage }))),
  },
  system: {
    permission: 'system.read',
    view: lazy(() => import('../pages/system.tsx').then((m) => ({ default: m.SystemPage }))),
  },
};

/** A page over the map; the alarms stay where they are, at the right. */
export function PageFrame({ page }: { page: Exclude<Page, 'map'> }) {
  const { permission, view: View } = PAGES[page];
  const may = useMay(permission ?? 'centre.read');
  const allowed = permission === null || may;
  return (
    <div className={css.frame}>
      {allowed || permission === null ? (
        <Suspense fallback={<Skeleton lines={8} />}>
          <View />
        </Suspense>
      ) : (
        <NoPermission permission={permission} />
      )}
    </div>
  );
}
