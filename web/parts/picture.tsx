import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { api, useNow } from '../state/index.ts';
import { Age } from './age.tsx';
import css from './picture.module.css';
import { ErrorNote, Skeleton } from './states.tsx';

interface PictureProps {
  url: string;
  alt: string;
  /** When the picture was taken, if the caller knows; otherwise the answer's headers say it. */
  takenAtMs?: number;
  /** Fetch again every so often while mounted and visible; absent = a stored picture that does not change. */
  refreshMs?: number;
  caption?: ReactNode;
  className?: string;
}

/** A picture that needs the bearer token. Its age is always beside it: a stale picture never looks fresh. */
export function Picture({ url, alt, takenAtMs, refreshMs, caption, className }: PictureProps) {
  const { data, error, refetch } = useQuery({
    queryKey: ['picture', url],
    queryFn: async ({ signal }) => {
      const { blob, headers } = await api.picture(url, signal);
      return { blob, takenAtMs: takenAt(headers) };
    },
    ...(refreshMs
      ? { refetchInterval: refreshMs, staleTime: refreshMs }
      : { staleTime: Number.POSITIVE_INFINITY }),
    gcTime: 60_000,
    retry: false,
  });
  const source = useObjectUrl(data?.blob);
  const shownMs = takenAtMs ?? data?.takenAtMs ?? null;
  if (error && !data) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  return (
    <figure className={`${css.picture} ${className ?? ''}`}>
      {source ? <img src={source} alt={alt} draggable={false} /> : <Skeleton lines={1} height={96} />}
      {source && (
        <figcaption className={css.caption}>
          <span>{caption ?? alt}</span>
          {shownMs !== null && <FrameAge takenAtMs={shownMs} live={refreshMs !== undefined} />}
        </figcaption>
      )}
    </figure>
  );
}

/** The age of a frame; it stands out once it is older than a live picture should be. */
function FrameAge({ takenAtMs, live }: { takenAtMs: number; live: boolean }) {
  const stale = useNow(1000) - takenAtMs > 15_000;
  return <Age ago sinceMs={takenAtMs} className={live && stale ? css.stale : undefined} />;
}

function takenAt(headers: Headers): number | null {
  const ms = Date.parse(headers.get('x-taken-at') ?? headers.get('last-modified') ?? '');
  return Number.isFinite(ms) ? ms : null;
}

function useObjectUrl(blob: Blob | undefined): string | undefined {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    if (!blob) return;
    const made = URL.createObjectURL(blob);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [blob]);
  return url;
}
