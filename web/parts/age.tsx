import { age, dateTime } from '../i18n/format.ts';
import { useTexts } from '../i18n/index.ts';
import { useNow } from '../state/index.ts';

/** How long ago, ticking; the exact time is in the tooltip and for screen readers. */
export function Age({ sinceMs, className }: { sinceMs: number; className?: string | undefined }) {
  const { language, timeZone } = useTexts();
  // Seconds matter only while there are few of them.
  const now = useNow(1000);
  return (
    <time
      className={className}
      dateTime={new Date(sinceMs).toISOString()}
      title={dateTime(sinceMs, timeZone)}
    >
      {age(now - sinceMs, language)}
    </time>
  );
}
