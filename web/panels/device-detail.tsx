import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { Device } from '../../core/api/devices.ts';
import { formatSpan } from '../../core/format.ts';
import { isValidQuality, QUALITY } from '../../core/quality.ts';
import { DeviceGlyph } from '../glyphs/index.ts';
import { coordinates, quantityName, quantityValue } from '../i18n/format.ts';
import { useTexts } from '../i18n/index.ts';
import { Age } from '../parts/age.tsx';
import { Chart } from '../parts/chart.tsx';
import { classes } from '../parts/classes.ts';
import { Empty, ErrorNote, Missing, Skeleton } from '../parts/states.tsx';
import { type Reading, timeOf, useDevices, useLatest, useNow } from '../state/index.ts';
import { bucketFor, read, withLatest } from './alarm-evidence.tsx';
import { AlarmsOf } from './alarm-lines.tsx';
import detail from './detail.module.css';
import { DetailHead, ShowOnMap } from './detail-head.tsx';
import css from './device-detail.module.css';
import { useDeviceTypeName } from './device-types.ts';
import { readingsOf } from './readings.ts';

const HOUR_MS = 3_600_000;
const RANGES = { '6h': 6 * HOUR_MS, '24h': 24 * HOUR_MS, '7d': 168 * HOUR_MS } as const;
type Range = keyof typeof RANGES;

export function DeviceDetail({ id }: { id: string }) {
  const { t } = useTexts();
  const device = useDevices((state) => state.byId.get(id));
  const status = useDevices((state) => state.status);
  if (!device) {
    return <Missing loading={status === 'loading'} title={t('devices.gone', { id })} />;
  }
  return <Loaded device={device} />;
}

function Loaded({ device }: { device: Device }) {
  const { t, language } = useTexts();
  const entry = useLatest((state) => state.byId.get(device.id));
  const readings = useMemo(() => readingsOf(entry), [entry]);
  const [chosen, setChosen] = useState<string | null>(null);
  const quantity = chosen ?? readings[0]?.quantity ?? null;
  const type = useDeviceTypeName(device.type);
  const lastMs = Math.max(timeOf(device.lastSeenAt), entry?.timeMs ?? 0);
  return (
    <div className={detail.scroll}>
      <DetailHead
        glyph={<DeviceGlyph state={device.state} size={18} label={t(`deviceState.${device.state}`)} />}
        title={device.name}
        where={[
          type,
          device.areaName ?? t('alarms.noArea'),
          ...(device.position ? [coordinates(device.position, language)] : []),
        ].join(' · ')}
      />
      <p className={css.state}>
        {t(`deviceState.${device.state}`)}
        {lastMs > 0 && (
          <>
            {' · '}
            {t('devices.heard')} <Age ago sinceMs={lastMs} />
          </>
        )}
        {device.expectedIntervalS !== null &&
          ` · ${t('devices.expected', { span: formatSpan(device.expectedIntervalS, language) })}`}
      </p>
      <AlarmsOf subjectId={device.id} />
      {readings.length === 0 ? (
        <Empty compact title={t('devices.noValues')}>
          {t('devices.noValuesMore', { topic: `ioc/v1/${device.site}/${device.id}/up` })}
        </Empty>
      ) : (
        <ul className={css.values}>
          {readings.map((reading) => (
            <li key={reading.quantity}>
              <ValueButton
                reading={reading}
                expectedIntervalS={device.expectedIntervalS}
                chosen={reading.quantity === quantity}
                onChoose={() => setChosen(reading.quantity)}
              />
            </li>
          ))}
        </ul>
      )}
      {quantity && <History key={quantity} deviceId={device.id} quantity={quantity} />}
      <div className={detail.buttons}>
        <ShowOnMap position={device.position} />
      </div>
      <dl className={detail.facts}>
        <dt>{t('devices.id')}</dt>
        <dd>
          {device.site}/{device.id}
        </dd>
        {device.ownerAgency && (
          <>
            <dt>{t('devices.owner')}</dt>
            <dd>{device.ownerAgency}</dd>
          </>
        )}
      </dl>
    </div>
  );
}

interface ValueButtonProps {
  reading: Reading;
  expectedIntervalS: number | null;
  chosen: boolean;
  onChoose(): void;
}

function ValueButton({ reading, expectedIntervalS, chosen, onChoose }: ValueButtonProps) {
  const { t, language } = useTexts();
  const now = useNow(5000);
  // Three missed reports: the number no longer says how things are now.
  const stale = expectedIntervalS !== null && now - reading.timeMs > expectedIntervalS * 3000;
  const valid = isValidQuality(QUALITY[reading.quality]);
  return (
    <button
      type="button"
      className={classes(css.value, chosen && css.chosen, (stale || !valid) && css.stale)}
      aria-pressed={chosen}
      onClick={onChoose}
    >
      <span className={css.name}>
        <span>{quantityName(reading.quantity, language)}</span>
        <Age sinceMs={reading.timeMs} />
      </span>
      <b>{quantityValue(reading.quantity, reading.value, language)}</b>
      {reading.quality !== 'good' && <small>{t(`quality.${reading.quality}`)}</small>}
    </button>
  );
}

function History({ deviceId, quantity }: { deviceId: string; quantity: string }) {
  const { t } = useTexts();
  const [range, setRange] = useState<Range>('24h');
  const toMs = useNow(60_000);
  const fromMs = toMs - RANGES[range];
  const { data, error, refetch } = useQuery({
    queryKey: ['history', deviceId, quantity, range],
    queryFn: ({ signal }) =>
      read(
        deviceId,
        { quantity, from: new Date(Date.now() - RANGES[range]).toISOString() },
        bucketFor(RANGES[range]),
        signal,
      ),
    refetchInterval: 60_000,
    placeholderData: (previous) => previous,
  });
  const latest = useLatest((state) => state.byId.get(deviceId)?.readings[quantity]);
  const series = useMemo(() => (data ? withLatest(data, latest) : undefined), [data, latest]);
  return (
    <section className={css.history}>
      {/* biome-ignore lint/a11y/useSemanticElements: three buttons in a corner are no form */}
      <div className={css.ranges} role="group" aria-label={t('chart.range')}>
        {(Object.keys(RANGES) as Range[]).map((name) => (
          <button key={name} type="button" aria-pressed={range === name} onClick={() => setRange(name)}>
            {t(`chart.${name}`)}
          </button>
        ))}
      </div>
      {error && !series && <ErrorNote compact error={error} onRetry={() => void refetch()} />}
      {!series && !error && <Skeleton lines={1} height={128} />}
      {series?.timesMs.length === 0 && <Empty compact title={t('chart.empty')} />}
      {series && series.timesMs.length > 0 && (
        <Chart
          quantity={quantity}
          series={series}
          fromMs={fromMs}
          toMs={Math.max(toMs, series.timesMs.at(-1) ?? 0)}
          height={150}
        />
      )}
    </section>
  );
}
