import { useQuery } from '@tanstack/react-query';
import { useTexts } from '../i18n/index.ts';
import { api, useMay } from '../state/index.ts';

/** Device types by id; they change only with a new release, so they are asked for once. */
export function useDeviceTypes() {
  const allowed = useMay('devices.read');
  return useQuery({
    queryKey: ['device-types'],
    queryFn: async () => new Map((await api.deviceTypes()).rows.map((type) => [type.id, type])),
    enabled: allowed,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function useDeviceTypeName(id: string): string {
  const { language } = useTexts();
  return useDeviceTypes().data?.get(id)?.[language] ?? id;
}
