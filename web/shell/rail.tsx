import { Tooltip } from '@mantine/core';
import {
  IconActivityHeartbeat,
  IconBell,
  IconBroadcast,
  IconChartBar,
  IconFileCertificate,
  IconHistory,
  IconKey,
  IconListCheck,
  IconMailExclamation,
  IconMap2,
  IconTruck,
  IconUserShare,
  IconUserShield,
  IconUsers,
  IconVideo,
} from '@tabler/icons-react';
import { useMemo } from 'react';
import type { Permission } from '../../core/permissions.ts';
import { useTexts } from '../i18n/index.ts';
import { classes } from '../parts/classes.ts';
import { countUnacknowledged, useAlerts, useSession } from '../state/index.ts';
import { type Page, pathOf } from './address.ts';
import css from './rail.module.css';
import { go, useRoute } from './router.ts';

interface Entry {
  page: Page;
  icon: typeof IconMap2;
  permission: Permission;
  foot?: true;
}

/** Only what exists and what the person may see. */
const ENTRIES: readonly Entry[] = [
  { page: 'map', icon: IconMap2, permission: 'areas.read' },
  { page: 'alarms', icon: IconBell, permission: 'alerts.read' },
  { page: 'figures', icon: IconChartBar, permission: 'alerts.read' },
  { page: 'rules', icon: IconListCheck, permission: 'rules.read' },
  { page: 'units', icon: IconTruck, permission: 'units.read' },
  { page: 'cameras', icon: IconVideo, permission: 'cameras.read' },
  { page: 'devices', icon: IconBroadcast, permission: 'devices.read' },
  { page: 'quarantine', icon: IconMailExclamation, permission: 'quarantine.read' },
  { page: 'users', icon: IconUsers, permission: 'users.read', foot: true },
  { page: 'services', icon: IconKey, permission: 'users.read', foot: true },
  { page: 'audit', icon: IconHistory, permission: 'audit.read', foot: true },
  { page: 'personal', icon: IconUserShield, permission: 'personal.read', foot: true },
  { page: 'powers', icon: IconUserShare, permission: 'delegations.lend', foot: true },
  { page: 'accounts', icon: IconFileCertificate, permission: 'users.read', foot: true },
  { page: 'system', icon: IconActivityHeartbeat, permission: 'system.read', foot: true },
];

export function Rail() {
  const { t } = useTexts();
  const page = useRoute((state) => state.page);
  const permissions = useSession((state) => state.me?.permissions);
  const entries = ENTRIES.filter((entry) => permissions?.includes(entry.permission));
  return (
    <nav className={css.rail} aria-label={t('shell.rail')}>
      {entries.map(({ page: target, icon: Icon, foot }, n) => (
        <Tooltip key={target} label={t(`page.${target}`)} position="right">
          <a
            href={pathOf(target)}
            aria-label={t(`page.${target}`)}
            aria-current={page === target ? 'page' : undefined}
            className={classes(css.entry, foot && !entries[n - 1]?.foot && css.foot)}
            onClick={(event) => {
              if (event.ctrlKey || event.metaKey || event.shiftKey) return;
              event.preventDefault();
              go(target);
            }}
          >
            <Icon size={21} stroke={1.6} aria-hidden />
            {target === 'alarms' && <Urgent />}
          </a>
        </Tooltip>
      ))}
    </nav>
  );
}

/** How many alarms that cannot wait are unacknowledged. */
function Urgent() {
  const byId = useAlerts((state) => state.byId);
  const count = useMemo(() => {
    const counts = countUnacknowledged(byId.values());
    return counts.critical + counts.major;
  }, [byId]);
  return count > 0 ? <b className={css.badge}>{count > 99 ? '99+' : count}</b> : null;
}
