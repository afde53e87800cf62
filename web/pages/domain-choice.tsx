import { useTexts } from '../i18n/index.ts';
import { FilterChoice } from '../parts/page.tsx';
import { useConnection } from '../state/index.ts';

/** Narrows a list to one of the centre's domains. */
export function DomainChoice({ value, onChange }: { value: string; onChange(value: string): void }) {
  const { t, nameOf } = useTexts();
  const domains = useConnection((state) => state.centre?.domains) ?? [];
  return (
    <FilterChoice<string>
      label={t('filter.domain')}
      value={value}
      onChange={onChange}
      options={domains.map((domain) => ({ value: domain.id, label: nameOf(domain) }))}
    />
  );
}
