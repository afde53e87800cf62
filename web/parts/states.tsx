import { IconCloudOff, IconLock } from '@tabler/icons-react';
import { type ReactNode, useEffect, useState } from 'react';
import type { Permission } from '../../core/permissions.ts';
import { errorText, useTexts } from '../i18n/index.ts';
import { isApiError, reload } from '../state/index.ts';
import { Button } from './button.tsx';
import { classes } from './classes.ts';
import css from './states.module.css';

/** An empty panel says why it is empty and, where there is one, the next step. */
export function Empty({
  title,
  children,
  compact,
}: {
  title: string;
  children?: ReactNode;
  compact?: boolean;
}) {
  return (
    <div className={classes(css.empty, compact && css.compact)}>
      <p className={css.title}>{title}</p>
      {children && <div className={css.more}>{children}</div>}
    </div>
  );
}

/** What happened, the code for whoever is called, and the way on. */
export function ErrorNote({
  error,
  onRetry,
  compact,
}: {
  error: unknown;
  onRetry?: () => void;
  compact?: boolean;
}) {
  const { t, language } = useTexts();
  const { title, code } = errorText(error, language);
  const detail = isApiError(error) ? error.detail : undefined;
  const requestId = isApiError(error) ? error.requestId : undefined;
  return (
    <div className={classes(css.error, compact && css.compact)} role="alert">
      <p className={css.title}>
        <IconCloudOff size={16} stroke={1.6} aria-hidden /> {title}
      </p>
      <p className={css.code} title={requestId ? `${t('state.requestId')} ${requestId}` : undefined}>
        {code}
        {detail && ` · ${detail}`}
      </p>
      {onRetry && (
        <Button look="link" onClick={onRetry}>
          {t('state.retry')}
        </Button>
      )}
    </div>
  );
}

/** Under the fields of a form: why it was refused; nothing as long as it was not. */
export function ErrorLine({ error }: { error: unknown }) {
  const { language } = useTexts();
  if (error === null) return null;
  const { title, code } = errorText(error, language);
  return (
    <p role="alert" className={css.line}>
      {title} <small>{code}</small>
    </p>
  );
}

/** Names who can give the permission instead of leaving a blank. */
export function NoPermission({ permission }: { permission: Permission }) {
  const { t } = useTexts();
  return (
    <div className={css.empty}>
      <p className={css.title}>
        <IconLock size={16} stroke={1.6} aria-hidden /> {t('state.noPermission')}
      </p>
      <p className={css.more}>
        {t('state.noPermissionWho')} <span className={css.code}>{permission}</span>
      </p>
    </div>
  );
}

/** Grey bars where text will be; only after 150 ms, so that a quick answer does not flicker. */
export function Skeleton({ lines = 3, height }: { lines?: number; height?: number }) {
  const { t } = useTexts();
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 150);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className={css.skeleton} aria-busy="true" aria-label={t('state.loading')} role="status">
      {shown &&
        Array.from({ length: lines }, (_, n) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: bars have no identity
          <i key={n} style={{ width: height ? '100%' : `${92 - ((n * 23) % 40)}%`, height }} />
        ))}
    </div>
  );
}

/** In place of a thing that is not in its store: not yet, or not any more. */
export function Missing({ loading, title }: { loading: boolean; title: string }) {
  return loading ? <Skeleton lines={5} /> : <Empty title={title} />;
}

/** What a list needs to know of the store whose rows it shows. */
export interface ListedStore {
  byId: ReadonlyMap<unknown, unknown>;
  status: string;
  error: unknown;
  skipped: number;
}

interface ListNotesProps {
  of: ListedStore;
  lines: number;
  /** What stands there when the store has no rows at all. */
  children: ReactNode;
}

/** What a list of a store's rows says besides them: loading, failed, incomplete, empty. */
export function ListNotes({ of: { byId, status, error, skipped }, lines, children }: ListNotesProps) {
  const { t } = useTexts();
  return (
    <>
      {skipped > 0 && <Partial>{t('state.skipped', { count: skipped })}</Partial>}
      {status === 'loading' && <Skeleton lines={lines} />}
      {status === 'error' && <ErrorNote error={error} onRetry={reload} />}
      {status === 'ready' && byId.size === 0 && children}
    </>
  );
}

/** Some of it is missing: says what, above the rest. */
export function Partial({ children }: { children: ReactNode }) {
  return (
    <p className={css.partial} role="status">
      {children}
    </p>
  );
}
