import {
  IconActivity,
  IconBuilding,
  IconCar,
  IconCategory,
  IconDroplet,
  IconFlame,
  IconHeartbeat,
  IconLeaf,
  IconNetwork,
  IconPlane,
  IconSchool,
  IconShield,
  IconTrendingUp,
  IconUsers,
} from '@tabler/icons-react';

/** Names that a profile may give to a domain's icon (Tabler's own names). */
const ICONS: Readonly<Record<string, typeof IconCar>> = {
  activity: IconActivity,
  building: IconBuilding,
  car: IconCar,
  droplet: IconDroplet,
  flame: IconFlame,
  heartbeat: IconHeartbeat,
  leaf: IconLeaf,
  network: IconNetwork,
  plane: IconPlane,
  school: IconSchool,
  shield: IconShield,
  'trending-up': IconTrendingUp,
  users: IconUsers,
};

export function domainIcon(name: string): typeof IconCar {
  return ICONS[name] ?? IconCategory;
}
