import { useQuery } from '@tanstack/react-query';
import { useEffect, useId, useState } from 'react';
import type { RequestScan } from '../../core/api/account-requests.ts';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { ErrorLine, Skeleton } from '../parts/states.tsx';
import { useAct } from '../parts/use-act.ts';
import { api } from '../state/index.ts';
import css from './accounts.module.css';
import { save } from './save.ts';

const TYPES = 'application/pdf,image/png,image/jpeg,image/webp';

/** Chooses the scan of a document. */
export function ScanChoice({ file, onChoose }: { file: File | null; onChoose(file: File | null): void }) {
  const { t } = useTexts();
  const id = useId();
  return (
    <div className={css.scan}>
      <label htmlFor={id}>{t('accounts.scan')}</label>
      <input
        id={id}
        type="file"
        accept={TYPES}
        aria-describedby={`${id}-rule`}
        onChange={(event) => onChoose(event.currentTarget.files?.[0] ?? null)}
      />
      <small id={`${id}-rule`}>{file ? size(file.size) : t('accounts.scanRule')}</small>
    </div>
  );
}

const size = (bytes: number) =>
  bytes >= 1_000_000 ? `${(bytes / 1_000_000).toFixed(1)} MB` : `${Math.max(1, Math.round(bytes / 1000))} kB`;

/** The scans of a request: pictures are shown here, everything can be saved. */
export function Scans({ requestId, files }: { requestId: number; files: readonly RequestScan[] }) {
  const { t } = useTexts();
  const [shown, setShown] = useState<string | null>(null);
  const act = useAct<string>();
  if (files.length === 0) return <p className={css.quiet}>{t('accounts.noScan')}</p>;
  const keep = (file: RequestScan) =>
    act.run(file.id, async () => save((await api.scan(requestId, file.id)).blob, file.name));
  return (
    <ul className={css.files}>
      {files.map((file) => (
        <li key={file.id}>
          <span>{file.name}</span> <small>{`${size(file.sizeBytes)} · ${file.uploadedBy}`}</small>
          {file.mediaType !== 'application/pdf' && (
            <Button
              look="link"
              aria-expanded={shown === file.id}
              onClick={() => setShown(shown === file.id ? null : file.id)}
            >
              {t(shown === file.id ? 'accounts.hideScan' : 'accounts.viewScan')}
            </Button>
          )}
          <Button look="link" busy={act.busy === file.id} onClick={() => void keep(file)}>
            {t('accounts.saveScan')}
          </Button>
          {shown === file.id && <Picture requestId={requestId} file={file} />}
        </li>
      ))}
      <ErrorLine error={act.error} />
    </ul>
  );
}

function Picture({ requestId, file }: { requestId: number; file: RequestScan }) {
  const { data, error } = useQuery({
    queryKey: ['account-scan', requestId, file.id],
    queryFn: async () => (await api.scan(requestId, file.id)).blob,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (!data) return;
    const made = URL.createObjectURL(data);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [data]);
  if (error) return <ErrorLine error={error} />;
  return url ? (
    <img className={css.picture} src={url} alt={file.name} />
  ) : (
    <Skeleton height={200} lines={1} />
  );
}
