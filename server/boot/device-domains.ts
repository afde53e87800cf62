import type { ProvinceProfile } from '../../core/profile.ts';
import type { DeviceType, DeviceTypes } from '../../devices/index.ts';

type Domains = Pick<ProvinceProfile['domains'][number], 'id' | 'enabled' | 'deviceTypes'>[];
type TypeInDomain = DeviceType & { domain: string | null };

/** The device types, each with the domain that the province counts its devices to. */
export function withDomains(types: DeviceTypes, domains: Domains) {
  const all: readonly TypeInDomain[] = types.all().map((type) => ({
    ...type,
    domain: domains.find((domain) => domain.enabled && domain.deviceTypes.includes(type.id))?.id ?? null,
  }));
  const byId = new Map(all.map((type) => [type.id, type]));
  return { get: (id: string) => byId.get(id), all: () => all };
}
