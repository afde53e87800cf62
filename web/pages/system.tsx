import { useQuery } from '@tanstack/react-query';
import { formatNumber } from '../../core/format.ts';
import { dateTime } from '../i18n/format.ts';
import { type TextKey, useTexts } from '../i18n/index.ts';
import { AuditState } from '../panels/audit-state.tsx';
import { HealthList } from '../panels/health-list.tsx';
import { Age } from '../parts/age.tsx';
import { PageBody, PageHead } from '../parts/page.tsx';
import { ErrorNote, Skeleton } from '../parts/states.tsx';
import { api, timeOf, useConnection } from '../state/index.ts';
import css from './system.module.css';

/** How the platform itself is: what it takes in, how fast, and every part that reports on itself. */
export function SystemPage() {
  const { t, language, timeZone } = useTexts();
  const live = useConnection((state) => state.system);
  const version = useConnection((state) => state.centre?.version);
  const { data, error, refetch } = useQuery({
    queryKey: ['system'],
    queryFn: async () => {
      const system = await api.system();
      useConnection.setState({ system });
      return system;
    },
    refetchInterval: 10_000,
  });
  const system = live ?? data;
  const number = (value: number, decimals = 0) => formatNumber(value, decimals, language);
  const delay = (ms: number | null) => (ms === null ? '–' : `${number(ms)} ms`);
  const facts: readonly (readonly [TextKey, string])[] = system
    ? [
        ['system.devices', `${number(system.devices.online)} / ${number(system.devices.total)}`],
        ['system.cameras', `${number(system.cameras.online)} / ${number(system.cameras.total)}`],
        ['system.rate', t('pulse.perSecond', { rate: number(system.ingest.ratePerS, 1) })],
        ['system.delay50', delay(system.ingest.delayP50Ms)],
        ['system.delay99', delay(system.ingest.delayP99Ms)],
        ['system.received', number(system.ingest.receivedTotal)],
        ['system.stored', number(system.ingest.storedTotal)],
        ['system.duplicates', number(system.ingest.duplicateTotal)],
        ['system.quarantined', number(system.ingest.quarantinedTotal)],
      ]
    : [];
  return (
    <>
      <PageHead title={t('page.system')} count={version && `Hải Đăng ${version}`}>
        {system && (
          <span>
            {t('system.started')} {dateTime(timeOf(system.startedAt), timeZone)} (
            <Age sinceMs={timeOf(system.startedAt)} />)
          </span>
        )}
      </PageHead>
      <PageBody>
        {!system && !error && <Skeleton lines={8} />}
        {!system && error && <ErrorNote error={error} onRetry={() => void refetch()} />}
        {system && (
          <div className={css.page}>
            <dl className={css.facts}>
              {facts.map(([label, value]) => (
                <div key={label}>
                  <dt>{t(label)}</dt>
                  <dd>{value}</dd>
                </div>
              ))}
            </dl>
            <section>
              <h2>{t('system.health')}</h2>
              <HealthList items={system.health} />
            </section>
            <section>
              <h2>{t('page.audit')}</h2>
              <AuditState />
            </section>
          </div>
        )}
      </PageBody>
    </>
  );
}
