import { useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import type { GrantDto, GrantInput } from '../../core/api/auth.ts';
import { useTexts } from '../i18n/index.ts';
import { useRoles } from '../parts/use-roles.ts';
import { api, useAreas, useConnection } from '../state/index.ts';

export function useAgencies() {
  const { nameOf } = useTexts();
  const { data } = useQuery({
    queryKey: ['agencies'],
    queryFn: () => api.agencies(),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const agencyName = useCallback(
    (id: string): string => {
      const agency = data?.find((one) => one.id === id);
      return agency ? nameOf(agency) : id;
    },
    [data, nameOf],
  );
  return { agencies: data ?? [], agencyName };
}

type Limits = Pick<GrantDto | GrantInput, 'role' | 'agencies' | 'areaIds' | 'domains' | 'maxClass'>;

/** A grant in words: its role, and whose rows, where, of which domains and up to which class it reaches. */
export function useGrantWords() {
  const { t, nameOf } = useTexts();
  const { roleName } = useRoles();
  const { agencyName } = useAgencies();
  const areas = useAreas((state) => state.byId);
  const domains = useConnection((state) => state.centre?.domains);
  return useCallback(
    ({ role, agencies, areaIds, domains: wanted, maxClass }: Limits) => {
      const whose =
        typeof agencies === 'string'
          ? t(
              agencies === 'all'
                ? 'accounts.agencies.all'
                : agencies === 'self'
                  ? 'accounts.agencies.self'
                  : 'accounts.agencies.selfDown',
            )
          : agencies.map(agencyName).join(', ');
      const domainName = (id: string) => {
        const domain = domains?.find((one) => one.id === id);
        return domain ? nameOf(domain) : id;
      };
      const where = areaIds?.map((id) => areas.get(id)?.name ?? id).join(', ') ?? t('users.everywhere');
      const what = wanted?.map(domainName).join(', ') ?? t('users.allDomains');
      return {
        role: roleName(role),
        reach: [whose, where, what, t(`accounts.class.${maxClass}`)].join(' · '),
      };
    },
    [t, nameOf, roleName, agencyName, areas, domains],
  );
}
