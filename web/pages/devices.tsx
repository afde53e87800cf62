import { useDeferredValue, useMemo, useState } from 'react';
import { DEVICE_STATES, type Device } from '../../core/api/devices.ts';
import { CLASSES } from '../../core/permissions.ts';
import { compareNames, textFilter } from '../../core/text.ts';
import { AlarmGlyph, DeviceGlyph } from '../glyphs/index.ts';
import { quantityName, quantityValue } from '../i18n/format.ts';
import { useTexts } from '../i18n/index.ts';
import { useDeviceTypes } from '../panels/device-types.ts';
import { readingsOf } from '../panels/readings.ts';
import { Age } from '../parts/age.tsx';
import { FilterChoice, TextFilter } from '../parts/page.tsx';
import { Empty } from '../parts/states.tsx';
import { type Column, Table } from '../parts/table.tsx';
import {
  reveal,
  timeOf,
  useAlerts,
  useDevices,
  useLatest,
  useSelectedId,
  worstAlarm,
} from '../state/index.ts';
import { DomainChoice } from './domain-choice.tsx';
import { Named, Quiet } from './page-cells.tsx';
import { StorePage } from './store-page.tsx';

const byText = (of: (device: Device) => string) => (a: Device, b: Device) => compareNames(of(a), of(b));

/** Everything that measures: where it is, how it is, what it said last. */
export function DevicesPage() {
  const { t, language } = useTexts();
  const store = useDevices();
  // Values change four times a second; a long table may lag behind them, typing into the filter may not.
  const latest = useDeferredValue(useLatest((state) => state.byId));
  const alerts = useAlerts((state) => state.byId);
  const types = useDeviceTypes().data;
  const selectedId = useSelectedId('device');
  const [text, setText] = useState('');
  const [type, setType] = useState('all');
  const [state, setState] = useState<'all' | Device['state']>('all');
  const [domain, setDomain] = useState('all');

  const rows = useMemo(() => {
    const wanted = textFilter(text);
    return [...store.byId.values()].filter(
      (device) =>
        (type === 'all' || device.type === type) &&
        (state === 'all' || device.state === state) &&
        (domain === 'all' || device.domain === domain) &&
        wanted(device.name, device.id, device.areaName),
    );
  }, [store.byId, text, type, state, domain]);
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
        id: 'class',
        title: t('column.class'),
        sort: (a, b) => CLASSES.indexOf(a.class) - CLASSES.indexOf(b.class),
        render: (device) => t(`class.${device.class}`),
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
    <StorePage
      title={t('page.devices')}
      of={store}
      shown={rows.length}
      tools={
        <>
          <TextFilter value={text} onChange={setText} />
          <FilterChoice<string>
            label={t('column.type')}
            value={type}
            onChange={setType}
            options={[...(types?.values() ?? [])].map((one) => ({ value: one.id, label: one[language] }))}
          />
          <FilterChoice
            label={t('column.state')}
            value={state}
            onChange={setState}
            options={DEVICE_STATES.map((value) => ({ value, label: t(`deviceState.${value}`) }))}
          />
          <DomainChoice value={domain} onChange={setDomain} />
        </>
      }
      empty={
        <Empty title={t('devices.none')}>
          {t('devices.noneMore')} <code>npx haidang device add</code>
        </Empty>
      }
    >
      <Table
        label={t('page.devices')}
        rows={rows}
        columns={columns}
        sortedBy="name"
        keyOf={(device) => device.id}
        isSelected={(device) => device.id === selectedId}
        onOpen={(device) => reveal({ kind: 'device', id: device.id }, device.position)}
      />
    </StorePage>
  );
}
