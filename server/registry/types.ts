/** A device type as far as the registry needs it; what `devices` loads from its folder fits. */
export interface RegisteredType {
  id: string;
  vi: string;
  en: string;
  icon: string;
  domain: string | null;
  mobile: boolean;
  quantities: readonly string[] | 'any';
  expectedIntervalS: number;
}

export interface TypeCatalogue {
  get(id: string): RegisteredType | undefined;
  all(): readonly RegisteredType[];
}
