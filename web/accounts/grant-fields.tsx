import { useMemo } from 'react';
import type { AgencyScope, GrantInput } from '../../core/api/auth.ts';
import { CLASSES, type DataClass } from '../../core/permissions.ts';
import { compareNames } from '../../core/text.ts';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { Choice } from '../parts/page.tsx';
import { useRoles } from '../parts/use-roles.ts';
import { useAreas, useConnection } from '../state/index.ts';
import css from './accounts.module.css';
import { useAgencies } from './use-limits.ts';

export const NEW_GRANT: GrantInput = {
  role: 'operator',
  agencies: 'all',
  areaIds: null,
  domains: null,
  maxClass: 'internal',
};

interface Props {
  grants: readonly GrantInput[];
  onChange(grants: GrantInput[]): void;
}

/** The grants of a request, one line of choices each; at least one stays. */
export function GrantFields({ grants, onChange }: Props) {
  const { t } = useTexts();
  const replace = (at: number, grant: GrantInput) =>
    onChange(grants.map((one, n) => (n === at ? grant : one)));
  return (
    <fieldset className={css.grants}>
      <legend>{t('accounts.grants')}</legend>
      {grants.map((grant, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines have no identity but their place
        <div className={css.grant} key={n}>
          <GrantLine grant={grant} onChange={(next) => replace(n, next)} />
          {grants.length > 1 && (
            <Button look="link" onClick={() => onChange(grants.filter((_, at) => at !== n))}>
              {t('accounts.removeGrant')}
            </Button>
          )}
        </div>
      ))}
      <Button look="link" onClick={() => onChange([...grants, NEW_GRANT])}>
        {t('accounts.addGrant')}
      </Button>
    </fieldset>
  );
}

const WORDS = ['all', 'self', 'self+subordinate'] as const;
const ALL = '*';

function GrantLine({ grant, onChange }: { grant: GrantInput; onChange(grant: GrantInput): void }) {
  const { t, language, nameOf } = useTexts();
  const { roles, roleName } = useRoles();
  const { agencies, agencyName } = useAgencies();
  const areas = useAreas((state) => state.byId);
  const domains = useConnection((state) => state.centre?.domains);
  const places = useMemo(
    () => [...areas.values()].sort((a, b) => b.level.localeCompare(a.level) || compareNames(a.name, b.name)),
    [areas],
  );
  const whose = typeof grant.agencies === 'string' ? grant.agencies : (grant.agencies[0] ?? 'all');
  const scopeOf = (value: string): AgencyScope => WORDS.find((word) => word === value) ?? [value];
  return (
    <>
      <Choice
        label={t('users.role')}
        value={grant.role}
        onChange={(role) => onChange({ ...grant, role })}
        options={roles.map(({ id }) => ({ value: id, label: roleName(id) }))}
      />
      <Choice
        label={t('accounts.agencies')}
        value={whose}
        onChange={(value) => onChange({ ...grant, agencies: scopeOf(value) })}
        options={[
          { value: 'all', label: t('accounts.agencies.all') },
          { value: 'self', label: t('accounts.agencies.self') },
          { value: 'self+subordinate', label: t('accounts.agencies.selfDown') },
          ...agencies.filter(({ active }) => active).map(({ id }) => ({ value: id, label: agencyName(id) })),
        ]}
      />
      <Choice
        label={t('column.area')}
        value={grant.areaIds?.[0] ?? ALL}
        onChange={(value) => onChange({ ...grant, areaIds: value === ALL ? null : [value] })}
        options={[
          { value: ALL, label: t('users.everywhere') },
          ...places.map((one) => ({
            value: one.id,
            label: language === 'vi' ? one.fullName : one.fullNameEn,
          })),
        ]}
      />
      <Choice
        label={t('accounts.domain')}
        value={grant.domains?.[0] ?? ALL}
        onChange={(value) => onChange({ ...grant, domains: value === ALL ? null : [value] })}
        options={[
          { value: ALL, label: t('users.allDomains') },
          ...(domains ?? []).map((one) => ({ value: one.id, label: nameOf(one) })),
        ]}
      />
      <Choice<DataClass>
        label={t('accounts.class')}
        value={grant.maxClass}
        onChange={(maxClass) => onChange({ ...grant, maxClass })}
        options={CLASSES.map((one) => ({ value: one, label: t(`accounts.class.${one}`) }))}
      />
      <label className={css.until}>
        <span>{t('accounts.validTo')}</span>
        <input
          type="date"
          value={grant.validTo?.slice(0, 10) ?? ''}
          onChange={(event) => {
            const { validTo: _before, ...rest } = grant;
            const day = event.currentTarget.value;
            // Through the end of the day, by the clock of whoever fills it in.
            onChange(day === '' ? rest : { ...rest, validTo: new Date(`${day}T23:59:59`).toISOString() });
          }}
        />
      </label>
    </>
  );
}
