import { useQuery } from '@tanstack/react-query';
import { useTexts } from '../i18n/index.ts';
import { api } from '../state/index.ts';

/** The name of a chain of the audit trail: that of its agency, or the centre's. */
export function useChainName(): (chain: string) => string {
  const { t, nameOf } = useTexts();
  const { data } = useQuery({ queryKey: ['agencies'], queryFn: () => api.agencies(), staleTime: 600_000 });
  return (chain) => {
    if (chain === 'centre') return t('audit.centre');
    const agency = data?.find(({ id }) => id === chain);
    return agency ? nameOf(agency) : chain;
  };
}
