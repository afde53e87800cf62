import { Centre } from '../../core/api/centre.ts';
import type { ProvinceProfile } from '../../core/profile.ts';
import { type Route, route } from '../http/index.ts';

interface CentreDeps {
  profile: ProvinceProfile;
  /** Simulated devices are running. */
  demo: boolean;
  version: string;
}

export function centreOf({ profile, demo, version }: CentreDeps): Centre {
  const { nameVi, nameEn, timezone, mapCenter, mapZoom, mapFolder } = profile.province;
  const agency = profile.bodies.find((body) => body.id === profile.roles.supervisingAgency);
  return {
    code: profile.code,
    nameVi: profile.centre.nameVi,
    nameEn: profile.centre.nameEn,
    shortVi: profile.centre.shortVi,
    province: { nameVi, nameEn, mapCenter, mapZoom, timezone, hasMapLayers: mapFolder !== undefined },
    supervisingAgency: {
      id: profile.roles.supervisingAgency,
      nameVi: agency?.nameVi ?? '',
      nameEn: agency?.nameEn ?? '',
    },
    domains: profile.domains
      .filter((domain) => domain.enabled)
      .map(({ id, nameVi: vi, nameEn: en, icon }) => ({ id, nameVi: vi, nameEn: en, icon })),
    demo: demo || profile.sample,
    version,
  };
}

export function centreRoutes(deps: CentreDeps): Route[] {
  const centre = centreOf(deps);
  return [
    route({
      method: 'get',
      path: '/centre',
      summary: 'The running centre: what to show before anybody has signed in',
      tag: 'centre',
      access: 'public',
      response: Centre,
      handler: async () => centre,
    }),
  ];
}
