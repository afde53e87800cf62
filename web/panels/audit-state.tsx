import { useQuery, useQueryClient } from '@tanstack/react-query';
import { formatNumber } from '../../core/format.ts';
import { dateTime } from '../i18n/format.ts';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { ErrorNote, Skeleton } from '../parts/states.tsx';
import { useAct } from '../parts/use-act.ts';
import { api, timeOf, useMay } from '../state/index.ts';
import css from './audit-state.module.css';

/** Whether the audit trail is anchored and whole, and a button to see for oneself. */
export function AuditState() {
  const { t, language, timeZone, pick } = useTexts();
  const queries = useQueryClient();
  const mayVerify = useMay('audit.read');
  const act = useAct<'verify'>();
  const { data, error, refetch } = useQuery({
    queryKey: ['audit-status'],
    queryFn: ({ signal }) => api.auditStatus(signal),
    refetchInterval: 60_000,
  });
  if (!data)
    return error ? (
      <ErrorNote compact error={error} onRetry={() => void refetch()} />
    ) : (
      <Skeleton lines={4} />
    );
  const { anchors, verified, guard, keepMonths } = data;
  const at = (time: string) => dateTime(timeOf(time), timeZone);
  const verify = async () => {
    await act.run('verify', () => api.verifyAudit());
    await queries.invalidateQueries({ queryKey: ['audit-status'] });
  };
  return (
    <div className={css.state}>
      <dl className={css.facts}>
        <div>
          <dt>{t('audit.verified')}</dt>
          <dd>
            {verified === null && t('audit.notYet')}
            {verified?.ok &&
              t('audit.whole', { rows: formatNumber(verified.rows, 0, language), at: at(verified.at) })}
            {verified && !verified.ok && (
              <strong className={css.bad} role="alert">
                {t('audit.tampered', { at: at(verified.at) })}{' '}
                {verified.bad.map(({ chain, seq, kind }) => `${chain} ${seq} (${kind})`).join(', ')}
              </strong>
            )}
          </dd>
        </div>
        <div>
          <dt>{t('audit.anchored')}</dt>
          <dd>
            {anchors.lastAt === null ? t('audit.notYet') : at(anchors.lastAt)}
            {anchors.state !== 'ok' && anchors.message && (
              <strong className={css.bad}> {pick(anchors.message)}</strong>
            )}
          </dd>
        </div>
        <div>
          <dt>{t('audit.target')}</dt>
          <dd>{anchors.target ?? t('audit.noTarget')}</dd>
        </div>
        <div>
          <dt>{t('audit.guard')}</dt>
          <dd>{t(`audit.guard.${guard}`)}</dd>
        </div>
        <div>
          <dt>{t('audit.kept')}</dt>
          <dd>{t('audit.months', { count: keepMonths })}</dd>
        </div>
      </dl>
      {act.error !== null && <ErrorNote compact error={act.error} onRetry={act.clearError} />}
      {mayVerify && (
        <Button busy={act.busy !== null} onClick={() => void verify()}>
          {t('audit.verify')}
        </Button>
      )}
    </div>
  );
}
