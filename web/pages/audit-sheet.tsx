import type { AuditItem } from '../../core/api/audit.ts';
import { dateTime } from '../i18n/format.ts';
import { type TextKey, useTexts } from '../i18n/index.ts';
import { timeOf } from '../state/index.ts';
import css from './audit-sheet.module.css';
import { actionWord, changesOf, fieldWord, objectWord } from './audit-words.ts';

/** What is longer is broken into lines. */
const LINE_CHARS = 80;

/** One entry whole: who, on whose behalf, from where, why, and what was before and after. */
export function AuditSheet({ item, chainName }: { item: AuditItem; chainName(chain: string): string }) {
  const { t, language, timeZone } = useTexts();
  const say = (value: unknown): string => {
    if (value === null || value === undefined) return '–';
    if (typeof value === 'boolean') return t(value ? 'audit.yes' : 'audit.no');
    if (typeof value === 'string' || typeof value === 'number') return String(value);
    const line = JSON.stringify(value);
    return line.length <= LINE_CHARS ? line : JSON.stringify(value, null, 1);
  };
  const changes = changesOf(item.before, item.after, say);
  const hasBefore = changes.some(({ before }) => before !== null);
  const facts: readonly (readonly [TextKey, string | null | undefined])[] = [
    ['audit.onBehalf', item.onBehalfOf?.name],
    ['audit.object', item.object && `${objectWord(item.object.type, language)} ${item.object.id}`],
    ['audit.place', item.areaName ?? item.areaId],
    ['audit.reason', item.reason],
    ['audit.ip', item.ip],
    ['audit.session', item.sessionId],
    ['audit.request', item.requestId],
    ['audit.entry', `${chainName(item.chain)} · ${item.seq}`],
    ['audit.hash', item.hash],
  ];
  return (
    <section className={css.sheet} aria-label={t('audit.details')}>
      <header className={css.head}>
        <h2>{actionWord(item.action, language)}</h2>
        <span>
          {item.actor.name} · {dateTime(timeOf(item.at), timeZone)}
        </span>
      </header>
      <div className={css.parts}>
        {changes.length > 0 && (
          <table className={css.changes}>
            <thead>
              <tr>
                <th scope="col">{t('audit.field')}</th>
                {hasBefore && <th scope="col">{t('audit.before')}</th>}
                <th scope="col">{t(hasBefore ? 'audit.after' : 'audit.value')}</th>
              </tr>
            </thead>
            <tbody>
              {changes.map(({ field, before, after }) => (
                <tr key={field}>
                  <th scope="row">{fieldWord(field, language)}</th>
                  {hasBefore && <td>{before === null ? null : <del className={css.gone}>{before}</del>}</td>}
                  <td>{after === null ? null : <ins className={css.come}>{after}</ins>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        <dl className={css.facts}>
          {facts.map(
            ([label, value]) =>
              value && (
                <div key={label}>
                  <dt>{t(label)}</dt>
                  <dd>{value}</dd>
                </div>
              ),
          )}
        </dl>
      </div>
    </section>
  );
}
