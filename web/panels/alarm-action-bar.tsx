import { type KeyboardEvent, useState } from 'react';
import { type TextKey, useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { classes } from '../parts/classes.ts';
import { ErrorNote } from '../parts/states.tsx';
import { useMay } from '../state/index.ts';
import css from './alarm-action-bar.module.css';
import type { AlarmActs } from './alarm-acts.ts';
import detail from './detail.module.css';

interface ActionBarProps {
  acts: AlarmActs;
  writing: 'comment' | 'resolve' | null;
  onWrite(what: 'comment' | 'resolve' | null): void;
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
            </>
          )}
        </div>
      )}
    </footer>
  );
}

const WORDS = {
  comment: { label: 'alarms.commentLabel', send: 'act.send' },
  resolve: { label: 'alarms.resolveLabel', send: 'act.resolve' },
} as const satisfies Record<string, Record<string, TextKey>>;

/** A comment, or the reason without which nothing is closed by hand. */
function Writing({ what, acts, onClose }: { what: 'comment' | 'resolve'; acts: AlarmActs; onClose(): void }) {
  const { t } = useTexts();
  const [text, setText] = useState('');
  const trimmed = text.trim();
  const send = async () => {
    if (trimmed === '' || acts.busy !== null) return;
    if (await (what === 'comment' ? acts.comment(trimmed) : acts.resolve(trimmed))) onClose();
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
