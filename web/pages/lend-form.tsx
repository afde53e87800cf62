import { Modal, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Me } from '../../core/api/auth.ts';
import { type Delegation, DelegationCreate } from '../../core/api/delegations.ts';
import { isLendable, type LoanKind, type Permission } from '../../core/permissions.ts';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { Choice } from '../parts/page.tsx';
import { ErrorLine } from '../parts/states.tsx';
import { useAct } from '../parts/use-act.ts';
import { useRoles } from '../parts/use-roles.ts';
import { api, serverNow, useAreas } from '../state/index.ts';
import css from './lend-form.module.css';

const HOURS = ['1', '2', '4', '8', '24', '48', '72'] as const;
const DAYS = ['1', '3', '7', '14', '30', '90'] as const;
const HOUR_MS = 3600_000;

/** Lends part of one of the own grants: to whom, which permissions, for how long, why. */
export function LendForm({
  me,
  onClose,
  onLent,
}: {
  me: Me;
  onClose(): void;
  onLent(loan: Delegation): void;
}) {
  const { t } = useTexts();
  const { roles, roleName } = useRoles();
  const areas = useAreas((state) => state.byId);
  const held = (role: string) => roles.find(({ id }) => id === role)?.permissions ?? [];
  const lendable = me.grants.filter(({ role }) =>
    held(role).some((permission) => permission === 'delegations.lend' || permission === 'breakglass.open'),
  );
  const [grantId, setGrantId] = useState<number | null>(null);
  const grant = lendable.find(({ id }) => id === grantId) ?? lendable[0];
  const mine = grant ? held(grant.role) : [];
  const kinds: LoanKind[] = [
    ...(mine.includes('delegations.lend') ? (['delegation', 'mutual_aid'] as const) : []),
    ...(mine.includes('approvals.decide') ? (['acting'] as const) : []),
    ...(mine.includes('breakglass.open') ? (['break_glass'] as const) : []),
  ];
  const [chosenKind, setKind] = useState<LoanKind>('delegation');
  const kind = kinds.includes(chosenKind) ? chosenKind : (kinds[0] ?? 'delegation');
  const byHours = kind === 'break_glass' || kind === 'mutual_aid';
  const [to, setTo] = useState('');
  const [hours, setHours] = useState<(typeof HOURS)[number]>('8');
  const [days, setDays] = useState<(typeof DAYS)[number]>('7');
  const [reason, setReason] = useState('');
  const [without, setWithout] = useState<ReadonlySet<Permission>>(new Set());
  const act = useAct<'lend'>();
  const { data: people } = useQuery({ queryKey: ['colleagues'], queryFn: () => api.colleagues('') });
  const may = mine.filter((permission) => isLendable(permission, kind));
  const chosen = may.filter((permission) => !without.has(permission));
  const validTo = new Date(
    serverNow() + (byHours ? Number(hours) : Number(days) * 24) * HOUR_MS - 60_000,
  ).toISOString();
  const body = {
    kind,
    grantId: grant?.id ?? 0,
    to: to.trim(),
    ...(kind === 'acting' || chosen.length === may.length ? {} : { permissions: chosen }),
    validTo,
    reason: reason.trim(),
  };
  const valid = chosen.length > 0 && DelegationCreate.safeParse(body).success;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    await act.run('lend', async () => onLent(await api.lend(body)));
  };
  const toggle = (permission: Permission, on: boolean) =>
    setWithout((before) => {
      const next = new Set(before);
      if (on) next.delete(permission);
      else next.add(permission);
      return next;
    });
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('powers.lend')}
      size={560}
      closeButtonProps={{ 'aria-label': t('act.close') }}
    >
      <form className={css.form} onSubmit={(event) => void submit(event)}>
        <Choice
          label={t('powers.grant')}
          value={String(grant?.id ?? '')}
          onChange={(id) => setGrantId(Number(id))}
          options={lendable.map((one) => ({
            value: String(one.id),
            label: `${roleName(one.role)} · ${one.areaIds?.map((id) => areas.get(id)?.name ?? id).join(', ') ?? t('users.everywhere')}`,
          }))}
        />
        <Choice
          label={t('powers.kind')}
          value={kind}
          onChange={setKind}
          options={kinds.map((one) => ({ value: one, label: t(`powers.kind.${one}`) }))}
        />
        <TextInput
          label={t('powers.to')}
          autoComplete="off"
          data-autofocus
          list="colleagues"
          value={to}
          onChange={(event) => setTo(event.currentTarget.value)}
        />
        <datalist id="colleagues">
          {people?.map((one) => (
            <option key={one.username} value={one.username}>
              {one.displayName}
            </option>
          ))}
        </datalist>
        {byHours ? (
          <Choice
            label={t('powers.hours')}
            value={hours}
            onChange={setHours}
            options={HOURS.map((one) => ({ value: one, label: one }))}
          />
        ) : (
          <Choice
            label={t('powers.days')}
            value={days}
            onChange={setDays}
            options={DAYS.map((one) => ({ value: one, label: one }))}
          />
        )}
        <TextInput
          label={t('powers.reason')}
          autoComplete="off"
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {kind !== 'acting' && (
          <fieldset className={css.permissions}>
            <legend>{t('powers.permissions')}</legend>
            {may.map((permission) => (
              <label key={permission}>
                <input
                  type="checkbox"
                  checked={!without.has(permission)}
                  onChange={(event) => toggle(permission, event.currentTarget.checked)}
                />
                {permission}
              </label>
            ))}
          </fieldset>
        )}
        <ErrorLine error={act.error} />
        <Button look="primary" type="submit" busy={act.busy !== null} disabled={!valid}>
          {t('powers.submit')}
        </Button>
      </form>
    </Modal>
  );
}
