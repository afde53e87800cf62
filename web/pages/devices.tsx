import { useDeferredValue, useMemo, useState } from 'react';
import { DEVICE_STATES, type Device } from '../../core/api/devices.ts';
import { fold } from '../../core/text.ts';
import { AlarmGlyph, DeviceGlyph } from '../glyphs/index.ts';
import { quantityName, quantityValue } from '../i18n/format.ts';
import { useTexts } from '../i18n/index.ts';
import { useDeviceTypes } from '../panels/device-types.ts';
import { readingsOf } from '../panels/readings.ts';
import { Age } from '../parts/age.tsx';
import { Choice, PageBody, PageHead, TextFilter } from '../parts/page.tsx';
import { Empty, ErrorNote, Partial, Skeleton } from '../parts/states.tsx';
import { type Column, Table } from '../parts/table.tsx';
import {
  reload,
  requestFocus,
  select,
  timeOf,
  useAlerts,
  useConnection,
  useDevices,
  useLatest,
  useSelection,
  worstAlarm,
} from '../state/index.ts';
import { Named, Quiet } from './page-cells.tsx';

const byText = (of: (device: Device) => string) => (a: Device, b: Device) =>
  of(a).localeCompare(of(b), 'vi', { numeric: true });

/** Everything that measures: where it is, how it is, what it said last. */
export function DevicesPage() {
  const { t, language } = useTexts();
  const { byId, status, error, skipped } = useDevices();
  // Values change four times a second; a long table may lag behind them, typing into the filter may not.
  const latest = useDeferredValue(useLatest((state) => state.byId));
  const alerts = useAlerts((state) => state.byId);
  const domains = useConnection((state) => state.centre?.domains) ?? [];
  const types = useDeviceTypes().data;
  const selected = useSelection((state) => state.selected);
  const [text, setText] = useState('');
  const [type, setType] = useState('all');
  const [state, setState] = useState<'all' | Device['state']>('all');
  const [domain, setDomain] = useState('all');

  const rows = useMemo(() => {
    const needle = fold(text);
    return [...byId.values()].filter(
      (device) =>
        (type === 'all' || device.type === type) &&
        (state === 'all' || device.state === state) &&
        (domain === 'all' || device.domain === domain) &&
        (needle === '' || fold(`${device.name} ${device.id} ${device.areaName ?? ''}`).includes(needle)),
    );
  }, [byId, text, type, state, domain]);
  const worst = useMemo(() => {
    const groups = Map.groupBy(alerts.values(), (alert) => alert.subject.id);
    return new Map([...groups].map(([id, group]) => [id, worstAlarm(group)]));
  }, [alerts]);

  const columns = useMemo<Column<Device>[]>(() => {
    const typeName = (device: Device) => types?.get(device.type)?.[language] ?? device.type;
    const alarmOf = (device: Device) => worst.get(device.id);
    return [
      {
        id: 'name',
        title: t('column.name'),
        sort: byText((device) => device.name),
        render: (device) => {
          const alarm = alarmOf(device);
          return (
            <Named
              glyph={
                alarm ? (
                  <AlarmGlyph severity={alarm.severity} state={alarm.state} size={15} label={alarm.title} />
                ) : (
                  <DeviceGlyph state={device.state} size={15} />
                )
              }
              name={device.name}
              more={device.id}
            />
          );
        },
      },
      { id: 'type', title: t('column.type'), sort: byText(typeName), render: typeName },
      {
        id: 'area',
        title: t('column.area'),
        sort: byText((device) => device.areaName ?? ''),
        render: (device) => device.areaName ?? <Quiet>–</Quiet>,
      },
      {
        id: 'state',
        title: t('column.state'),
        sort: (a, b) => DEVICE_STATES.indexOf(a.state) - DEVICE_STATES.indexOf(b.state),
        render: (device) => t(`deviceState.${device.state}`),
      },
      {
        id: 'value',
        title: t('devices.column.value'),
        align: 'right',
        render: (device) => {
          const [first] = readingsOf(latest.get(device.id));
          if (!first) return <Quiet>–</Quiet>;
          return (
            <>
              <Quiet>{quantityName(first.quantity, language)}</Quiet>{' '}
              {quantityValue(first.quantity, first.value, language)}
            </>
          );
        },
      },
      {
        id: 'seen',
        title: t('devices.lastSeen'),
        align: 'right',
        width: '96px',
        sort: (a, b) => seenMs(b) - seenMs(a),
        render: (device) => (seenMs(device) > 0 ? <Age sinceMs={seenMs(device)} /> : <Quiet>–</Quiet>),
      },
    ];
    function seenMs(device: Device): number {
      return Math.max(timeOf(device.lastSeenAt), latest.get(device.id)?.timeMs ?? 0);
    }
  }, [t, language, types, latest, worst]);

  return (
    <>
      <PageHead title={t('page.devices')} count={t('filter.shown', { shown: rows.length, all: byId.size })}>
        <TextFilter label={t('filter.text')} value={text} onChange={setText} />
        <Choice
          label={t('column.type')}
          value={type}
          onChange={setType}
          options={[
            { value: 'all', label: t('filter.all') },
            ...[...(types?.values() ?? [])].map((one) => ({ value: one.id, label: one[language] })),
          ]}
        />
        <Choice
          label={t('column.state')}
          value={state}
          onChange={setState}
          options={[
            { value: 'all', label: t('filter.all') },
            ...DEVICE_STATES.map((value) => ({ value, label: t(`deviceState.${value}`) })),
          ]}
        />
        <Choice
          label={t('filter.domain')}
          value={domain}
          onChange={setDomain}
          options={[
            { value: 'all', label: t('filter.all') },
            ...domains.map((one) => ({ value: one.id, label: language === 'vi' ? one.nameVi : one.nameEn })),
          ]}
        />
      </PageHead>
      {skipped > 0 && <Partial>{t('state.skipped', { count: skipped })}</Partial>}
      <PageBody>
        {status === 'loading' && <Skeleton lines={10} />}
        {status === 'error' && <ErrorNote error={error} onRetry={reload} />}
        {status === 'ready' && byId.size === 0 && (
          <Empty title={t('devices.none')}>
            {t('devices.noneMore')} <code>npx haidang device add</code>
          </Empty>
        )}
        {byId.size > 0 && rows.length === 0 && <Empty title={t('filter.nothing')} />}
        {rows.length > 0 && (
          <Table
            label={t('page.devices')}
            rows={rows}
            columns={columns}
            sortedBy="name"
            keyOf={(device) => device.id}
            isSelected={(device) => selected?.kind === 'device' && selected.id === device.id}
            onOpen={(device) => {
              select({ kind: 'device', id: device.id });
              requestFocus({ position: device.position, mode: 'reveal' });
            }}
          />
        )}
      </PageBody>
    </>
  );
}
