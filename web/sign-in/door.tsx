import { IconMoon, IconSun } from '@tabler/icons-react';
import { type ReactNode, useEffect } from 'react';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { Lighthouse } from '../shell/lighthouse.tsx';
import { useConnection, useUi } from '../state/index.ts';
import css from './sign-in.module.css';

/** The frame of everything that comes before the room: whose centre this is, language and theme. */
export function Door({ children }: { children: ReactNode }) {
  const { t, language, nameOf } = useTexts();
  const centre = useConnection((state) => state.centre);
  const theme = useUi((state) => state.theme);
  useEffect(() => {
    document.title = centre ? `${centre.shortVi} · Hải Đăng` : 'Hải Đăng';
  }, [centre]);
  return (
    <div className={css.page}>
      <main className={css.card}>
        <Lighthouse size={44} />
        <h1>{centre ? nameOf(centre) : 'Hải Đăng'}</h1>
        {centre && (
          <p className={css.place}>
            {nameOf(centre.province)} · {nameOf(centre.supervisingAgency)}
          </p>
        )}
        {centre?.demo && <p className={css.demo}>{t('signIn.demo')}</p>}
        {children}
      </main>
      <footer className={css.foot}>
        <button
          type="button"
          lang="vi"
          aria-pressed={language === 'vi'}
          onClick={() => useUi.setState({ language: 'vi' })}
        >
          Tiếng Việt
        </button>
        <button
          type="button"
          lang="en"
          aria-pressed={language === 'en'}
          onClick={() => useUi.setState({ language: 'en' })}
        >
          English
        </button>
        <Button
          look="icon"
          aria-label={theme === 'dark' ? t('theme.light') : t('theme.dark')}
          onClick={() => useUi.setState({ theme: theme === 'dark' ? 'light' : 'dark' })}
          icon={theme === 'dark' ? <IconSun size={16} stroke={1.6} /> : <IconMoon size={16} stroke={1.6} />}
        />
      </footer>
    </div>
  );
}
