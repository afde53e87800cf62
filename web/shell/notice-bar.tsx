import { useEffect, useState } from 'react';
import { errorText, useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { classes } from '../parts/classes.ts';
import css from './notice-bar.module.css';
import { dismiss, notify, useNotices } from './notices.ts';

/** What was just done and, for ten seconds, the way back. */
export function NoticeBar() {
  const { t, language } = useTexts();
  const notice = useNotices((state) => state.notice);
  const [busy, setBusy] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new notice starts unbusy
  useEffect(() => setBusy(false), [notice?.serial]);
  if (!notice) return null;
  const { undo } = notice;
  const takeBack = async () => {
    if (!undo) return;
    setBusy(true);
    try {
      await undo();
      dismiss(notice.serial);
    } catch (error) {
      notify(errorText(error, language).title, { error: true });
    }
  };
  return (
    <div className={classes(css.notice, notice.error && css.error)} role="status" key={notice.serial}>
      <span>{notice.text}</span>
      {undo && (
        <Button look="link" busy={busy} onClick={() => void takeBack()}>
          {t('notice.undo')}
        </Button>
      )}
      {undo && <i className={css.left} />}
    </div>
  );
}
