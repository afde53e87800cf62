import { useState } from 'react';
import { useTexts } from '../i18n/index.ts';
import { useMay } from '../state/index.ts';
import css from './accounts.module.css';
import { Register } from './register.tsx';
import { Requests } from './requests.tsx';
import { Review } from './review.tsx';

type View = 'requests' | 'register' | 'review';

/** Accounts on written request: what is asked, what was done on which document, and what is still needed. */
export function AccountsPage() {
  const { t } = useTexts();
  const mayRead = useMay('accounts.read');
  const mayReview = useMay('accounts.review');
  const views: View[] = [
    'requests',
    ...(mayRead ? (['register'] as const) : []),
    ...(mayReview ? (['review'] as const) : []),
  ];
  const [view, setView] = useState<View>('requests');
  const tabs = views.length > 1 && (
    <div role="tablist" aria-label={t('page.accounts')} className={css.tabs}>
      {views.map((one) => (
        <button
          key={one}
          type="button"
          role="tab"
          aria-selected={view === one}
          tabIndex={view === one ? 0 : -1}
          onClick={() => setView(one)}
          onKeyDown={(event) => {
            const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
            const next = views[(views.indexOf(one) + by + views.length) % views.length];
            if (by === 0 || !next) return;
            setView(next);
            const tab = event.currentTarget.parentElement?.children[views.indexOf(next)];
            if (tab instanceof HTMLElement) tab.focus();
          }}
        >
          {t(`accounts.tab.${one}`)}
        </button>
      ))}
    </div>
  );
  const shown = { requests: Requests, register: Register, review: Review } as const;
  const Shown = shown[view];
  return <Shown tabs={tabs || null} />;
}
