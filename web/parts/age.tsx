import { age, dateTime } from '../i18n/format.ts';
import { useTexts } from '../i18n/index.ts';
import { useNow } from '../state/index.ts';

interface AgeProps {
  sinceMs: number;
  /** Inside a sentence: `2 ph trước`, `2 min ago`. */
  ago?: boolean;
  className?: string | undefined;
}

/** How long ago, ticking; the exact time is in the tooltip. */
export function Age({ sinceMs, ago, className }: AgeProps) {
  const { t, language, timeZone } = useTexts();
  // Seconds matter only while there are few of them.
  const now = useNow(1000);
  const text = age(now - sinceMs, language);
  return (
    <time
      className={className}
      dateTime={new Date(sinceMs).toISOString()}
      title={dateTime(sinceMs, timeZone)}
    >
      {ago ? t('age.ago', { age: text }) : text}
    </time>
  );
}
