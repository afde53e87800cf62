import { useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import { useTexts } from '../i18n/index.ts';
import { api } from '../state/index.ts';

/** The roles of the centre and what they are called; they are data and change only with a restart. */
export function useRoles() {
  const { nameOf } = useTexts();
  const { data } = useQuery({
    queryKey: ['roles'],
    queryFn: () => api.roles(),
    staleTime: Number.POSITIVE_INFINITY,
  });
  /** Its id as long as the names are not there. */
  const roleName = useCallback(
    (id: string): string => {
      const role = data?.find((one) => one.id === id);
      return role ? nameOf(role) : id;
    },
    [data, nameOf],
  );
  return { roles: data ?? [], roleName };
}
