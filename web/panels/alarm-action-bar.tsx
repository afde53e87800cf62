import { type KeyboardEvent, useState } from 'react';
import { formatSpan } from '../../core/format.ts';
import { type TextKey, useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { classes } from '../parts/classes.ts';
import { Choice } from '../parts/page.tsx';
import { ErrorNote } from '../parts/states.tsx';
import { useMay } from '../state/index.ts';
import css from './alarm-action-bar.module.css';
import type { AlarmActs } from './alarm-acts.ts';
import detail from './detail.module.css';

type WritingWhat = 'comment' | 'resolve' | 'shelve';

interface ActionBarProps {
  acts: AlarmActs;
  writing: WritingWhat | null;
  onWrite(what: WritingWhat | null): void;
  /** Absent when there is nothing to dispatch to. */
  onDispatch: (() => void) | undefined;
}

/** The four acts, each with its key, at one place that never scrolls away. */
export function AlarmActionBar({ acts, writing, onWrite, onDispatch }: ActionBarProps) {
  const { t } = useTexts();
  const mayOperate = useMay('alerts.operate');
  const mayDispatch = useMay('dispatch.operate');
  if (!mayOperate && !mayDispatch) {
    return <p className={classes(detail.foot, css.readOnly)}>{t('alarms.readOnly')}</p>;
  }
  return (
    <footer className={detail.foot}>
      {acts.error !== null && <ErrorNote compact error={acts.error} onRetry={acts.clearError} />}
      {writing ? (
        <Writing key={writing} what={writing} acts={acts} onClose={() => onWrite(null)} />
      ) : (
        <div className={css.acts}>
          {mayOperate && (
            <Button
              look={acts.canAcknowledge ? 'primary' : 'plain'}
              hint="A"
              busy={acts.busy === 'acknowledge'}
              disabled={!acts.canAcknowledge}
              onClick={() => void acts.acknowledge()}
            >
              {t('act.acknowledge')}
            </Button>
          )}
          {mayDispatch && (
            <Button
              look={acts.canAcknowledge || !onDispatch ? 'plain' : 'primary'}
              hint="D"
              disabled={!onDispatch}
              onClick={onDispatch}
            >
              {t('act.dispatch')}
            </Button>
          )}
          {mayOperate && (
            <>
              <Button hint="C" onClick={() => onWrite('comment')}>
                {t('act.comment')}
              </Button>
              <Button hint="R" disabled={!acts.canResolve} onClick={() => onWrite('resolve')}>
                {t('act.resolve')}
              </Button>
              {acts.unshelve ? (
                <Button busy={acts.busy === 'unshelve'} onClick={() => void acts.unshelve?.()}>
                  {t('act.unshelve')}
                </Button>
              ) : (
                <Button hint="S" disabled={!acts.shelve} onClick={() => onWrite('shelve')}>
                  {t('act.shelve')}
                </Button>
              )}
            </>
          )}
        </div>
      )}
    </footer>
  );
}

/** Offered as far as the severity allows. */
const SHELF_MINUTES = [15, 30, 60, 120, 240, 480, 720, 1440];

const WORDS = {
  comment: { label: 'alarms.commentLabel', send: 'act.send' },
  resolve: { label: 'alarms.resolveLabel', send: 'act.resolve' },
  shelve: { label: 'alarms.shelveLabel', send: 'act.shelve' },
} as const satisfies Record<string, Record<string, TextKey>>;

/** A comment, or the reason without which nothing is closed by hand. */
function Writing({ what, acts, onClose }: { what: WritingWhat; acts: AlarmActs; onClose(): void }) {
  const { t, language } = useTexts();
  const [text, setText] = useState('');
  const spans = SHELF_MINUTES.filter((minutes) => minutes <= acts.mostMinutes);
  const [minutes, setMinutes] = useState(spans[0] ?? 15);
  const trimmed = text.trim();
  const send = async () => {
    if (trimmed === '' || acts.busy !== null) return;
    const work = {
      comment: () => acts.comment(trimmed),
      resolve: () => acts.resolve(trimmed),
      shelve: async () => (await acts.shelve?.(trimmed, minutes)) ?? false,
    };
    if (await work[what]()) onClose();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      onClose();
    } else if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      void send();
    }
  };
  return (
    <div className={css.writing}>
      <textarea
        // biome-ignore lint/a11y/noAutofocus: the operator just asked to write here
        autoFocus
        rows={2}
        maxLength={2000}
        value={text}
        aria-label={t(WORDS[what].label)}
        placeholder={t(WORDS[what].label)}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <div className={css.row}>
        {what === 'shelve' && (
          <Choice
            label={t('alarms.shelveFor')}
            value={String(minutes)}
            options={spans.map((span) => ({ value: String(span), label: formatSpan(span * 60, language) }))}
            onChange={(value) => setMinutes(Number(value))}
          />
        )}
        <Button
          look="primary"
          hint="Enter"
          disabled={trimmed === ''}
          busy={acts.busy === what}
          onClick={() => void send()}
        >
          {t(WORDS[what].send)}
        </Button>
        <Button hint="Esc" onClick={onClose}>
          {t('act.cancel')}
        </Button>
      </div>
    </div>
  );
}
