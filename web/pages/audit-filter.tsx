import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { formatNumber } from '../../core/format.ts';
import { useTexts } from '../i18n/index.ts';
import { Choice } from '../parts/page.tsx';
import { api, serverNow } from '../state/index.ts';
import css from './audit-filter.module.css';
import { actionWord, objectWord } from './audit-words.ts';
import { useChainName } from './use-chain-name.ts';

const PERIODS = ['day', 'week', 'month', 'all', 'days'] as const;
type Period = (typeof PERIODS)[number];
const HOURS: Partial<Record<Period, number>> = { day: 24, week: 168, month: 720 };
const HOUR_MS = 3_600_000;
/** A search per letter would be a search per entry in the trail itself. */
const SETTLE_MS = 500;

export interface AuditAsked {
  period: Period;
  /** First and last day, `YYYY-MM-DD`, for the period `days`. */
  first: string;
  last: string;
  actor: string;
  action: string;
  objectType: string;
  objectId: string;
  chain: string;
}

export const NOTHING_ASKED: AuditAsked = {
  period: 'week',
  first: '',
  last: '',
  actor: '',
  action: 'all',
  objectType: 'all',
  objectId: '',
  chain: 'all',
};

/** The filter as the API has it; periods that end now begin at the full minute, so that the question stays one. */
export function auditQueryOf(asked: AuditAsked, timeZone: string) {
  const hours = HOURS[asked.period];
  const minute = Math.floor(serverNow() / 60_000) * 60_000;
  const chosen = (value: string) => (value === 'all' || value === '' ? undefined : value);
  const isDays = asked.period === 'days';
  return {
    from:
      hours !== undefined
        ? new Date(minute - hours * HOUR_MS).toISOString()
        : isDays
          ? midnight(asked.first, timeZone)
          : undefined,
    to: isDays ? midnight(asked.last, timeZone, 1) : undefined,
    actor: chosen(asked.actor.trim()),
    action: chosen(asked.action),
    objectType: chosen(asked.objectType),
    objectId: chosen(asked.objectId.trim()),
    chain: chosen(asked.chain),
  };
}

/** The beginning of a day on the centre's wall clock, so many days later; undefined for no day. */
function midnight(day: string, timeZone: string, daysLater = 0): string | undefined {
  const utcMs = Date.parse(`${day}T00:00:00Z`);
  if (!Number.isFinite(utcMs)) return undefined;
  const guessMs = utcMs + daysLater * 24 * HOUR_MS;
  const wall = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  const shiftMs = Date.parse(`${wall.format(guessMs).replace(' ', 'T')}Z`) - guessMs;
  return new Date(guessMs - shiftMs).toISOString();
}

/** What the trail is narrowed by; the choices are those that occur in what is asked for, with their number. */
export function AuditFilter({ asked, onChange }: { asked: AuditAsked; onChange(asked: AuditAsked): void }) {
  const { t, language, timeZone } = useTexts();
  const chainName = useChainName();
  // Over the whole period and person: what was chosen beside must stay changeable.
  const { from, to, actor } = auditQueryOf(asked, timeZone);
  const { data } = useQuery({
    queryKey: ['audit-facets', from, to, actor],
    queryFn: ({ signal }) => api.auditFacets({ from, to, actor }, signal),
    placeholderData: (before) => before,
  });
  const options = (
    facet: readonly { id: string; count: number }[] | undefined,
    chosen: string,
    say: (id: string) => string,
  ) => [
    { value: 'all', label: t('filter.all') },
    ...(facet ?? []).map(({ id, count }) => ({
      value: id,
      label: `${say(id)} (${formatNumber(count, 0, language)}${data?.isCut ? '+' : ''})`,
    })),
    // A choice that nothing answers to any more is still the choice.
    ...(chosen === 'all' || facet?.some(({ id }) => id === chosen)
      ? []
      : [{ value: chosen, label: say(chosen) }]),
  ];
  const set = (change: Partial<AuditAsked>) => onChange({ ...asked, ...change });
  return (
    <div className={css.filter}>
      <Choice
        label={t('audit.period')}
        value={asked.period}
        options={PERIODS.map((period) => ({ value: period, label: t(`audit.period.${period}`) }))}
        onChange={(period) => set({ period })}
      />
      {asked.period === 'days' && (
        <>
          <Day label={t('audit.first')} value={asked.first} onChange={(first) => set({ first })} />
          <Day label={t('audit.last')} value={asked.last} onChange={(last) => set({ last })} />
        </>
      )}
      <Words
        label={t('audit.column.actor')}
        value={asked.actor}
        known={data?.actors.map(({ id }) => id) ?? []}
        onChange={(next) => set({ actor: next })}
      />
      <Choice
        label={t('audit.column.action')}
        value={asked.action}
        options={options(data?.actions, asked.action, (id) => actionWord(id, language))}
        onChange={(action) => set({ action })}
      />
      <Choice
        label={t('audit.column.object')}
        value={asked.objectType}
        options={options(data?.objects, asked.objectType, (id) => objectWord(id, language))}
        onChange={(objectType) => set({ objectType })}
      />
      <Words label={t('audit.objectId')} value={asked.objectId} onChange={(objectId) => set({ objectId })} />
      <Choice
        label={t('audit.chain')}
        value={asked.chain}
        options={options(data?.chains, asked.chain, chainName)}
        onChange={(chain) => set({ chain })}
      />
    </div>
  );
}

function Day({ label, value, onChange }: { label: string; value: string; onChange(value: string): void }) {
  return (
    <label className={css.field}>
      <span>{label}</span>
      <input type="date" value={value} onChange={(event) => onChange(event.currentTarget.value)} />
    </label>
  );
}

/** A field whose text counts when the typing has stopped for a moment, or with Enter. */
function Words({
  label,
  value,
  known = [],
  onChange,
}: {
  label: string;
  value: string;
  known?: readonly string[];
  onChange(value: string): void;
}) {
  const [text, setText] = useState(value);
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onChange(text), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [text, value, onChange]);
  const listId = `known-${label}`;
  return (
    <label className={css.field}>
      <span>{label}</span>
      <input
        type="search"
        value={text}
        maxLength={200}
        list={known.length > 0 ? listId : undefined}
        autoComplete="off"
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') onChange(text);
        }}
      />
      {known.length > 0 && (
        <datalist id={listId}>
          {known.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      )}
    </label>
  );
}
